package org.keymoot.cli;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keymoot.api.gateway.v1.AuditRecord;
import org.keymoot.api.gateway.v1.AuditRequest;
import org.keymoot.platform.audit.AuditChain;
import org.keymoot.platform.audit.AuditVerdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Fetches all parties' audit chains, checks each from its first record, and holds them against each other.
@Command(
        name = "verify",
        description = "Check every party's audit chain, and that the parties' records agree with each other.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot audit verify           exit code 7 when a record is missing, changed or contradicted",
            "  keymoot audit verify --json",
            "",
        })
final class AuditVerifyCommand extends BaseCommand {
    /// Records asked for at once.
    private static final int PAGE = 1000;

    @Mixin
    ClusterOption which = new ClusterOption();

    @Override
    public Integer call() throws IOException {
        OperatedCluster cluster = which.cluster();
        Map<Integer, List<org.keymoot.platform.audit.AuditRecord>> chains = new LinkedHashMap<>();
        List<String> unreachable = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        List<Map<String, Object>> summary = new ArrayList<>();
        for (int party : cluster.partyIndices()) {
            try {
                List<org.keymoot.platform.audit.AuditRecord> records = new ArrayList<>();
                fetch(cluster, party, records);
                AuditVerdict verdict = AuditChain.verify(records, 1, new byte[32]);
                AuditVerdict.Fault fault = verdict.fault();
                if (fault != null) {
                    faults.add("party %d: record %d %s".formatted(party, fault.sequence(), fault.reason()));
                }
                chains.put(party, records);
                summary.add(Map.of(
                        "party", party,
                        "records", verdict.records(),
                        "head", HexFormat.of().formatHex(verdict.head())));
            } catch (StatusRuntimeException e) {
                unreachable.add("party %d: %s".formatted(party, OperatorClient.reason(e)));
            } catch (IllegalArgumentException e) {
                faults.add("party %d sent something that is no audit record: %s".formatted(party, e.getMessage()));
            }
        }
        faults.addAll(AuditComparison.contradictions(chains, extended(cluster, chains)));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("parties", summary);
        json.put("faults", faults);
        json.put("unreachable", unreachable);
        json.put("intact", faults.isEmpty() && unreachable.isEmpty());
        output.result(out(), json, () -> text(summary, faults, unreachable));
        if (!faults.isEmpty()) {
            return ExitCode.INTEGRITY.code();
        }
        return (unreachable.isEmpty() ? ExitCode.OK : ExitCode.NOT_ENOUGH_PARTIES).code();
    }

    /// The chains with what was appended since they were fetched. A party's record of a finished session is judged
    /// only if it was there the first time, so that each other party's part in it, which is older, is in its chain
    /// by now.
    private static Map<Integer, List<org.keymoot.platform.audit.AuditRecord>> extended(
            OperatedCluster cluster, Map<Integer, List<org.keymoot.platform.audit.AuditRecord>> chains) {
        Map<Integer, List<org.keymoot.platform.audit.AuditRecord>> extended = new LinkedHashMap<>();
        chains.forEach((party, records) -> {
            List<org.keymoot.platform.audit.AuditRecord> longer = new ArrayList<>(records);
            try {
                fetch(cluster, party, longer);
                extended.put(party, longer);
            } catch (StatusRuntimeException e) {
                // It went away in between: what others say of it is not held against it.
            }
        });
        return extended;
    }

    /// Appends to `records` what the party has after them.
    private static void fetch(
            OperatedCluster cluster, int party, List<org.keymoot.platform.audit.AuditRecord> records) {
        try (OperatorClient client = cluster.connect(party)) {
            while (true) {
                int before = records.size();
                Iterator<AuditRecord> page = client.calls()
                        .audit(AuditRequest.newBuilder()
                                .setFirstSequence(before + 1L)
                                .setLimit(PAGE)
                                .build());
                page.forEachRemaining(record -> records.add(org.keymoot.platform.audit.AuditRecord.of(
                        record.getJson().toByteArray())));
                if (records.size() - before < PAGE) {
                    return;
                }
            }
        }
    }

    private static String text(List<Map<String, Object>> summary, List<String> faults, List<String> unreachable) {
        StringBuilder text = new StringBuilder();
        for (Map<String, Object> party : summary) {
            text.append("party %s: %s records, head %s%n"
                    .formatted(party.get("party"), party.get("records"), party.get("head")));
        }
        unreachable.forEach(line -> text.append("not checked, ").append(line).append('\n'));
        faults.forEach(line -> text.append("FAULT ").append(line).append('\n'));
        if (!faults.isEmpty()) {
            text.append("the chains do not hold");
        } else if (!unreachable.isEmpty()) {
            text.append("what could be fetched holds; some parties were not checked");
        } else {
            text.append("all chains hold and agree");
        }
        return text.toString();
    }
}

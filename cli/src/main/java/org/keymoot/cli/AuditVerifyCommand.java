package org.keymoot.cli;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keymoot.platform.audit.AuditRecord;
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
    @Mixin
    ClusterOption which = new ClusterOption();

    @Override
    public Integer call() throws IOException {
        OperatedCluster cluster = which.cluster();
        AuditChains chains = AuditChains.fetch(cluster, cluster.partyIndices());
        List<String> faults = new ArrayList<>(chains.faults());
        List<String> unreachable = chains.unreachable();
        List<Map<String, Object>> summary = new ArrayList<>();
        chains.verdicts()
                .forEach((party, verdict) -> summary.add(Map.of(
                        "party", party,
                        "records", verdict.records(),
                        "head", HexFormat.of().formatHex(verdict.head()))));
        faults.addAll(AuditComparison.contradictions(chains.records(), extended(cluster, chains.records())));
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
    private static Map<Integer, List<AuditRecord>> extended(
            OperatedCluster cluster, Map<Integer, List<AuditRecord>> chains) {
        Map<Integer, List<AuditRecord>> extended = new LinkedHashMap<>();
        chains.forEach((party, records) -> {
            List<AuditRecord> longer = new ArrayList<>(records);
            try {
                AuditChains.extend(cluster, party, longer);
                extended.put(party, longer);
            } catch (StatusRuntimeException e) {
                // It went away in between: what others say of it is not held against it.
            }
        });
        return extended;
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

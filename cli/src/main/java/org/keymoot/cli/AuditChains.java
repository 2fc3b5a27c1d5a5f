package org.keymoot.cli;

import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keymoot.api.gateway.v1.AuditRequest;
import org.keymoot.platform.audit.AuditChain;
import org.keymoot.platform.audit.AuditRecord;
import org.keymoot.platform.audit.AuditVerdict;

/// The audit chains of several parties, fetched whole and each checked from its first record on.
///
/// It keeps true: a party is in `verdicts` exactly when its chain could be fetched, and in `faults` or `unreachable`
/// when something is wrong with it.
///
/// @param records each party's, in order
/// @param faults one line for each chain that does not hold
/// @param unreachable one line for each party that gave none
record AuditChains(
        Map<Integer, List<AuditRecord>> records,
        Map<Integer, AuditVerdict> verdicts,
        List<String> faults,
        List<String> unreachable) {

    /// Records asked for at once.
    private static final int PAGE = 1000;

    static AuditChains fetch(OperatedCluster cluster, Collection<Integer> parties) {
        AuditChains chains =
                new AuditChains(new LinkedHashMap<>(), new LinkedHashMap<>(), new ArrayList<>(), new ArrayList<>());
        for (int party : parties) {
            chains.add(cluster, party);
        }
        return chains;
    }

    private void add(OperatedCluster cluster, int party) {
        try {
            List<AuditRecord> fetched = new ArrayList<>();
            extend(cluster, party, fetched);
            AuditVerdict verdict = AuditChain.verify(fetched, 1, new byte[32]);
            AuditVerdict.Fault fault = verdict.fault();
            if (fault != null) {
                faults.add("party %d: record %d %s".formatted(party, fault.sequence(), fault.reason()));
            }
            records.put(party, fetched);
            verdicts.put(party, verdict);
        } catch (StatusRuntimeException e) {
            unreachable.add("party %d: %s".formatted(party, OperatorClient.reason(e)));
        } catch (IllegalArgumentException e) {
            faults.add("party %d sent something that is no audit record: %s".formatted(party, e.getMessage()));
        }
    }

    /// Appends to `records` what the party has after them.
    static void extend(OperatedCluster cluster, int party, List<AuditRecord> records) {
        try (OperatorClient client = cluster.connect(party)) {
            while (true) {
                int before = records.size();
                Iterator<org.keymoot.api.gateway.v1.AuditRecord> page = client.calls()
                        .audit(AuditRequest.newBuilder()
                                .setFirstSequence(before + 1L)
                                .setLimit(PAGE)
                                .build());
                page.forEachRemaining(
                        record -> records.add(AuditRecord.of(record.getJson().toByteArray())));
                if (records.size() - before < PAGE) {
                    return;
                }
            }
        }
    }
}

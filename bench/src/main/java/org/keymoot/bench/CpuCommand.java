package org.keymoot.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.keymoot.crypto.group.GroupId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/// Processor time of one party in each protocol, beside single-key signatures in the same run.
///
/// Rounds of small batches of every subject follow each other, so that a disturbance of the machine falls on subjects
/// and controls alike; the first half of the rounds warms up, and the median of the others is shown.
@Command(
        name = "cpu",
        mixinStandardHelpOptions = true,
        description = "Processor time of one party in each protocol, 2 of 3 parties, beside controls.")
final class CpuCommand implements Callable<Integer> {
    @Option(names = "--rounds", description = "Rounds of all batches, half of them warm-up (default ${DEFAULT-VALUE}).")
    int rounds = 40;

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    /// One batch; returns the microseconds of one operation.
    @FunctionalInterface
    private interface Batch {
        double run() throws Exception;
    }

    /// @param targetMicros 0 for a control
    /// @param control the subject that it is compared with
    private record Subject(String name, double targetMicros, String control, Batch batch) {}

    private static final String BC_SIGNATURE = "control: BouncyCastle ECDSA signature, one key";
    private static final String BC_BASE = "control: BouncyCastle base multiplication";
    private static final String BC_ARBITRARY = "control: BouncyCastle multiplication";
    private static final String JDK_ED25519 = "control: JDK Ed25519 signature, one key";

    @Override
    public Integer call() throws Exception {
        try (Workload work = new Workload();
                Controls controls = new Controls()) {
            List<Subject> subjects = List.of(
                    new Subject(BC_SIGNATURE, 0, BC_SIGNATURE, () -> controls.bouncyCastleSignature(200)),
                    new Subject(JDK_ED25519, 0, JDK_ED25519, () -> controls.jdkEd25519Signature(50)),
                    new Subject(BC_BASE, 0, BC_BASE, () -> controls.bouncyCastleBase(200)),
                    new Subject(BC_ARBITRARY, 0, BC_ARBITRARY, () -> controls.bouncyCastleArbitrary(200)),
                    new Subject("secp256k1 base multiplication", 36, BC_BASE, () -> controls.ownBase(200)),
                    new Subject(
                            "secp256k1 arbitrary multiplication", 80, BC_ARBITRARY, () -> controls.ownArbitrary(200)),
                    new Subject(
                            "pair set-up",
                            120_000,
                            BC_SIGNATURE,
                            () -> work.pairSetUp().microsPerParty()),
                    new Subject(
                            "new key, secp256k1",
                            10_000,
                            BC_SIGNATURE,
                            () -> work.newKeys(GroupId.SECP256K1, 10).microsPerParty()),
                    new Subject(
                            "new key, Ed25519",
                            10_000,
                            BC_SIGNATURE,
                            () -> work.newKeys(GroupId.ED25519, 10).microsPerParty()),
                    new Subject(
                            "ECDSA signature",
                            3000,
                            BC_SIGNATURE,
                            () -> work.ecdsaSignatures(GroupId.SECP256K1, 20).microsPerParty()),
                    new Subject(
                            "ECDSA presignature",
                            3000,
                            BC_SIGNATURE,
                            () -> work.presignatures(GroupId.SECP256K1, 20).microsPerParty()),
                    new Subject(
                            "ECDSA signature from a presignature",
                            500,
                            BC_SIGNATURE,
                            () -> work.fromStock(GroupId.SECP256K1, 20).microsPerParty()),
                    new Subject(
                            "FROST Ed25519 signature",
                            600,
                            JDK_ED25519,
                            () -> work.frostSignatures(50).microsPerParty()),
                    new Subject(
                            "threshold PRF evaluation",
                            500,
                            JDK_ED25519,
                            () -> work.evaluations(GroupId.RISTRETTO255, 50).microsPerParty()),
                    new Subject(
                            "threshold ECDH, P-256",
                            1000,
                            BC_SIGNATURE,
                            () -> work.evaluations(GroupId.P256, 20).microsPerParty()));
            Map<String, List<Double>> found = new LinkedHashMap<>();
            for (int round = 0; round < rounds; round++) {
                for (Subject subject : subjects) {
                    double micros = subject.batch().run();
                    if (round >= rounds / 2) {
                        found.computeIfAbsent(subject.name(), any -> new ArrayList<>())
                                .add(micros);
                    }
                }
            }
            print(subjects, found);
            return 0;
        }
    }

    private void print(List<Subject> subjects, Map<String, List<Double>> found) {
        Map<String, Object> all = new LinkedHashMap<>();
        if (!json) {
            System.out.printf(Locale.ROOT, "%-48s %10s %10s %10s%n", "what", "target µs", "CPU µs", "× control");
        }
        for (Subject subject : subjects) {
            double micros = median(found.getOrDefault(subject.name(), List.of()));
            double ratio = micros / median(found.getOrDefault(subject.control(), List.of()));
            if (json) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("targetMicros", subject.targetMicros());
                one.put("micros", micros);
                one.put("control", subject.control());
                one.put("ratio", ratio);
                all.put(subject.name(), one);
            } else {
                String target =
                        subject.targetMicros() == 0 ? "" : String.format(Locale.ROOT, "%.0f", subject.targetMicros());
                System.out.printf(Locale.ROOT, "%-48s %10s %10.1f %10.2f%n", subject.name(), target, micros, ratio);
            }
        }
        if (json) {
            System.out.println(JsonMapper.shared().writeValueAsString(all));
        }
    }

    /// The middle one, or the mean of the two in the middle.
    static double median(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("there is no median of nothing; at least 2 rounds are needed");
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}

package org.keymoot.bench;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.keymoot.bench.Players.Played;
import org.keymoot.crypto.group.GroupId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/// Bytes on the wire and on disk, counted on real sessions.
@Command(
        name = "size",
        mixinStandardHelpOptions = true,
        description = "Bytes on the wire of one session, all parties, and of rows before sealing.")
final class SizeCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    @Override
    public Integer call() throws Exception {
        Map<String, Long> sizes = new LinkedHashMap<>();
        try (Workload work = new Workload()) {
            wire(sizes, "pair set-up", work.pairSetUp());
            wire(sizes, "new key, 3 parties", work.newKeys(GroupId.SECP256K1, 1));
            work.newKeys(GroupId.ED25519, 1);
            wire(sizes, "ECDSA signature, 2 of 3", work.ecdsaSignatures(GroupId.SECP256K1, 1));
            wire(sizes, "ECDSA presignature, 2 of 3", work.presignatures(GroupId.SECP256K1, 2));
            wire(sizes, "ECDSA signature from a presignature", work.fromStock(GroupId.SECP256K1, 1));
            wire(sizes, "FROST Ed25519 signature, 2 of 3", work.frostSignatures(1));
            wire(sizes, "threshold PRF evaluation, 2 of 3", work.evaluations(GroupId.RISTRETTO255, 1));
            sizes.put("row: key share, secp256k1", (long) work.keyRowBytes(GroupId.SECP256K1));
            sizes.put("row: key share, Ed25519", (long) work.keyRowBytes(GroupId.ED25519));
            sizes.put("row: presignature", (long) work.presignatureRowBytes());
            sizes.put("row: pair set-up", (long) work.pairRowBytes());
        }
        if (json) {
            System.out.println(JsonMapper.shared().writeValueAsString(sizes));
        } else {
            sizes.forEach((what, bytes) -> System.out.printf(Locale.ROOT, "%-60s %10d%n", what, bytes));
        }
        return 0;
    }

    private static void wire(Map<String, Long> sizes, String what, Played played) {
        sizes.put("frames: " + what, played.frameBytes());
        sizes.put("frames with gRPC, HTTP/2 and TLS around them: " + what, played.wireBytes());
    }
}

package org.keymoot.access;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.keymoot.access.encryption.MacTag;
import org.keymoot.access.json.CanonicalJson;

/// GenerateMac and VerifyMac.
final class MacActions {
    private static final int MAXIMUM_MESSAGE = 4096;
    private static final int MAXIMUM_MAC = 6144;

    private MacActions() {}

    static Decision generateMac(Call call) {
        Prepared prepared = prepare(call, "GenerateMac");
        return new Decision.Evaluate(
                call.context(),
                List.of(prepared.evaluation()),
                (outputs, random) -> CanonicalJson.object()
                        .put("KeyId", prepared.key().arn())
                        .put("Mac", Base64.getEncoder().encodeToString(prepared.tag(outputs.getFirst())))
                        .put("MacAlgorithm", prepared.algorithm().name())
                        .text());
    }

    static Decision verifyMac(Call call) {
        byte[] mac = call.input().requiredBlob("Mac", 1, MAXIMUM_MAC);
        Prepared prepared = prepare(call, "VerifyMac");
        return new Decision.Evaluate(call.context(), List.of(prepared.evaluation()), (outputs, random) -> {
            byte[] tag = prepared.tag(outputs.getFirst());
            try {
                if (!MessageDigest.isEqual(tag, mac)) {
                    throw Call.refuse("KMSInvalidMacException", null);
                }
            } finally {
                Arrays.fill(tag, (byte) 0);
            }
            return CanonicalJson.object()
                    .put("KeyId", prepared.key().arn())
                    .put("MacAlgorithm", prepared.algorithm().name())
                    .put("MacValid", true)
                    .text();
        });
    }

    /// A request after all checks.
    private static final class Prepared {
        private final KeyRecord key;
        private final MacAlgorithm algorithm;
        private final byte[] input;

        Prepared(KeyRecord key, MacAlgorithm algorithm, byte[] message) {
            this.key = key;
            this.algorithm = algorithm;
            this.input = MacTag.input(key.account(), key.keyId(), algorithm.name(), message);
        }

        KeyRecord key() {
            return key;
        }

        MacAlgorithm algorithm() {
            return algorithm;
        }

        Evaluation evaluation() {
            Material material = Objects.requireNonNull(key.currentMaterial(), "an enabled key has material");
            return new Evaluation(key, material.id(), Evaluation.Kind.PRF, input);
        }

        byte[] tag(byte[] output) {
            return MacTag.of(input, output, algorithm.tagBytes());
        }
    }

    private static Prepared prepare(Call call, String operation) {
        Input input = call.input();
        String keyId = input.requiredText("KeyId", 1, 2048, null);
        byte[] message = input.requiredBlob("Message", 1, MAXIMUM_MESSAGE);
        String name = input.requiredChoice("MacAlgorithm", MacAlgorithm.ALL_OF_AWS);
        KeyUse use = KeyUse.read(input);
        input.check();
        MacAlgorithm algorithm = MacAlgorithm.valueOf(name);
        call.with("kms:MacAlgorithm", name);
        KeyRecord key = use.key(call, keyId, KeyUsage.GENERATE_VERIFY_MAC, operation);
        if (!key.spec().macAlgorithms().contains(algorithm)) {
            throw KeyUse.incompatible(key, name);
        }
        use.endIfDry();
        return new Prepared(key, algorithm, message);
    }
}

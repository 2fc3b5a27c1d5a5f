package org.keymoot.access;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Call.StoredKey;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.sigv4.CanonicalRequest;

/// Sign and Verify.
final class SigningActions {
    private static final int MAXIMUM_MESSAGE = 4096;
    private static final int MAXIMUM_SIGNATURE = 6144;
    private static final int DIGEST_LENGTH = 32;
    private static final List<String> MESSAGE_TYPES = List.of("RAW", "DIGEST", "EXTERNAL_MU");

    private SigningActions() {}

    static Decision sign(Call call) {
        Prepared prepared = prepare(call, "Sign");
        RegisterWrite missing = EthereumActions.beforePlainSign(call, prepared.key(), prepared.payload());
        if (prepared.dryRun()) {
            throw dryRun();
        }
        if (missing != null) {
            return new Decision.Reserve(call.context(), missing);
        }
        return new Decision.SignWith(call.context(), prepared.key(), prepared.algorithm(), prepared.payload());
    }

    static Decision verify(Call call) {
        byte[] signature = call.input().requiredBlob("Signature", 1, MAXIMUM_SIGNATURE);
        Prepared prepared = prepare(call, "Verify");
        if (prepared.dryRun()) {
            throw dryRun();
        }
        if (!Signatures.verify(prepared.key(), prepared.algorithm(), prepared.payload(), signature)) {
            throw Call.refuse("KMSInvalidSignatureException", null);
        }
        return call.answer(CanonicalJson.object()
                .put("KeyId", prepared.key().arn())
                .put("SignatureValid", true)
                .put("SigningAlgorithm", prepared.algorithm().name())
                .text());
    }

    /// A request to sign or verify after all checks.
    private record Prepared(KeyRecord key, SigningAlgorithm algorithm, Payload message, boolean dryRun) {
        byte[] payload() {
            return message.bytes();
        }
    }

    /// Bytes that are compared by identity.
    private static final class Payload {
        private final byte[] bytes;

        Payload(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    private static Prepared prepare(Call call, String operation) {
        Input input = call.input();
        String keyId = input.requiredText("KeyId", 1, 2048, null);
        byte[] message = input.requiredBlob("Message", 1, MAXIMUM_MESSAGE);
        String messageType = input.choice("MessageType", MESSAGE_TYPES);
        String algorithmName = input.requiredChoice("SigningAlgorithm", SigningAlgorithm.ALL_OF_AWS);
        List<String> grantTokens = input.texts("GrantTokens", false, 10, 1, 8192);
        boolean dryRun = input.flag("DryRun");
        input.check();
        call.useGrantTokens(grantTokens);
        call.with("kms:SigningAlgorithm", algorithmName)
                .with("kms:MessageType", messageType == null ? "RAW" : messageType);
        StoredKey stored = call.resolve(keyId, true);
        KeyRecord key = stored.key();
        call.authorise(key);
        KeyStates.requireEnabled(key);
        KeyUse.requireUsage(key, KeyUsage.SIGN_VERIFY, operation);
        SigningAlgorithm algorithm = requireFits(key, algorithmName, operation);
        byte[] payload = payload(algorithm, messageType, message);
        return new Prepared(key, algorithm, new Payload(payload), dryRun);
    }

    private static SigningAlgorithm requireFits(KeyRecord key, String algorithmName, String operation) {
        for (SigningAlgorithm algorithm : key.spec().signingAlgorithms()) {
            if (algorithm.name().equals(algorithmName)) {
                return algorithm;
            }
        }
        if (key.spec() == KeySpec.ECC_NIST_EDWARDS25519 && algorithmName.equals("ED25519_PH_SHA_512")) {
            throw Call.refuse(
                    "UnsupportedOperationException",
                    operation + " with ED25519_PH_SHA_512 is not supported; use ED25519_SHA_512 with MessageType RAW.");
        }
        throw Call.refuse(
                "InvalidKeyUsageException",
                "Algorithm " + algorithmName + " is incompatible with key spec " + key.spec() + ".");
    }

    private static byte[] payload(SigningAlgorithm algorithm, @Nullable String messageType, byte[] message) {
        boolean raw = messageType == null || messageType.equals("RAW");
        boolean digest = messageType != null && messageType.equals("DIGEST");
        return switch (algorithm) {
            case ECDSA_SHA_256 -> {
                if (raw) {
                    yield CanonicalRequest.sha256(message);
                }
                if (!digest) {
                    throw wrongMessageType(algorithm, messageType);
                }
                yield requireDigest(algorithm, message, DIGEST_LENGTH);
            }
            case RSASSA_PKCS1_V1_5_SHA_256,
                    RSASSA_PKCS1_V1_5_SHA_384,
                    RSASSA_PKCS1_V1_5_SHA_512,
                    RSASSA_PSS_SHA_256,
                    RSASSA_PSS_SHA_384,
                    RSASSA_PSS_SHA_512 -> {
                if (raw) {
                    yield algorithm.rsaHash().digest(message);
                }
                if (!digest) {
                    throw wrongMessageType(algorithm, messageType);
                }
                yield requireDigest(algorithm, message, algorithm.rsaHash().length());
            }
            case ED25519_SHA_512 -> {
                if (!raw) {
                    throw wrongMessageType(algorithm, messageType);
                }
                yield message;
            }
        };
    }

    private static byte[] requireDigest(SigningAlgorithm algorithm, byte[] message, int length) {
        if (message.length != length) {
            throw new AwsException(AwsError.validation("Digest is invalid length for algorithm " + algorithm + "."));
        }
        return message;
    }

    private static AwsException wrongMessageType(SigningAlgorithm algorithm, @Nullable String messageType) {
        return new AwsException(AwsError.validation(
                "MessageType " + messageType + " is not compatible with signing algorithm " + algorithm + "."));
    }

    private static AwsException dryRun() {
        return Call.refuse(
                "DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
    }
}

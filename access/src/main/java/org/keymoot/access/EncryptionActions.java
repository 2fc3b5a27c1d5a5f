package org.keymoot.access;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.encryption.Ciphertext;
import org.keymoot.access.encryption.DataKeyPair;
import org.keymoot.access.encryption.EncryptionContext;
import org.keymoot.access.json.CanonicalJson;

/// Encrypt, Decrypt, ReEncrypt and the data keys: docs/protocols/encryption.md says what is computed.
final class EncryptionActions {
    private static final String SYMMETRIC = "SYMMETRIC_DEFAULT";
    private static final int MAXIMUM_CIPHERTEXT = 6144;
    private static final int MAXIMUM_DATA_KEY = 1024;
    private static final List<String> ALGORITHMS =
            List.of(SYMMETRIC, "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE");
    private static final List<String> DATA_KEY_SPECS = List.of("AES_256", "AES_128");

    private EncryptionActions() {}

    /// What something is encrypted under, and the value at which the parties evaluate the key for it.
    private record Seal(KeyRecord key, Ciphertext.Address address, Nonce nonce, EncryptionContext context) {
        static Seal of(Call call, KeyRecord key, EncryptionContext context) {
            Material current = Objects.requireNonNull(key.currentMaterial(), "an enabled key has material");
            return new Seal(
                    key, addressOf(key, current.id()), new Nonce(Ciphertext.nonce(call.requestDigest())), context);
        }

        Evaluation evaluation() {
            return new Evaluation(
                    key, address.materialId(), Evaluation.Kind.PRF, Ciphertext.input(address, nonce.bytes(), context));
        }

        String seal(byte[] output, byte[] salt, byte[] plaintext) {
            return base64(Ciphertext.seal(address, nonce.bytes(), context, output, salt, plaintext));
        }

        byte[] dataKey(byte[] output, byte[] salt, int length) {
            return Ciphertext.dataKey(address, nonce.bytes(), context, output, salt, length);
        }

        byte[] pairSeed(byte[] output, byte[] salt) {
            return Ciphertext.pairSeed(address, nonce.bytes(), context, output, salt);
        }
    }

    /// Bytes that are compared by identity.
    private static final class Nonce {
        private final byte[] bytes;

        Nonce(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    private static Ciphertext.Address addressOf(KeyRecord key, String materialId) {
        return new Ciphertext.Address(key.region(), key.account(), key.keyId(), materialId);
    }

    static Decision encrypt(Call call) {
        Input input = call.input();
        String keyId = input.requiredText("KeyId", 1, 2048, null);
        byte[] plaintext = input.requiredBlob("Plaintext", 1, Ciphertext.MAXIMUM_PLAINTEXT_BYTES);
        Map<String, String> pairs = KeyUse.readContext(input, "EncryptionContext");
        String algorithm = input.choice("EncryptionAlgorithm", ALGORITHMS);
        KeyUse use = KeyUse.read(input);
        input.check();
        EncryptionContext context = KeyUse.context(call, pairs);
        call.with("kms:EncryptionAlgorithm", algorithm == null ? SYMMETRIC : algorithm);
        KeyRecord key = use.key(call, keyId, KeyUsage.ENCRYPT_DECRYPT, "Encrypt");
        requireSymmetric(key, algorithm);
        use.endIfDry();
        Seal seal = Seal.of(call, key, context);
        return new Decision.Evaluate(call.context(), List.of(seal.evaluation()), (outputs, random) -> {
            byte[] salt = Ciphertext.salt(random);
            return CanonicalJson.object()
                    .put("CiphertextBlob", seal.seal(outputs.getFirst(), salt, plaintext))
                    .put("EncryptionAlgorithm", SYMMETRIC)
                    .put("KeyId", key.arn())
                    .text();
        });
    }

    static Decision decrypt(Call call) {
        Input input = call.input();
        byte[] blob = input.requiredBlob("CiphertextBlob", 1, MAXIMUM_CIPHERTEXT);
        String keyId = input.text("KeyId", 1, 2048, null);
        Map<String, String> pairs = KeyUse.readContext(input, "EncryptionContext");
        String algorithm = input.choice("EncryptionAlgorithm", ALGORITHMS);
        KeyUse use = KeyUse.read(input);
        input.check();
        KeyUse.refuseRecipient(input, "Decrypt");
        EncryptionContext context = KeyUse.context(call, pairs);
        call.with("kms:EncryptionAlgorithm", algorithm == null ? SYMMETRIC : algorithm);
        call.useGrantTokens(use.grantTokens());
        Source source = Source.find(call, blob, keyId);
        source.authorise(call, "kms:Decrypt");
        source.requireFit("Decrypt", algorithm);
        use.endIfDry();
        return new Decision.Evaluate(call.context(), List.of(source.evaluation(context)), (outputs, random) -> {
            byte[] plaintext = source.open(context, outputs.getFirst());
            try {
                return CanonicalJson.object()
                        .put("EncryptionAlgorithm", SYMMETRIC)
                        .put("KeyId", source.key().arn())
                        .put("KeyMaterialId", source.materialId())
                        .put("Plaintext", base64(plaintext))
                        .text();
            } finally {
                Arrays.fill(plaintext, (byte) 0);
            }
        });
    }

    static Decision reEncrypt(Call call) {
        Input input = call.input();
        byte[] blob = input.requiredBlob("CiphertextBlob", 1, MAXIMUM_CIPHERTEXT);
        String sourceId = input.text("SourceKeyId", 1, 2048, null);
        Map<String, String> sourcePairs = KeyUse.readContext(input, "SourceEncryptionContext");
        String sourceAlgorithm = input.choice("SourceEncryptionAlgorithm", ALGORITHMS);
        String destinationId = input.requiredText("DestinationKeyId", 1, 2048, null);
        Map<String, String> destinationPairs = KeyUse.readContext(input, "DestinationEncryptionContext");
        String destinationAlgorithm = input.choice("DestinationEncryptionAlgorithm", ALGORITHMS);
        KeyUse use = KeyUse.read(input);
        input.check();
        call.useGrantTokens(use.grantTokens());
        Source source = Source.find(call, blob, sourceId);
        KeyRecord to = call.resolve(destinationId, true).key();
        call.with("kms:ReEncryptOnSameKey", source.key().arn().equals(to.arn()));
        EncryptionContext sourceContext = KeyUse.context(call, sourcePairs);
        call.with("kms:EncryptionAlgorithm", sourceAlgorithm == null ? SYMMETRIC : sourceAlgorithm);
        source.authorise(call, "kms:ReEncryptFrom");
        EncryptionContext context = KeyUse.context(call, destinationPairs);
        call.with("kms:EncryptionAlgorithm", destinationAlgorithm == null ? SYMMETRIC : destinationAlgorithm);
        call.authorise(to, "kms:ReEncryptTo");
        source.requireFit("ReEncrypt", sourceAlgorithm);
        KeyUse.requireFit(to, KeyUsage.ENCRYPT_DECRYPT, "ReEncrypt");
        requireSymmetric(to, destinationAlgorithm);
        use.endIfDry();
        Seal seal = Seal.of(call, to, context);
        List<Evaluation> evaluations = List.of(source.evaluation(sourceContext), seal.evaluation());
        return new Decision.Evaluate(call.context(), evaluations, (outputs, random) -> {
            byte[] plaintext = source.open(sourceContext, outputs.getFirst());
            try {
                byte[] salt = Ciphertext.salt(random);
                return CanonicalJson.object()
                        .put("CiphertextBlob", seal.seal(outputs.get(1), salt, plaintext))
                        .put("DestinationEncryptionAlgorithm", SYMMETRIC)
                        .put("DestinationKeyMaterialId", seal.address().materialId())
                        .put("KeyId", seal.key().arn())
                        .put("SourceEncryptionAlgorithm", SYMMETRIC)
                        .put("SourceKeyId", source.key().arn())
                        .put("SourceKeyMaterialId", source.materialId())
                        .text();
            } finally {
                Arrays.fill(plaintext, (byte) 0);
            }
        });
    }

    static Decision generateDataKey(Call call) {
        return dataKey(call, "GenerateDataKey", true);
    }

    static Decision generateDataKeyWithoutPlaintext(Call call) {
        return dataKey(call, "GenerateDataKeyWithoutPlaintext", false);
    }

    private static Decision dataKey(Call call, String operation, boolean withPlaintext) {
        Input input = call.input();
        String keyId = input.requiredText("KeyId", 1, 2048, null);
        Integer numberOfBytes = input.number("NumberOfBytes", 1, MAXIMUM_DATA_KEY);
        String keySpec = input.choice("KeySpec", DATA_KEY_SPECS);
        Map<String, String> pairs = KeyUse.readContext(input, "EncryptionContext");
        KeyUse use = KeyUse.read(input);
        input.check();
        if (withPlaintext) {
            KeyUse.refuseRecipient(input, operation);
        }
        if ((numberOfBytes == null) == (keySpec == null)) {
            throw new AwsException(AwsError.validation("Please specify either number of bytes or key spec."));
        }
        int length = numberOfBytes != null ? numberOfBytes : "AES_128".equals(keySpec) ? 16 : 32;
        EncryptionContext context = KeyUse.context(call, pairs);
        call.with("kms:EncryptionAlgorithm", SYMMETRIC);
        KeyRecord key = use.key(call, keyId, KeyUsage.ENCRYPT_DECRYPT, operation);
        requireSymmetric(key, null);
        use.endIfDry();
        Seal seal = Seal.of(call, key, context);
        return new Decision.Evaluate(call.context(), List.of(seal.evaluation()), (outputs, random) -> {
            byte[] salt = Ciphertext.salt(random);
            byte[] dataKey = seal.dataKey(outputs.getFirst(), salt, length);
            try {
                CanonicalJson.ObjectBuilder answer = CanonicalJson.object()
                        .put("CiphertextBlob", seal.seal(outputs.getFirst(), salt, dataKey))
                        .put("KeyId", key.arn())
                        .put("KeyMaterialId", seal.address().materialId());
                if (withPlaintext) {
                    answer.put("Plaintext", base64(dataKey));
                }
                return answer.text();
            } finally {
                Arrays.fill(dataKey, (byte) 0);
            }
        });
    }

    static Decision generateDataKeyPair(Call call) {
        return dataKeyPair(call, "GenerateDataKeyPair", true);
    }

    static Decision generateDataKeyPairWithoutPlaintext(Call call) {
        return dataKeyPair(call, "GenerateDataKeyPairWithoutPlaintext", false);
    }

    private static Decision dataKeyPair(Call call, String operation, boolean withPlaintext) {
        Input input = call.input();
        String keyId = input.requiredText("KeyId", 1, 2048, null);
        String pairSpec = input.requiredChoice("KeyPairSpec", DataKeyPair.Spec.ALL_OF_AWS);
        Map<String, String> pairs = KeyUse.readContext(input, "EncryptionContext");
        KeyUse use = KeyUse.read(input);
        input.check();
        if (withPlaintext) {
            KeyUse.refuseRecipient(input, operation);
        }
        if (pairSpec.equals("SM2")) {
            throw Call.refuse(
                    "UnsupportedOperationException", "KeyPairSpec SM2 is not supported: it exists in China only.");
        }
        DataKeyPair.Spec spec = DataKeyPair.Spec.valueOf(pairSpec);
        EncryptionContext context = KeyUse.context(call, pairs);
        call.with("kms:EncryptionAlgorithm", SYMMETRIC).with("kms:DataKeyPairSpec", pairSpec);
        KeyRecord key = use.key(call, keyId, KeyUsage.ENCRYPT_DECRYPT, operation);
        requireSymmetric(key, null);
        use.endIfDry();
        Seal seal = Seal.of(call, key, context);
        return Decision.Evaluate.laborious(call.context(), List.of(seal.evaluation()), (outputs, random) -> {
            byte[] salt = Ciphertext.salt(random);
            byte[] seed = seal.pairSeed(outputs.getFirst(), salt);
            DataKeyPair pair = DataKeyPair.fromSeed(spec, seed);
            try {
                CanonicalJson.ObjectBuilder answer = CanonicalJson.object()
                        .put("KeyId", key.arn())
                        .put("KeyMaterialId", seal.address().materialId())
                        .put("KeyPairSpec", spec.name())
                        .put("PrivateKeyCiphertextBlob", seal.seal(outputs.getFirst(), salt, pair.privateKey()))
                        .put("PublicKey", base64(pair.publicKey()));
                if (withPlaintext) {
                    answer.put("PrivateKeyPlaintext", base64(pair.privateKey()));
                }
                return answer.text();
            } finally {
                Arrays.fill(seed, (byte) 0);
                pair.erase();
            }
        });
    }

    /// A ciphertext and the key that it is under.
    ///
    /// @param foreign whether the ciphertext alone names a key of another account, where what is refused must
    ///     not tell what exists
    private record Source(KeyRecord key, Ciphertext ciphertext, boolean foreign) {
        /// @param keyId the key that the client says it is under; null when the ciphertext alone tells
        /// @throws AwsException when it is no ciphertext, its key is not here, or it is under another key
        ///     than said
        static Source find(Call call, byte[] blob, @Nullable String keyId) {
            Ciphertext ciphertext = Ciphertext.parse(blob);
            if (keyId == null) {
                if (ciphertext == null) {
                    throw invalid();
                }
                KeyRecord key = call.keyOf(ciphertext.address());
                if (key == null) {
                    throw call.deniedCiphertext();
                }
                return new Source(key, ciphertext, !key.account().equals(call.account()));
            }
            KeyRecord key = call.resolve(keyId, true).key();
            if (ciphertext == null) {
                throw invalid();
            }
            return new Source(key, ciphertext, false);
        }

        /// A key that the client named is refused in the usual words, and so is one of the caller's own
        /// account. Of another account's key, which the ciphertext alone names, the words are the same
        /// whether it exists or not.
        void authorise(Call call, String permission) {
            try {
                call.authorise(key, permission);
            } catch (AwsException e) {
                throw foreign ? call.deniedCiphertext() : e;
            }
        }

        void requireFit(String operation, @Nullable String algorithm) {
            KeyUse.requireFit(key, KeyUsage.ENCRYPT_DECRYPT, operation);
            requireSymmetric(key, algorithm);
            Ciphertext.Address address = ciphertext.address();
            boolean same = address.account().equals(key.account())
                    && address.keyId().equals(key.keyId())
                    && (key.multiRegion() != null || address.region().equals(key.region()));
            if (!same) {
                throw Call.refuse(
                        "IncorrectKeyException",
                        "The key ID in the request does not identify a CMK that can perform this operation.");
            }
            if (key.material(materialId()) == null) {
                throw invalid();
            }
        }

        String materialId() {
            return ciphertext.address().materialId();
        }

        Evaluation evaluation(EncryptionContext context) {
            return new Evaluation(key, materialId(), Evaluation.Kind.PRF, ciphertext.input(context));
        }

        byte[] open(EncryptionContext context, byte[] output) {
            byte[] plaintext = ciphertext.open(context, output);
            if (plaintext == null) {
                throw invalid();
            }
            return plaintext;
        }

        private static AwsException invalid() {
            return Call.refuse("InvalidCiphertextException", null);
        }
    }

    private static void requireSymmetric(KeyRecord key, @Nullable String algorithm) {
        if (!key.spec().isSymmetric() || (algorithm != null && !algorithm.equals(SYMMETRIC))) {
            throw KeyUse.incompatible(key, algorithm == null ? SYMMETRIC : algorithm);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}

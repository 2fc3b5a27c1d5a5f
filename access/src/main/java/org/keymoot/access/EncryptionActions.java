package org.keymoot.access;

import java.util.ArrayList;
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
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.rsa.RsaPadding;
import org.keymoot.crypto.rsa.RsaPublicKey;

/// Encrypt, Decrypt, ReEncrypt and the data keys: docs/protocols/encryption.md says what is computed.
final class EncryptionActions {
    private static final String SYMMETRIC = EncryptionAlgorithm.SYMMETRIC_DEFAULT.name();
    private static final int MAXIMUM_CIPHERTEXT = 6144;
    private static final int MAXIMUM_DATA_KEY = 1024;
    private static final List<String> DATA_KEY_SPECS = List.of("AES_256", "AES_128");

    private EncryptionActions() {}

    /// What a plaintext is encrypted under.
    private sealed interface Target {
        /// What the parties evaluate for it.
        List<Evaluation> evaluations();

        /// @throws AwsException when the algorithm does not take so much
        void requireRoomFor(byte[] plaintext);

        /// The ciphertext, in base64.
        ///
        /// @param outputs of [#evaluations()]
        String seal(List<byte[]> outputs, RandomSource random, byte[] plaintext);

        /// The material of a symmetric key; null for the others, of which AWS shows none.
        @Nullable String materialOfSymmetric();
    }

    /// An RSA key's public side: nothing is evaluated.
    private record RsaTarget(KeyRecord key, EncryptionAlgorithm chosen) implements Target {
        @Override
        public List<Evaluation> evaluations() {
            return List.of();
        }

        @Override
        public void requireRoomFor(byte[] plaintext) {
            int most =
                    RsaPadding.oaepCapacity(chosen.rsaHash(), key.rsaPublicKey().length());
            if (plaintext.length > most) {
                throw new AwsException(AwsError.validation("Algorithm " + chosen + " and key spec " + key.spec()
                        + " cannot encrypt data larger than " + most + " bytes."));
            }
        }

        void requireNoContext(Map<String, String> pairs) {
            refuseContext(key, pairs);
        }

        @Override
        public String seal(List<byte[]> outputs, RandomSource random, byte[] plaintext) {
            RsaPublicKey publicKey = key.rsaPublicKey();
            byte[] seed = random.bytes(chosen.rsaHash().length());
            byte[] encoded = RsaPadding.oaep(chosen.rsaHash(), plaintext, seed, publicKey.length());
            try {
                return base64(publicKey.raise(encoded).orElseThrow());
            } finally {
                Arrays.fill(encoded, (byte) 0);
                Arrays.fill(seed, (byte) 0);
            }
        }

        @Override
        public @Nullable String materialOfSymmetric() {
            return null;
        }
    }

    private static void refuseContext(KeyRecord key, Map<String, String> pairs) {
        if (!pairs.isEmpty()) {
            throw new AwsException(AwsError.validation(
                    "An encryption context is for symmetric encryption keys; the key spec is " + key.spec() + "."));
        }
    }

    /// What something is encrypted under, and the value at which the parties evaluate the key for it.
    private record Seal(KeyRecord key, Ciphertext.Address address, Nonce nonce, EncryptionContext context)
            implements Target {
        static Seal of(Call call, KeyRecord key, EncryptionContext context) {
            Material current = Objects.requireNonNull(key.currentMaterial(), "an enabled key has material");
            return new Seal(
                    key, addressOf(key, current.id()), new Nonce(Ciphertext.nonce(call.requestDigest())), context);
        }

        Evaluation evaluation() {
            return new Evaluation(
                    key, address.materialId(), Evaluation.Kind.PRF, Ciphertext.input(address, nonce.bytes(), context));
        }

        @Override
        public List<Evaluation> evaluations() {
            return List.of(evaluation());
        }

        /// The input's own limit is the algorithm's.
        @Override
        public void requireRoomFor(byte[] plaintext) {}

        @Override
        public String seal(List<byte[]> outputs, RandomSource random, byte[] plaintext) {
            return seal(outputs.getFirst(), Ciphertext.salt(random), plaintext);
        }

        @Override
        public String materialOfSymmetric() {
            return address.materialId();
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
        String algorithm = input.choice("EncryptionAlgorithm", EncryptionAlgorithm.ALL_OF_AWS);
        KeyUse use = KeyUse.read(input);
        input.check();
        EncryptionContext context = KeyUse.context(call, pairs);
        call.with("kms:EncryptionAlgorithm", algorithm == null ? SYMMETRIC : algorithm);
        KeyRecord key = use.key(call, keyId, KeyUsage.ENCRYPT_DECRYPT, "Encrypt");
        EncryptionAlgorithm chosen = requireFits(key, algorithm);
        if (key.spec().isRsa()) {
            RsaTarget target = new RsaTarget(key, chosen);
            target.requireNoContext(pairs);
            target.requireRoomFor(plaintext);
            use.endIfDry();
            return new Decision.Draw(
                    call.context(),
                    key,
                    random -> CanonicalJson.object()
                            .put("CiphertextBlob", target.seal(List.of(), random, plaintext))
                            .put("EncryptionAlgorithm", chosen.name())
                            .put("KeyId", key.arn())
                            .text());
        }
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

    /// The ciphertext; null where a dry run is to leave it aside.
    private static byte @Nullable [] ciphertext(Input input) {
        return KeyUse.ignoresCiphertext(input) ? null : input.requiredBlob("CiphertextBlob", 1, MAXIMUM_CIPHERTEXT);
    }

    static Decision decrypt(Call call) {
        Input input = call.input();
        byte[] blob = ciphertext(input);
        String keyId = input.text("KeyId", 1, 2048, null);
        Map<String, String> pairs = KeyUse.readContext(input, "EncryptionContext");
        String algorithm = input.choice("EncryptionAlgorithm", EncryptionAlgorithm.ALL_OF_AWS);
        KeyUse use = KeyUse.read(input);
        input.check();
        KeyUse.refuseRecipient(input, "Decrypt");
        EncryptionContext context = KeyUse.context(call, pairs);
        call.with("kms:EncryptionAlgorithm", algorithm == null ? SYMMETRIC : algorithm);
        call.useGrantTokens(use.grantTokens());
        Source source = source(call, blob, keyId, algorithm, pairs);
        source.authorise(call, "kms:Decrypt");
        source.requireFit("Decrypt", algorithm);
        use.endIfDry();
        return new Decision.Evaluate(call.context(), List.of(source.evaluation(context)), (outputs, random) -> {
            byte[] plaintext = source.open(context, outputs.getFirst());
            try {
                CanonicalJson.ObjectBuilder answer = CanonicalJson.object()
                        .put("EncryptionAlgorithm", source.algorithm())
                        .put("KeyId", source.key().arn());
                putMaterial(answer, "KeyMaterialId", source.materialOfSymmetric());
                return answer.put("Plaintext", base64(plaintext)).text();
            } finally {
                Arrays.fill(plaintext, (byte) 0);
            }
        });
    }

    static Decision reEncrypt(Call call) {
        Input input = call.input();
        byte[] blob = ciphertext(input);
        String sourceId = input.text("SourceKeyId", 1, 2048, null);
        Map<String, String> sourcePairs = KeyUse.readContext(input, "SourceEncryptionContext");
        String sourceAlgorithm = input.choice("SourceEncryptionAlgorithm", EncryptionAlgorithm.ALL_OF_AWS);
        String destinationId = input.requiredText("DestinationKeyId", 1, 2048, null);
        Map<String, String> destinationPairs = KeyUse.readContext(input, "DestinationEncryptionContext");
        String destinationAlgorithm = input.choice("DestinationEncryptionAlgorithm", EncryptionAlgorithm.ALL_OF_AWS);
        KeyUse use = KeyUse.read(input);
        input.check();
        call.useGrantTokens(use.grantTokens());
        Source source = source(call, blob, sourceId, sourceAlgorithm, sourcePairs);
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
        EncryptionAlgorithm chosen = requireFits(to, destinationAlgorithm);
        Target target;
        if (to.spec().isRsa()) {
            RsaTarget rsa = new RsaTarget(to, chosen);
            rsa.requireNoContext(destinationPairs);
            target = rsa;
        } else {
            target = Seal.of(call, to, context);
        }
        use.endIfDry();
        List<Evaluation> evaluations = new ArrayList<>(List.of(source.evaluation(sourceContext)));
        evaluations.addAll(target.evaluations());
        return new Decision.Evaluate(call.context(), evaluations, (outputs, random) -> {
            byte[] plaintext = source.open(sourceContext, outputs.getFirst());
            try {
                target.requireRoomFor(plaintext);
                CanonicalJson.ObjectBuilder answer = CanonicalJson.object()
                        .put("CiphertextBlob", target.seal(outputs.subList(1, outputs.size()), random, plaintext))
                        .put("DestinationEncryptionAlgorithm", chosen.name());
                putMaterial(answer, "DestinationKeyMaterialId", target.materialOfSymmetric());
                answer.put("KeyId", to.arn())
                        .put("SourceEncryptionAlgorithm", source.algorithm())
                        .put("SourceKeyId", source.key().arn());
                putMaterial(answer, "SourceKeyMaterialId", source.materialOfSymmetric());
                return answer.text();
            } finally {
                Arrays.fill(plaintext, (byte) 0);
            }
        });
    }

    private static void putMaterial(CanonicalJson.ObjectBuilder answer, String member, @Nullable String material) {
        if (material != null) {
            answer.put(member, material);
        }
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
    private sealed interface Source {
        KeyRecord key();

        /// AWS's name of how it was encrypted.
        String algorithm();

        /// The material of a symmetric key; null for the others, of which AWS shows none.
        @Nullable String materialOfSymmetric();

        /// @throws AwsException when the caller may not do this with the key
        void authorise(Call call, String permission);

        /// @throws AwsException when key, algorithm and ciphertext do not go together
        void requireFit(String operation, @Nullable String algorithm);

        Evaluation evaluation(EncryptionContext context);

        /// @throws AwsException when the ciphertext was damaged
        byte[] open(EncryptionContext context, byte[] output);
    }

    /// Finds the key of a ciphertext; one of an RSA key does not name it, so that the client has to.
    private static Source source(
            Call call,
            byte @Nullable [] blob,
            @Nullable String keyId,
            @Nullable String algorithm,
            Map<String, String> pairs) {
        KeyRecord named = keyId == null ? null : call.resolve(keyId, true).key();
        if (blob == null) {
            if (named == null) {
                throw new AwsException(AwsError.validation(
                        "A dry run without a ciphertext needs the key: nothing else says which one is meant."));
            }
            return new UnseenSource(named, pairs);
        }
        return named != null && named.spec().isRsa()
                ? new RsaSource(named, new Blob(blob), algorithm == null ? SYMMETRIC : algorithm, pairs)
                : SymmetricSource.find(call, blob, named);
    }

    /// Bytes that are compared by identity.
    private static final class Blob {
        private final byte[] bytes;

        Blob(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    private static AwsException invalid() {
        return Call.refuse("InvalidCiphertextException", null);
    }

    /// A ciphertext that a dry run leaves aside: of the key it is known that the client means it, and nothing is
    /// opened.
    private record UnseenSource(KeyRecord key, Map<String, String> pairs) implements Source {
        @Override
        public String algorithm() {
            throw endedDry();
        }

        @Override
        public @Nullable String materialOfSymmetric() {
            throw endedDry();
        }

        @Override
        public void authorise(Call call, String permission) {
            call.authorise(key, permission);
        }

        @Override
        public void requireFit(String operation, @Nullable String wanted) {
            KeyUse.requireFit(key, KeyUsage.ENCRYPT_DECRYPT, operation);
            requireFits(key, wanted);
            if (key.spec().isRsa()) {
                refuseContext(key, pairs);
            }
        }

        @Override
        public Evaluation evaluation(EncryptionContext context) {
            throw endedDry();
        }

        @Override
        public byte[] open(EncryptionContext context, byte[] output) {
            throw endedDry();
        }

        private static IllegalStateException endedDry() {
            return new IllegalStateException("a dry run ends before it opens anything");
        }
    }

    /// A ciphertext of RSAES-OAEP.
    private record RsaSource(KeyRecord key, Blob blob, String algorithm, Map<String, String> pairs) implements Source {
        @Override
        public @Nullable String materialOfSymmetric() {
            return null;
        }

        @Override
        public void authorise(Call call, String permission) {
            call.authorise(key, permission);
        }

        @Override
        public void requireFit(String operation, @Nullable String wanted) {
            KeyUse.requireFit(key, KeyUsage.ENCRYPT_DECRYPT, operation);
            requireFits(key, wanted);
            refuseContext(key, pairs);
            if (!key.rsaPublicKey().isProper(blob.bytes())) {
                throw invalid();
            }
        }

        @Override
        public Evaluation evaluation(EncryptionContext context) {
            Material current = Objects.requireNonNull(key.currentMaterial(), "an enabled key has material");
            return new Evaluation(key, current.id(), Evaluation.Kind.RSA, blob.bytes());
        }

        /// What is wrong with the padding is never told, and does not change what is done.
        @Override
        public byte[] open(EncryptionContext context, byte[] output) {
            return RsaPadding.oaepMessage(EncryptionAlgorithm.valueOf(algorithm).rsaHash(), output)
                    .orElseThrow(EncryptionActions::invalid);
        }
    }

    /// A ciphertext that names its key.
    ///
    /// @param foreign whether the ciphertext alone names a key of another account, where what is refused must
    ///     not tell what exists
    private record SymmetricSource(KeyRecord key, Ciphertext ciphertext, boolean foreign) implements Source {
        /// @param named the key that the client says it is under; null when the ciphertext alone tells
        /// @throws AwsException when it is no ciphertext or its key is not here
        static SymmetricSource find(Call call, byte[] blob, @Nullable KeyRecord named) {
            Ciphertext ciphertext = Ciphertext.parse(blob);
            if (ciphertext == null) {
                throw invalid();
            }
            if (named != null) {
                return new SymmetricSource(named, ciphertext, false);
            }
            KeyRecord key = call.keyOf(ciphertext.address());
            if (key == null) {
                throw call.deniedCiphertext();
            }
            return new SymmetricSource(key, ciphertext, !key.account().equals(call.account()));
        }

        /// A key that the client named is refused in the usual words, and so is one of the caller's own
        /// account. Of another account's key, which the ciphertext alone names, the words are the same
        /// whether it exists or not.
        @Override
        public void authorise(Call call, String permission) {
            try {
                call.authorise(key, permission);
            } catch (AwsException e) {
                throw foreign ? call.deniedCiphertext() : e;
            }
        }

        @Override
        public void requireFit(String operation, @Nullable String wanted) {
            KeyUse.requireFit(key, KeyUsage.ENCRYPT_DECRYPT, operation);
            requireSymmetric(key, wanted);
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

        @Override
        public String algorithm() {
            return SYMMETRIC;
        }

        @Override
        public String materialOfSymmetric() {
            return materialId();
        }

        @Override
        public Evaluation evaluation(EncryptionContext context) {
            return new Evaluation(key, materialId(), Evaluation.Kind.PRF, ciphertext.input(context));
        }

        @Override
        public byte[] open(EncryptionContext context, byte[] output) {
            byte[] plaintext = ciphertext.open(context, output);
            if (plaintext == null) {
                throw invalid();
            }
            return plaintext;
        }
    }

    /// The algorithm that is asked for, or the default, once it is found to be one of the key's.
    private static EncryptionAlgorithm requireFits(KeyRecord key, @Nullable String algorithm) {
        String wanted = algorithm == null ? SYMMETRIC : algorithm;
        for (EncryptionAlgorithm one : key.spec().encryptionAlgorithms()) {
            if (one.name().equals(wanted)) {
                return one;
            }
        }
        throw KeyUse.incompatible(key, wanted);
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

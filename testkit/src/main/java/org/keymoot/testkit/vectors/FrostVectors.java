package org.keymoot.testkit.vectors;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.ed25519.Ed25519Signature;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.protocol.frost.FrostSignature;
import org.keymoot.protocol.frost.FrostSuite;
import org.keymoot.protocol.frost.NonceCommitment;
import org.keymoot.protocol.frost.Nonces;
import org.keymoot.protocol.frost.SigningPackage;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// RFC 9591 appendix E, in the JSON of the Zcash Foundation: one signing run for each suite, from the nonces'
/// randomness to the signature.
final class FrostVectors {
    private static final HexFormat HEX = HexFormat.of();

    private FrostVectors() {}

    static Outcome run(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith("_dkg.json")) {
            return new Outcome.NotApplicable("records another key generation, whose messages are not those of ours");
        }
        if (name.startsWith("secp256k1-tr-")) {
            return new Outcome.NotApplicable("the Taproot suite is not offered");
        }
        JsonNode json = JsonMapper.shared().readTree(file.toFile());
        String suite = json.path("config").path("name").asString("");
        GroupId id = groupOf(suite);
        if (id == null) {
            return new Outcome.Unknown("the suite '" + suite + "'");
        }
        Checks checks = new Checks();
        try (SecretScope scope = new SecretScope()) {
            new SigningRun(FrostSuite.of(id), json, checks, scope).check();
        } catch (InvalidEncodingException e) {
            checks.check("every value is in its canonical encoding", () -> {
                throw e;
            });
        }
        return checks.outcome();
    }

    private static @Nullable GroupId groupOf(String suite) {
        return switch (suite) {
            case "FROST(Ed25519, SHA-512)" -> GroupId.ED25519;
            case "FROST(ristretto255, SHA-512)" -> GroupId.RISTRETTO255;
            case "FROST(P-256, SHA-256)" -> GroupId.P256;
            case "FROST(secp256k1, SHA-256)" -> GroupId.SECP256K1;
            default -> null;
        };
    }

    /// The run of one file; it compares each intermediate value that the file gives.
    private record SigningRun(FrostSuite suite, JsonNode json, Checks checks, SecretScope scope) {
        void check() throws InvalidEncodingException {
            Group group = suite.group();
            JsonNode inputs = json.path("inputs");
            Point publicKey = group.decode(hex(inputs, "verifying_key_key"));
            byte[] message = hex(inputs, "message");
            int threshold = json.path("config").path("MIN_PARTICIPANTS").asInt(0);
            checks.check(
                    "public key",
                    () -> group.multiplyBase(secret(hex(inputs, "group_secret_key")))
                            .equals(publicKey));

            Map<Integer, SecretScalar> shares = new HashMap<>();
            for (JsonNode share : inputs.path("participant_shares")) {
                shares.put(share.path("identifier").asInt(0), secret(hex(share, "participant_share")));
            }
            Map<Integer, Nonces> nonces = new HashMap<>();
            List<NonceCommitment> commitments = new ArrayList<>();
            for (JsonNode output : json.path("round_one_outputs").path("outputs")) {
                int signer = output.path("identifier").asInt(0);
                Nonces made = suite.nonces(signer, shareOf(shares, signer), randomness(output));
                nonces.put(signer, made);
                commitments.add(made.commitment());
                compare(signer, "hiding_nonce", output, encoded(made.hiding()));
                compare(signer, "binding_nonce", output, encoded(made.binding()));
                compare(
                        signer,
                        "hiding_nonce_commitment",
                        output,
                        made.commitment().hiding().encode());
                compare(
                        signer,
                        "binding_nonce_commitment",
                        output,
                        made.commitment().binding().encode());
            }

            SigningPackage signing = new SigningPackage(suite, publicKey, message, commitments);
            for (JsonNode output : json.path("round_one_outputs").path("outputs")) {
                int signer = output.path("identifier").asInt(0);
                compare(signer, "binding_factor_input", output, signing.bindingFactorInput(signer));
                compare(
                        signer,
                        "binding_factor",
                        output,
                        signing.bindingFactor(signer).encode());
            }
            List<Scalar> signatureShares = new ArrayList<>();
            for (JsonNode output : json.path("round_two_outputs").path("outputs")) {
                int signer = output.path("identifier").asInt(0);
                SecretScalar share = shareOf(shares, signer);
                Point verificationShare = group.multiplyBase(share);
                Nonces own = nonces.get(signer);
                if (own == null) {
                    throw new IllegalArgumentException("signer " + signer + " has no nonces");
                }
                Scalar signatureShare = signing.sign(own, share, threshold);
                signatureShares.add(signatureShare);
                compare(signer, "sig_share", output, signatureShare.encode());
                checks.check(
                        "signer " + signer + ": share verifies",
                        () -> signing.verifyShare(signer, verificationShare, signatureShare));
            }
            FrostSignature signature = signing.aggregate(signatureShares);
            checks.check("signature", () -> Arrays.equals(signature.encode(), hex(json.path("final_output"), "sig")));
            checks.check("signature verifies", () -> suite.verify(publicKey, message, signature));
            if (group.id() == GroupId.ED25519) {
                checks.check(
                        "signature verifies by RFC 8032",
                        () -> Ed25519Signature.verify(publicKey.encode(), message, signature.encode()));
            }
        }

        private void compare(int signer, String field, JsonNode expected, byte[] found) {
            checks.check("signer " + signer + ": " + field, () -> Arrays.equals(found, hex(expected, field)));
        }

        private SecretScalar secret(byte[] encoded) throws InvalidEncodingException {
            return suite.group().scalars().decodeSecret(scope, MemorySegment.ofArray(encoded));
        }

        private static SecretScalar shareOf(Map<Integer, SecretScalar> shares, int signer) {
            SecretScalar share = shares.get(signer);
            if (share == null) {
                throw new IllegalArgumentException("signer " + signer + " has no share");
            }
            return share;
        }

        private static RandomSource randomness(JsonNode output) {
            Iterator<byte[]> values = List.of(
                            hex(output, "hiding_nonce_randomness"), hex(output, "binding_nonce_randomness"))
                    .iterator();
            return target -> target.copyFrom(MemorySegment.ofArray(values.next()));
        }

        private static byte[] encoded(SecretScalar secret) {
            return secret.reveal(Disclosure.I_TAKE_THE_SECRET_OUT).encode();
        }

        private static byte[] hex(JsonNode node, String field) {
            return HEX.parseHex(node.path(field).asString(""));
        }
    }
}

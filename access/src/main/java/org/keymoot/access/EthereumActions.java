package org.keymoot.access;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Call.StoredKey;
import org.keymoot.access.ethereum.Attestation;
import org.keymoot.access.ethereum.Hex;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.PersonalMessage;
import org.keymoot.access.ethereum.RecoverableSignature;
import org.keymoot.access.ethereum.SignPayload;
import org.keymoot.access.ethereum.SignRules;
import org.keymoot.access.ethereum.SignedTransaction;
import org.keymoot.access.ethereum.Transaction;
import org.keymoot.access.ethereum.TypedData;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import org.keymoot.access.sigv4.CanonicalRequest;

/// Keymoot's own actions: rules for what a key signs, and signing of payloads that the parties understand.
final class EthereumActions {
    private static final int MAXIMUM_PAYLOAD = 262_144;
    private static final int DIGEST = 32;
    private static final Pattern WORD = Pattern.compile("^(0x)?[0-9a-f]{64}$");
    private static final Pattern DOMAIN = Pattern.compile("^(0|[1-9][0-9]{0,9})$");
    private static final List<String> KINDS = List.of("TRANSACTION", "MESSAGE", "TYPED_DATA", "UPDATE", "FAILURE");

    private EthereumActions() {}

    private static RegisterName register(KeyRecord key) {
        return RegisterName.of(RegisterName.Kind.RULES, key.account(), RegisterName.GLOBAL, key.keyId());
    }

    static Decision putSignRules(Call call) {
        String text = call.input().requiredText("Rules", 2, SignRules.MAXIMUM_LENGTH, null);
        KeyRecord key = keyForRules(call, Action.PUT_KEY_POLICY);
        try {
            var rules = SignRules.parse(text);
            if (key.spec() != KeySpec.ECC_SECG_P256K1 && !rules.digests()) {
                throw new InvalidEthereumData("sign rules are for ECC_SECG_P256K1 keys, this one is " + key.spec());
            }
        } catch (InvalidEthereumData e) {
            throw new AwsException(AwsError.validation("The sign rules are not valid: " + e.getMessage() + "."));
        }
        KeyStates.requireNotPendingDeletion(key);
        RegisterValue present = call.view().read(register(key));
        String json = CanonicalJson.object()
                .put("request", call.requestDigest())
                .put("rules", text)
                .text();
        return write(call, key, present, json);
    }

    static Decision deleteSignRules(Call call) {
        KeyRecord key = keyForRules(call, Action.PUT_KEY_POLICY);
        RegisterValue present = call.view().read(register(key));
        if (present == null) {
            return call.answer(Answers.EMPTY);
        }
        String json = CanonicalJson.object()
                .put("deleted", true)
                .put("request", call.requestDigest())
                .text();
        return write(call, key, present, json);
    }

    private static Decision write(Call call, KeyRecord key, @Nullable RegisterValue present, String json) {
        if (present != null && present.json().equals(json)) {
            return call.answer(Answers.EMPTY);
        }
        return call.change(
                new RegisterWrite(register(key), present == null ? 0 : present.version(), json), Answers.EMPTY);
    }

    static Decision getSignRules(Call call) {
        KeyRecord key = keyForRules(call, Action.GET_KEY_POLICY);
        RegisterValue present = call.view().read(register(key));
        if (present == null || !present.live()) {
            throw Call.refuse("NotFoundException", "Key '" + key.arn() + "' has no sign rules.");
        }
        return call.answer(CanonicalJson.object()
                .put("KeyId", key.arn())
                .put(
                        "Rules",
                        JsonReader.stored(present.json()).required("rules").stringValue())
                .text());
    }

    private static KeyRecord keyForRules(Call call, Action alike) {
        String keyId = call.input().requiredText("KeyId", 1, 2048, null);
        call.input().check();
        StoredKey stored = call.resolve(keyId, true);
        call.authoriseOwn(stored.key(), alike);
        return stored.key();
    }

    private static @Nullable SignRules rules(Call call, KeyRecord key) {
        RegisterValue present = call.view().read(register(key));
        if (present == null || !present.live()) {
            return null;
        }
        try {
            return SignRules.parse(
                    JsonReader.stored(present.json()).required("rules").stringValue());
        } catch (InvalidEthereumData e) {
            throw Call.refuse(
                    "SignRulesException", "The stored rules of this key cannot be read, so nothing is signed.");
        }
    }

    /// Plain `Sign` shows a digest and not what it is of, so a key with rules refuses it unless they say otherwise. Of
    /// the rules only the rate can be kept then.
    ///
    /// @param signed the digest, or the message where the algorithm takes that
    /// @return the reservation that is missing; null when none is
    static @Nullable RegisterWrite beforePlainSign(Call call, KeyRecord key, byte[] signed) {
        SignRules rules = rules(call, key);
        if (rules == null) {
            return null;
        }
        if (!rules.digests()) {
            throw Call.refuse(
                    "SignRulesException",
                    "The rules of key '" + key.arn()
                            + "' allow no signature of a bare digest: call Keymoot.SignEthereum with what is to be signed.");
        }
        byte[] digest = signed.length == DIGEST ? signed : CanonicalRequest.sha256(signed);
        return new Watermarks(call, key, null, digest).missing(rules);
    }

    static Decision signEthereum(Call call) {
        Input input = call.input();
        String keyId = input.requiredText("KeyId", 1, 2048, null);
        String kind = input.requiredChoice("Kind", KINDS);
        String holder = input.text("LeaseHolder", 1, 128, null);
        boolean dryRun = input.flag("DryRun");
        PayloadReader reader = PayloadReader.of(input, kind);
        input.check();
        call.with("kms:SigningAlgorithm", SigningAlgorithm.ECDSA_SHA_256.name()).with("kms:MessageType", "DIGEST");
        StoredKey stored = call.resolve(keyId, true);
        KeyRecord key = stored.key();
        call.authoriseOwn(key, Action.SIGN);
        KeyStates.requireEnabled(key);
        if (key.usage() != KeyUsage.SIGN_VERIFY || key.spec() != KeySpec.ECC_SECG_P256K1) {
            throw Call.refuse("InvalidKeyUsageException", key.arn() + " is no ECC_SECG_P256K1 key for SIGN_VERIFY.");
        }
        SignPayload payload;
        byte[] digest;
        String refusal;
        SignRules rules = rules(call, key);
        try {
            payload = reader.read();
            digest = payload.digest();
            refusal = rules == null ? null : rules.refusal(payload);
        } catch (InvalidEthereumData | IllegalArgumentException e) {
            throw new AwsException(AwsError.validation("What is to be signed is not valid: " + e.getMessage() + "."));
        }
        if (refusal != null) {
            throw Call.refuse("SignRulesException", "The rules of key '" + key.arn() + "' " + refusal + ".");
        }
        if (payload instanceof SignPayload.OfTransaction wanted
                && wanted.transaction().chainId() != null) {
            boolean demanded = rules != null
                    && rules.transactions() != null
                    && rules.transactions().lease();
            NonceLeases.require(call, key, wanted.transaction().chainId(), holder, demanded);
        }
        RegisterWrite missing = rules == null ? null : new Watermarks(call, key, payload.once(), digest).missing(rules);
        if (dryRun) {
            throw Call.refuse(
                    "DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
        }
        if (missing != null) {
            return new Decision.Reserve(call.context(), missing);
        }
        return new Decision.SignWith(
                call.context(),
                key,
                SigningAlgorithm.ECDSA_SHA_256,
                digest,
                signature -> answer(key, payload, digest, signature));
    }

    private static String answer(KeyRecord key, SignPayload payload, byte[] digest, byte[] signature) {
        RecoverableSignature recoverable;
        try {
            recoverable = RecoverableSignature.ofDer(key.publicPoint(), digest, signature);
        } catch (InvalidEthereumData e) {
            throw new IllegalStateException("a signature that verified has no recoverable form", e);
        }
        CanonicalJson.ObjectBuilder answer = CanonicalJson.object()
                .put("Digest", Base64.getEncoder().encodeToString(digest))
                .put("EthereumSignature", Hex.of(recoverable.encode()))
                .put("KeyId", key.arn())
                .put("Signature", Base64.getEncoder().encodeToString(signature))
                .put("SigningAlgorithm", SigningAlgorithm.ECDSA_SHA_256.name());
        if (payload instanceof SignPayload.OfTransaction wanted) {
            SignedTransaction signed = new SignedTransaction(wanted.transaction(), recoverable);
            answer.put("SignedTransaction", Hex.of(signed.encode())).put("TransactionHash", Hex.of(signed.hash()));
        }
        return answer.text();
    }

    /// Takes the members of a request that say what is to be signed; understands them later, once the caller is known
    /// to be allowed to ask.
    @FunctionalInterface
    private interface PayloadReader {
        SignPayload read() throws InvalidEthereumData;

        static PayloadReader of(Input input, String kind) {
            return switch (kind) {
                case "TRANSACTION" -> {
                    byte[] unsigned = input.requiredBlob("Transaction", 1, MAXIMUM_PAYLOAD);
                    yield () -> new SignPayload.OfTransaction(Transaction.decodeUnsigned(unsigned));
                }
                case "MESSAGE" -> {
                    byte[] message = input.requiredBlob("Message", 0, MAXIMUM_PAYLOAD);
                    yield () -> new SignPayload.OfMessage(
                            HexFormat.of().formatHex(PersonalMessage.digest(message)), message.length);
                }
                case "TYPED_DATA" -> {
                    String json = input.requiredText("TypedData", 2, MAXIMUM_PAYLOAD, null);
                    yield () -> new SignPayload.OfTypedData(TypedData.parse(json.getBytes(StandardCharsets.UTF_8)));
                }
                case "UPDATE" -> {
                    String domain = input.requiredText("HomeDomain", 1, 10, DOMAIN);
                    String previous = input.requiredText("PreviousRoot", 64, 66, WORD);
                    String next = input.requiredText("NewRoot", 64, 66, WORD);
                    yield () -> new SignPayload.OfAttestation(
                            new Attestation.Update(Long.parseLong(domain), digits(previous), digits(next)));
                }
                case "FAILURE" -> {
                    String domain = input.requiredText("HomeDomain", 1, 10, DOMAIN);
                    String updater = input.requiredText("Updater", 64, 66, WORD);
                    yield () -> new SignPayload.OfAttestation(
                            new Attestation.Failure(Long.parseLong(domain), digits(updater)));
                }
                // What is missing or wrong is told by the kind alone.
                default ->
                    () -> {
                        throw new InvalidEthereumData("expected one of " + KINDS);
                    };
            };
        }

        private static String digits(String word) {
            return word.startsWith("0x") ? word.substring(2) : word;
        }
    }
}

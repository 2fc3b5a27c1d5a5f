package org.keymoot.cli.ethereum;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.PersonalMessage;
import org.keymoot.access.ethereum.RecoverableSignature;
import org.keymoot.access.ethereum.SignedTransaction;
import org.keymoot.access.ethereum.Transaction;
import org.keymoot.access.ethereum.TypedData;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;
import org.keymoot.cli.aws.AwsCallFailure;
import org.keymoot.cli.aws.KmsClient;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.WeierstrassPoint;
import org.keymoot.crypto.spki.SubjectPublicKeyInfo;
import tools.jackson.databind.JsonNode;

/// A key of the endpoint as an Ethereum account.
///
/// It keeps true: what it returns was signed by the key whose address it shows. The parties are given the
/// payload itself, which they judge; only an endpoint that is not Keymoot's gets no more than the digest.
public final class EthereumSigner {
    private static final String HOLDER = "LeaseHolder";

    private final KmsClient kms;
    private final String keyArn;
    private final Point publicKey;
    private final Address address;

    private EthereumSigner(KmsClient kms, String keyArn, Point publicKey) {
        this.kms = kms;
        this.keyArn = keyArn;
        this.publicKey = publicKey;
        this.address = Address.of(publicKey);
    }

    /// @param key id, ARN, alias or alias ARN
    public static EthereumSigner open(KmsClient kms, String key) {
        JsonNode answer = kms.call("GetPublicKey", Map.of("KeyId", key));
        String spec = answer.path("KeySpec").asString("");
        if (!spec.equals("ECC_SECG_P256K1")) {
            throw new CliFailure(
                    ExitCode.CONFLICT,
                    "%s has the spec %s; Ethereum's accounts are ECC_SECG_P256K1 keys".formatted(key, spec),
                    "name another key, or make one with --key-spec ECC_SECG_P256K1");
        }
        try {
            byte[] der = Base64.getDecoder().decode(answer.path("PublicKey").asString(""));
            return new EthereumSigner(kms, answer.path("KeyId").asString(""), SubjectPublicKeyInfo.decode(der));
        } catch (InvalidEncodingException | IllegalArgumentException e) {
            throw integrity("the public key of %s cannot be read: %s".formatted(key, e.getMessage()), e);
        }
    }

    public Address address() {
        return address;
    }

    public String keyArn() {
        return keyArn;
    }

    public SignedTransaction sign(Transaction transaction) {
        return sign(transaction, null);
    }

    /// @param leaseHolder who holds the key's nonce lease, where its rules demand one
    public SignedTransaction sign(Transaction transaction, @Nullable String leaseHolder) {
        Map<String, String> payload = new LinkedHashMap<>();
        payload.put("Kind", "TRANSACTION");
        payload.put("Transaction", base64(transaction.encodeUnsigned()));
        if (leaseHolder != null) {
            payload.put(HOLDER, leaseHolder);
        }
        return new SignedTransaction(transaction, signature(transaction.signingHash(), payload));
    }

    /// Takes the key's nonces on a chain for `holder`, or keeps them.
    ///
    /// @throws AwsCallFailure when another has them
    public void lease(BigInteger chainId, String holder, Duration time) {
        kms.keymoot(
                "AcquireNonceLease",
                Map.of(
                        "KeyId",
                        keyArn,
                        "ChainId",
                        chainId.toString(),
                        "Holder",
                        holder,
                        "DurationSeconds",
                        time.toSeconds()));
    }

    /// The key's point in hexadecimal: x and y, without prefix.
    public String publicKeyHex() {
        byte[] encoded = ((WeierstrassPoint) publicKey).encodeUncompressed();
        return HexFormat.of().formatHex(encoded, 1, encoded.length);
    }

    /// Signs a bare digest, which a key with sign rules refuses.
    public RecoverableSignature signDigest(byte[] digest) {
        return recoverable(digest, plainSign(digest));
    }

    public RecoverableSignature signMessage(byte[] message) {
        return signature(PersonalMessage.digest(message), Map.of("Kind", "MESSAGE", "Message", base64(message)));
    }

    /// @param json what `data` was read from
    public RecoverableSignature signTypedData(TypedData data, String json) throws InvalidEthereumData {
        return signature(data.digest(), Map.of("Kind", "TYPED_DATA", "TypedData", json));
    }

    /// Shows the parties what is signed, so that rules, watermarks, rate and lease hold whatever the rules say
    /// of bare digests, and the parties' audit says what it was. An endpoint that does not know that call has
    /// none of them and is given the digest; but not where a lease must hold.
    private RecoverableSignature signature(byte[] digest, Map<String, String> payload) {
        Map<String, String> request = new LinkedHashMap<>(payload);
        request.put("KeyId", keyArn);
        JsonNode answer;
        try {
            answer = kms.keymoot("SignEthereum", request);
        } catch (AwsCallFailure e) {
            boolean unknown = e.is("UnknownOperationException") || e.is("UnsupportedOperationException");
            if (!unknown || payload.containsKey(HOLDER)) {
                throw e;
            }
            answer = plainSign(digest);
        }
        return recoverable(digest, answer);
    }

    private JsonNode plainSign(byte[] digest) {
        return kms.call(
                "Sign",
                Map.of(
                        "KeyId",
                        keyArn,
                        "Message",
                        base64(digest),
                        "MessageType",
                        "DIGEST",
                        "SigningAlgorithm",
                        "ECDSA_SHA_256"));
    }

    private RecoverableSignature recoverable(byte[] digest, JsonNode answer) {
        try {
            byte[] der = Base64.getDecoder().decode(answer.path("Signature").asString(""));
            return RecoverableSignature.ofDer(publicKey, digest, der);
        } catch (InvalidEthereumData | IllegalArgumentException e) {
            throw integrity("the endpoint answered with a signature that is not of " + keyArn, e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static CliFailure integrity(String what, Exception cause) {
        return new CliFailure(
                ExitCode.INTEGRITY, what, "do not use it; check which endpoint this is, and its certificate", cause);
    }
}

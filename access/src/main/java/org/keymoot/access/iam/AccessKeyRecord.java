package org.keymoot.access.iam;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.RegisterName;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import org.keymoot.access.sigv4.CanonicalRequest;
import tools.jackson.databind.JsonNode;

/// The public side of a user's access key, as its register holds it. The secret is in the parties' sealed stores, or
/// with the client alone.
///
/// It keeps true: the account can be read off the id, so the register is found by the id alone; the key belongs to
/// the user with that id, not to whoever has the name later; the commitment fits one secret only.
///
/// @param commitment see [#commitment]; null for a key of which the parties hold no secret
/// @param publicKey as [org.keymoot.access.sigv4.AsymmetricKey#encode] writes it, of a key with which requests are
///     signed by AWS4-ECDSA-P256-SHA256; null for one with a secret
public record AccessKeyRecord(
        String account,
        String id,
        String userName,
        String userId,
        boolean active,
        Instant createdAt,
        @Nullable String commitment,
        @Nullable String publicKey,
        boolean deleted,
        String requestDigest) {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int PREFIX = 4;
    private static final int DIGITS = 16;
    private static final int ACCOUNT_SHIFT = 39;
    private static final long LARGEST_ACCOUNT = 999_999_999_999L;

    public AccessKeyRecord {
        if ((commitment == null) == (publicKey == null)) {
            throw new IllegalArgumentException("an access key has a secret or a public key: " + id);
        }
    }

    static RegisterName register(String account, String id) {
        return RegisterName.of(RegisterName.Kind.ACCESSKEY, account, RegisterName.GLOBAL, id);
    }

    public RegisterName register() {
        return register(account, id);
    }

    /// An id as AWS makes them: a prefix, then 80 bits in base 32, of which 40 are the account. The lowest 39 come
    /// from the signed request.
    public static String id(String prefix, String account, String requestDigest) {
        byte[] hash =
                CanonicalRequest.sha256(("keymoot access key id\n" + requestDigest).getBytes(StandardCharsets.UTF_8));
        long low = 0;
        for (int i = 0; i < 5; i++) {
            low = low << 8 | (hash[i] & 0xff);
        }
        BigInteger bits = BigInteger.ONE
                .shiftLeft(79)
                .or(BigInteger.valueOf(Long.parseLong(account)).shiftLeft(ACCOUNT_SHIFT))
                .or(BigInteger.valueOf(low & ((1L << ACCOUNT_SHIFT) - 1)));
        StringBuilder id = new StringBuilder(prefix);
        for (int i = DIGITS - 1; i >= 0; i--) {
            id.append(ALPHABET.charAt(bits.shiftRight(5 * i).intValue() & 31));
        }
        return id.toString();
    }

    /// The account that an id was made for; null when the id is not of this form.
    public static @Nullable String accountOf(String id) {
        if (id.length() != PREFIX + DIGITS || !(id.startsWith("AKIA") || id.startsWith("ASIA"))) {
            return null;
        }
        BigInteger bits = BigInteger.ZERO;
        for (char c : id.substring(PREFIX).toCharArray()) {
            int digit = ALPHABET.indexOf(c);
            if (digit < 0) {
                return null;
            }
            bits = bits.shiftLeft(5).or(BigInteger.valueOf(digit));
        }
        long account = bits.shiftRight(ACCOUNT_SHIFT).longValue() & ((1L << 40) - 1);
        return account > LARGEST_ACCOUNT ? null : "%012d".formatted(account);
    }

    /// The register of an access key; null when the id is not of the form that registers have.
    public static @Nullable RegisterName registerOf(String id) {
        String account = accountOf(id);
        return account == null || !id.startsWith("AKIA") ? null : register(account, id);
    }

    /// Binds a secret to a register without telling it: a secret of 240 random bits cannot be found from its hash,
    /// and the register's name keeps the hashes of different registers apart.
    ///
    /// @param secret in ASCII
    public static String commitment(RegisterName register, byte[] secret) {
        byte[] head = ("keymoot secret\n" + register.text() + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] whole = Arrays.copyOf(head, head.length + secret.length);
        System.arraycopy(secret, 0, whole, head.length, secret.length);
        try {
            return HexFormat.of().formatHex(CanonicalRequest.sha256(whole));
        } finally {
            Arrays.fill(whole, (byte) 0);
        }
    }

    /// The commitment that a register holds; null when it holds none.
    public static @Nullable String commitmentIn(String json) {
        JsonNode commitment = JsonReader.stored(json).get("commitment");
        return commitment == null || !commitment.isString() ? null : commitment.stringValue();
    }

    AccessKeyRecord withActive(boolean next, String request) {
        return new AccessKeyRecord(
                account, id, userName, userId, next, createdAt, commitment, publicKey, false, request);
    }

    AccessKeyRecord removed(String request) {
        return new AccessKeyRecord(
                account, id, userName, userId, false, createdAt, commitment, publicKey, true, request);
    }

    String status() {
        return active ? "Active" : "Inactive";
    }

    /// The register's content.
    public String json() {
        CanonicalJson.ObjectBuilder object = CanonicalJson.object()
                .put("active", active)
                .put("created", createdAt.toEpochMilli())
                .put("request", requestDigest)
                .put("user", userName)
                .put("userId", userId);
        if (commitment != null) {
            object.put("commitment", commitment);
        }
        if (publicKey != null) {
            object.put("publicKey", publicKey);
        }
        if (deleted) {
            object.put("deleted", true);
        }
        return object.text();
    }

    public static AccessKeyRecord decode(RegisterName register, String json) {
        JsonNode node = JsonReader.stored(json);
        JsonNode commitment = node.get("commitment");
        JsonNode publicKey = node.get("publicKey");
        return new AccessKeyRecord(
                register.account(),
                register.last(),
                node.required("user").stringValue(),
                node.required("userId").stringValue(),
                node.required("active").booleanValue(),
                Instant.ofEpochMilli(node.required("created").longValue()),
                commitment == null ? null : commitment.stringValue(),
                publicKey == null ? null : publicKey.stringValue(),
                node.has("deleted"),
                node.required("request").stringValue());
    }
}

package org.keymoot.access.iam;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.IssuedSecret;
import org.keymoot.access.RegisterName;
import org.keymoot.access.Session;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.access.sigv4.SignatureVerifier;
import tools.jackson.databind.JsonNode;

/// Session tokens: a session, sealed under a secret of its account that all parties hold.
///
/// A token is a version byte, the name of the secret, a nonce and the session under AES-256-GCM, all in Base64. The
/// nonce is a MAC of the session and of the request that asked for it, so that equal nonces mean equal contents. The
/// session's secret access key is a MAC of the token. Each use of the secret has a label of its own.
///
/// It keeps true: what [#open] returns was sealed by a party of this cluster for this very access key id.
final class SessionTokens {
    /// Longest token, in characters, so that a request with it stays within the limits of a head.
    static final int MAXIMUM_LENGTH = 12_000;

    /// Longest life of a session.
    static final Duration LONGEST_LIFE = Duration.ofHours(36);

    private static final byte VERSION = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int SECRET_CHARACTERS = 40;
    private static final Pattern SECRET_NAME = Pattern.compile("[0-9]{4}-(?:0[1-9]|1[0-2])");
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("uuuu-MM", Locale.ROOT);

    private SessionTokens() {}

    /// What makes the session's credentials together.
    record Sealed(String token, String secretAccessKey) {
        @Override
        public String toString() {
            return "Sealed[redacted]";
        }
    }

    /// The register of the secret that an account's tokens are sealed under at this time: a new one each month.
    static RegisterName register(String account, Instant now) {
        return register(account, MONTH.format(now.atOffset(ZoneOffset.UTC)));
    }

    private static RegisterName register(String account, String name) {
        return RegisterName.of(RegisterName.Kind.SESSIONKEY, account, RegisterName.GLOBAL, name);
    }

    /// The content of that register.
    static String json(String commitment, Instant now) {
        return CanonicalJson.object()
                .put("commitment", commitment)
                .put("created", now.toEpochMilli())
                .text();
    }

    /// Seals a session.
    ///
    /// @param register that names the secret
    static Sealed seal(Session session, RegisterName register, IssuedSecret secret, String requestDigest) {
        byte[] plain = json(session).getBytes(StandardCharsets.UTF_8);
        byte[] name = register.last().getBytes(StandardCharsets.US_ASCII);
        byte[] nonce = Arrays.copyOf(
                secret.mac(labelled("nonce", requestDigest.getBytes(StandardCharsets.US_ASCII), plain)), NONCE_BYTES);
        byte[] sealed = cipher(Cipher.ENCRYPT_MODE, secret, session.accessKeyId(), name, nonce, plain);
        if (sealed == null) {
            throw new IllegalStateException("every JDK encrypts with AES-GCM");
        }
        byte[] whole = ByteBuffer.allocate(1 + name.length + NONCE_BYTES + sealed.length)
                .put(VERSION)
                .put(name)
                .put(nonce)
                .put(sealed)
                .array();
        String token = Base64.getEncoder().encodeToString(whole);
        return new Sealed(token, secretAccessKey(token, secret));
    }

    /// The secret access key that goes with a token.
    static String secretAccessKey(String token, IssuedSecret secret) {
        byte[] mac = secret.mac(labelled("secret access key", token.getBytes(StandardCharsets.US_ASCII)));
        return Base64.getEncoder().encodeToString(mac).substring(0, SECRET_CHARACTERS);
    }

    /// The register of the secret that a token says it was sealed under; null when it is no token.
    static @Nullable RegisterName registerOf(String account, String token) {
        byte[] whole = decode(token);
        if (whole == null) {
            return null;
        }
        String name = new String(whole, 1, 7, StandardCharsets.US_ASCII);
        return SECRET_NAME.matcher(name).matches() ? register(account, name) : null;
    }

    /// Whether every session that was ever sealed under a secret is over.
    ///
    /// @param register that names the secret
    static boolean isOver(RegisterName register, Instant now) {
        Instant end = YearMonth.parse(register.last())
                .plusMonths(1)
                .atDay(1)
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant();
        return !now.isBefore(end.plus(LONGEST_LIFE));
    }

    /// Whether an honest party can have made a session. Whoever holds the secret can seal any, also one that never
    /// ends, so that what a session says of its time is not believed beyond this.
    ///
    /// @param register that names the secret under which it was sealed
    static boolean isPlausible(Session session, RegisterName register, String account, Instant now) {
        Instant issued = session.issuedAt();
        return register.equals(register(account, issued))
                && !issued.isAfter(now.plus(SignatureVerifier.MAXIMUM_SKEW))
                && !session.expiresAt().isAfter(issued.plus(LONGEST_LIFE));
    }

    /// The session of a token; null when it was not sealed under this secret for this access key.
    static @Nullable Session open(String accessKeyId, String token, IssuedSecret secret) {
        byte[] whole = decode(token);
        if (whole == null) {
            return null;
        }
        byte[] name = Arrays.copyOfRange(whole, 1, 8);
        byte[] nonce = Arrays.copyOfRange(whole, 8, 8 + NONCE_BYTES);
        byte[] sealed = Arrays.copyOfRange(whole, 8 + NONCE_BYTES, whole.length);
        byte[] plain = cipher(Cipher.DECRYPT_MODE, secret, accessKeyId, name, nonce, sealed);
        return plain == null ? null : session(accessKeyId, plain);
    }

    private static byte @Nullable [] decode(String token) {
        if (token.length() > MAXIMUM_LENGTH) {
            return null;
        }
        try {
            byte[] whole = Base64.getDecoder().decode(token);
            boolean canonical = Base64.getEncoder().encodeToString(whole).equals(token);
            return canonical && whole.length > 8 + NONCE_BYTES + TAG_BITS / 8 && whole[0] == VERSION ? whole : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /// Null when what is to be decrypted was not encrypted so.
    private static byte @Nullable [] cipher(
            int mode, IssuedSecret secret, String accessKeyId, byte[] name, byte[] nonce, byte[] input) {
        byte[] key = secret.mac(labelled("encryption", name));
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(labelled("token", name, accessKeyId.getBytes(StandardCharsets.US_ASCII)));
            return cipher.doFinal(input);
        } catch (GeneralSecurityException e) {
            return null;
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static byte[] labelled(String label, byte[]... parts) {
        byte[] head = ("keymoot session " + label + "\n").getBytes(StandardCharsets.US_ASCII);
        int length = head.length;
        for (byte[] part : parts) {
            length += Integer.BYTES + part.length;
        }
        ByteBuffer out = ByteBuffer.allocate(length).put(head);
        for (byte[] part : parts) {
            out.putInt(part.length).put(part);
        }
        return out.array();
    }

    private static String json(Session session) {
        CanonicalJson.ObjectBuilder object = CanonicalJson.object()
                .put("expires", session.expiresAt().toEpochMilli())
                .put("issued", session.issuedAt().toEpochMilli())
                .put("kind", session.kind().name())
                .put("name", session.name())
                .put("owner", session.owner())
                .put("ownerId", session.ownerId())
                .put("policies", session.policies())
                .put("policyArns", session.policyArns())
                .put("sourceIdentity", session.sourceIdentity())
                .put("tags", session.tags())
                .put("transitive", List.copyOf(session.transitiveTags()));
        if (!session.webIdentity().isEmpty()) {
            object.put("webIdentity", session.webIdentity());
        }
        return object.text();
    }

    private static Session session(String accessKeyId, byte[] plain) {
        JsonNode node;
        try {
            node = JsonReader.read(plain);
        } catch (InvalidJsonException e) {
            throw new IllegalStateException("a sealed session holds damaged content: " + e.getMessage(), e);
        }
        JsonNode webIdentity = node.get("webIdentity");
        return new Session(
                Session.Kind.valueOf(node.required("kind").stringValue()),
                accessKeyId,
                node.required("owner").stringValue(),
                node.required("ownerId").stringValue(),
                node.required("name").stringValue(),
                Instant.ofEpochMilli(node.required("issued").longValue()),
                Instant.ofEpochMilli(node.required("expires").longValue()),
                texts(node.required("policies")),
                texts(node.required("policyArns")),
                IdentityRecord.texts(node.required("tags")),
                new TreeSet<>(texts(node.required("transitive"))),
                node.required("sourceIdentity").stringValue(),
                webIdentity == null ? "" : webIdentity.stringValue());
    }

    private static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        node.forEach(element -> texts.add(element.stringValue()));
        return texts;
    }
}

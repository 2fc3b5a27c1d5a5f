package org.keymoot.access.oidc;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// An identity token: a signed JWT (RFC 7519, OpenID Connect Core section 2) in compact form.
///
/// It keeps true: what it says is read strictly and means nothing until [#isSignedBy] says yes; extensions that have to
/// be understood are refused, since none is.
///
/// @param issuer `iss`, a URL
/// @param subject `sub`
/// @param audiences `azp` where there is one, otherwise `aud`
/// @param methods `amr`: how the subject was authenticated
/// @param expiresAt `exp`, in seconds since 1970
/// @param issuedAt `iat`, in seconds since 1970
/// @param notBefore `nbf`, null when there is none
/// @param tags of the session, by the claim that AWS defines
/// @param transitiveTags which of them sessions made by the session inherit
/// @param sourceIdentity by the claim that AWS defines; null when there is none
public record IdToken(
        String issuer,
        String subject,
        List<String> audiences,
        List<String> methods,
        long expiresAt,
        long issuedAt,
        @Nullable Long notBefore,
        Map<String, String> tags,
        List<String> transitiveTags,
        @Nullable String sourceIdentity,
        Signed signed) {
    /// Longest token, in characters, as AWS has it.
    public static final int MAXIMUM_LENGTH = 20_000;

    private static final int MOST_VALUES = 100;
    private static final int LONGEST_CLAIM = 2048;
    private static final BigDecimal LATEST = BigDecimal.valueOf(253_402_300_799L);
    private static final String TAGS = "https://aws.amazon.com/tags";
    private static final String SOURCE_IDENTITY = "https://aws.amazon.com/source_identity";

    /// What is signed, and how.
    static final class Signed {
        private final TokenAlgorithm algorithm;
        private final @Nullable String keyId;
        private final byte[] content;
        private final byte[] signature;

        private Signed(TokenAlgorithm algorithm, @Nullable String keyId, byte[] content, byte[] signature) {
            this.algorithm = algorithm;
            this.keyId = keyId;
            this.content = content;
            this.signature = signature;
        }
    }

    public IdToken {
        audiences = List.copyOf(audiences);
        methods = List.copyOf(methods);
        tags = new TreeMap<>(tags);
        transitiveTags = List.copyOf(transitiveTags);
    }

    /// A claim that every token must have is not there; AWS has words of its own for this.
    public static final class MissingClaim extends Exception {
        MissingClaim(String claim) {
            super(claim);
        }
    }

    /// Reads a token without believing it.
    ///
    /// @throws InvalidTokenException when it is no token in this form
    /// @throws MissingClaim when it lacks a claim, which the message names
    public static IdToken read(String token) throws InvalidTokenException, MissingClaim {
        if (token.length() > MAXIMUM_LENGTH) {
            throw new InvalidTokenException("a token has at most " + MAXIMUM_LENGTH + " characters");
        }
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            throw new InvalidTokenException("a token has three parts");
        }
        JsonNode header = object(parts[0]);
        JsonNode claims = object(parts[1]);
        if (header.has("crit") || header.has("b64")) {
            throw new InvalidTokenException("the token needs extensions that are not known here");
        }
        TokenAlgorithm algorithm = TokenAlgorithm.of(requiredText(header, "alg"));
        if (algorithm == null) {
            throw new InvalidTokenException("the token's algorithm is not one of those that are taken");
        }
        byte[] content = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
        Signed signed = new Signed(algorithm, text(header, "kid"), content, Base64Url.decode(parts[2]));
        String authorised = text(claims, "azp");
        List<String> audiences = required(claims, "aud");
        JsonNode tags = claims.get(TAGS);
        return new IdToken(
                requiredClaim(claims, "iss"),
                requiredClaim(claims, "sub"),
                authorised == null ? audiences : List.of(authorised),
                texts(claims.get("amr")),
                requiredTime(claims, "exp"),
                requiredTime(claims, "iat"),
                time(claims, "nbf"),
                tags == null ? Map.of() : sessionTags(tags),
                tags == null ? List.of() : texts(tags.get("transitive_tag_keys")),
                text(claims, SOURCE_IDENTITY),
                signed);
    }

    private static JsonNode object(String part) throws InvalidTokenException {
        try {
            JsonNode node = JsonReader.read(Base64Url.decode(part));
            if (node.isObject()) {
                return node;
            }
        } catch (InvalidJsonException e) {
            throw new InvalidTokenException("a part is not JSON", e);
        }
        throw new InvalidTokenException("a part is no JSON object");
    }

    private static String requiredText(JsonNode node, String member) throws InvalidTokenException {
        String text = text(node, member);
        if (text == null) {
            throw new InvalidTokenException("the header lacks " + member);
        }
        return text;
    }

    private static String requiredClaim(JsonNode claims, String name) throws InvalidTokenException, MissingClaim {
        String text = text(claims, name);
        if (text == null || text.isEmpty()) {
            throw new MissingClaim(name);
        }
        return text;
    }

    private static List<String> required(JsonNode claims, String name) throws InvalidTokenException, MissingClaim {
        JsonNode node = claims.get(name);
        List<String> values = node != null && node.isString() ? List.of(shortText(node)) : texts(node);
        if (values.isEmpty()) {
            throw new MissingClaim(name);
        }
        return values;
    }

    private static long requiredTime(JsonNode claims, String name) throws InvalidTokenException, MissingClaim {
        Long time = time(claims, name);
        if (time == null) {
            throw new MissingClaim(name);
        }
        return time;
    }

    /// Whole seconds; parts of one are cut off.
    private static @Nullable Long time(JsonNode claims, String name) throws InvalidTokenException {
        JsonNode node = claims.get(name);
        if (node == null) {
            return null;
        }
        if (!node.isNumber()) {
            throw new InvalidTokenException("the claim " + name + " is no time");
        }
        BigDecimal seconds = node.decimalValue();
        if (seconds.signum() < 0 || seconds.compareTo(LATEST) > 0) {
            throw new InvalidTokenException("the claim " + name + " is no time of this era");
        }
        return seconds.longValue();
    }

    private static @Nullable String text(JsonNode node, String member) throws InvalidTokenException {
        JsonNode value = node.get(member);
        if (value == null) {
            return null;
        }
        if (!value.isString()) {
            throw new InvalidTokenException("a member that should be a text is none");
        }
        return shortText(value);
    }

    private static String shortText(JsonNode value) throws InvalidTokenException {
        String text = value.stringValue();
        if (text.length() > LONGEST_CLAIM) {
            throw new InvalidTokenException("a claim is longer than " + LONGEST_CLAIM + " characters");
        }
        return text;
    }

    private static List<String> texts(@Nullable JsonNode node) throws InvalidTokenException {
        List<String> texts = new ArrayList<>();
        if (node == null) {
            return texts;
        }
        if (!node.isArray() || node.size() > MOST_VALUES) {
            throw new InvalidTokenException("a claim is no list of at most " + MOST_VALUES + " texts");
        }
        for (JsonNode element : node) {
            if (!element.isString()) {
                throw new InvalidTokenException("a claim is no list of texts");
            }
            texts.add(shortText(element));
        }
        return texts;
    }

    /// `{"principal_tags": {"team": ["bridge"]}, …}`, each tag with one value.
    private static Map<String, String> sessionTags(JsonNode claim) throws InvalidTokenException {
        Map<String, String> tags = new TreeMap<>();
        JsonNode principal = claim.get("principal_tags");
        if (!claim.isObject() || (principal != null && !principal.isObject())) {
            throw new InvalidTokenException("the claim of session tags is not of its form");
        }
        if (principal == null) {
            return tags;
        }
        for (var tag : principal.properties()) {
            List<String> values =
                    tag.getValue().isString() ? List.of(shortText(tag.getValue())) : texts(tag.getValue());
            if (values.size() != 1) {
                throw new InvalidTokenException("a session tag has one value");
            }
            tags.put(tag.getKey(), values.getFirst());
        }
        return tags;
    }

    /// Whether a set has the key that the token names.
    public boolean hasKeyIn(JsonWebKeys keys) {
        return keys.has(signed.keyId, signed.algorithm);
    }

    /// Whether a key of this set signed the token.
    public boolean isSignedBy(JsonWebKeys keys) {
        return keys.verifies(signed.keyId, signed.algorithm, signed.content, signed.signature);
    }

    @Override
    public String toString() {
        return "token of " + issuer + " for " + subject;
    }
}

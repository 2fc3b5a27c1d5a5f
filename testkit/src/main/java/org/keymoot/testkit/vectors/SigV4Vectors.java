package org.keymoot.testkit.vectors;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsException;
import org.keymoot.access.Credential;
import org.keymoot.access.CredentialLookup;
import org.keymoot.access.Principal;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.sigv4.AsymmetricKey;
import org.keymoot.access.sigv4.CanonicalRequest;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.access.sigv4.Scheme;
import org.keymoot.access.sigv4.SignatureVerifier;
import org.keymoot.access.sigv4.SigningKey;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.WeierstrassPoint;
import org.keymoot.crypto.secret.SecretBytes;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// AWS's Signature Version 4 and 4A cases: a request, how it is signed in a header and in the query, and each value on
/// the way. Signatures of 4A are random, so theirs are verified and not made again.
final class SigV4Vectors {
    private static final Pattern REQUEST_LINE = Pattern.compile("([A-Z]+) (.*) HTTP/1\\.1");
    private static final Pattern SIGNED_HEADERS = Pattern.compile("SignedHeaders=([^,& ]+)");
    private static final Pattern SIGNATURE = Pattern.compile("Signature=([0-9a-f]+)");

    private SigV4Vectors() {}

    static Outcome run(Path folder) throws IOException {
        return run(folder, Scheme.SHARED_SECRET);
    }

    static Outcome runAsymmetric(Path folder) throws IOException {
        return run(folder, Scheme.PUBLIC_KEY);
    }

    private static Outcome run(Path folder, Scheme scheme) throws IOException {
        Path contextFile = folder.resolve("context.json");
        if (!Files.exists(contextFile)) {
            return new Outcome.Unknown("a case without context.json");
        }
        if (!Files.exists(folder.resolve("header-signed-request.txt"))) {
            return new Outcome.NotApplicable("the case has no signed request");
        }
        Case inputs = new Case(folder, scheme, JsonMapper.shared().readTree(contextFile.toFile()), new Checks());
        if (scheme == Scheme.PUBLIC_KEY && Files.exists(folder.resolve("public-key.json"))) {
            inputs.checkDerivation();
        }
        inputs.check("header", Set.of());
        // Where the token is omitted, it was added to the query after signing.
        boolean tokenOmitted = inputs.context().path("omit_session_token").asBoolean(false);
        inputs.check(
                "query", tokenOmitted ? Set.of("X-Amz-Signature", "X-Amz-Security-Token") : Set.of("X-Amz-Signature"));
        return inputs.checks().outcome();
    }

    private record Case(Path folder, Scheme scheme, JsonNode context, Checks checks) {
        void checkDerivation() throws IOException {
            JsonNode key = JsonMapper.shared().readTree(text("public-key.json"));
            String expected = "04" + key.path("X").asString("") + key.path("Y").asString("");
            checks.check(
                    "derived public key",
                    () -> HexFormat.of()
                            .formatHex(((WeierstrassPoint) publicKey()).encodeUncompressed())
                            .equals(expected));
        }

        void check(String form, Set<String> leaveOut) throws IOException {
            SignedRequest request = request(text(form + "-signed-request.txt"));
            String expectedCanonical = text(form + "-canonical-request.txt");
            String expectedToSign = text(form + "-string-to-sign.txt");
            String expectedSignature = text(form + "-signature.txt").strip();
            boolean normalize = context.path("normalize").asBoolean(true);

            checks.check(
                    form + ": canonical request",
                    () -> CanonicalRequest.of(
                                    request.method(),
                                    request.target(),
                                    request.headers(),
                                    signedHeaders(request),
                                    CanonicalRequest.sha256Hex(request.body()),
                                    normalize,
                                    leaveOut)
                            .equals(expectedCanonical));
            checks.check(
                    form + ": string to sign",
                    () -> CanonicalRequest.stringToSign(scheme, timestamp(), scope(), expectedCanonical)
                            .equals(expectedToSign));
            checks.check(form + ": signature", () -> isSignature(expectedToSign, expectedSignature));
            // Parties normalise every path and take no session tokens, so they answer those cases otherwise.
            if (normalize && !context.path("credentials").has("token")) {
                checks.check(form + ": accepted", () -> accepted(request));
                checks.check(
                        form + ": refused with another signature",
                        () -> !accepted(request(withAnotherSignature(text(form + "-signed-request.txt")))));
            } else if (context.path("credentials").has("token")) {
                checks.check(form + ": session token refused", () -> !accepted(request));
            }
        }

        private boolean isSignature(String toSign, String signature) {
            byte[] message = toSign.getBytes(StandardCharsets.UTF_8);
            return switch (scheme) {
                case SHARED_SECRET ->
                    HexFormat.of().formatHex(sign(scope(), message)).equals(signature);
                case PUBLIC_KEY ->
                    AsymmetricKey.verifies(publicKey(), message, HexFormat.of().parseHex(signature));
            };
        }

        private boolean accepted(SignedRequest request) {
            Instant signedAt = Instant.parse(context.path("timestamp").asString(""));
            try {
                new SignatureVerifier(context.path("service").asString("")).verify(request, lookup(), signedAt);
                return true;
            } catch (AwsException refused) {
                return false;
            }
        }

        private CredentialLookup lookup() {
            String known = context.path("credentials").path("access_key_id").asString("");
            Credential credential = new Credential() {
                @Override
                public Principal principal() {
                    return Principal.root("123456789012");
                }

                @Override
                public boolean active() {
                    return true;
                }

                @Override
                public @Nullable Point publicKey() {
                    return scheme == Scheme.PUBLIC_KEY ? Case.this.publicKey() : null;
                }

                @Override
                public byte[] sign(CredentialScope scope, byte[] stringToSign) {
                    return Case.this.sign(scope, stringToSign);
                }
            };
            return id -> id.equals(known) ? credential : null;
        }

        private byte[] sign(CredentialScope scope, byte[] stringToSign) {
            try (SecretBytes key = secret()) {
                return SigningKey.sign(key, scope, stringToSign);
            }
        }

        private Point publicKey() {
            try (SecretBytes key = secret()) {
                return AsymmetricKey.publicKey(
                        key, context.path("credentials").path("access_key_id").asString(""));
            }
        }

        private SecretBytes secret() {
            return SecretBytes.copyOf(MemorySegment.ofArray(context.path("credentials")
                    .path("secret_access_key")
                    .asString("")
                    .getBytes(StandardCharsets.US_ASCII)));
        }

        private CredentialScope scope() {
            return new CredentialScope(
                    timestamp().substring(0, 8),
                    context.path("region").asString(""),
                    context.path("service").asString(""));
        }

        private String timestamp() {
            return context.path("timestamp").asString("").replace("-", "").replace(":", "");
        }

        private String text(String file) throws IOException {
            return Files.readString(folder.resolve(file), StandardCharsets.UTF_8);
        }
    }

    /// The request with the last digit of its signature changed.
    private static String withAnotherSignature(String request) {
        Matcher signature = SIGNATURE.matcher(request);
        if (!signature.find()) {
            throw new IllegalArgumentException("the request has no signature");
        }
        int last = signature.end(1) - 1;
        char other = request.charAt(last) == '0' ? '1' : '0';
        return request.substring(0, last) + other + request.substring(last + 1);
    }

    private static List<String> signedHeaders(SignedRequest request) {
        String where = String.join(" ", request.header("authorization")) + " " + request.target();
        Matcher matcher = SIGNED_HEADERS.matcher(where);
        if (!matcher.find()) {
            throw new IllegalArgumentException("the request names no signed headers");
        }
        return List.of(
                matcher.group(1).replace("%3B", ";").toLowerCase(Locale.ROOT).split(";"));
    }

    /// Reads a request as the cases write it: lines end with LF, and a header's value may go on in the next
    /// line.
    private static SignedRequest request(String text) {
        int blank = text.indexOf("\n\n");
        String head = blank < 0 ? text.stripTrailing() : text.substring(0, blank);
        String body = blank < 0 ? "" : text.substring(blank + 2);
        String[] lines = head.split("\n");
        Matcher first = REQUEST_LINE.matcher(lines[0]);
        if (!first.matches()) {
            throw new IllegalArgumentException("expected a request line, found '" + lines[0] + "'");
        }
        List<SignedRequest.Header> headers = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            if (lines[i].startsWith(" ")) {
                SignedRequest.Header last = headers.removeLast();
                headers.add(new SignedRequest.Header(last.name(), last.value() + " " + lines[i].strip()));
            } else {
                int colon = lines[i].indexOf(':');
                headers.add(new SignedRequest.Header(lines[i].substring(0, colon), lines[i].substring(colon + 1)));
            }
        }
        return new SignedRequest(
                first.group(1), first.group(2), headers, body.getBytes(StandardCharsets.UTF_8), "192.0.2.1");
    }
}

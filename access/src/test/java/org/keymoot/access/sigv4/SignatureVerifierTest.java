package org.keymoot.access.sigv4;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.AwsError;
import org.keymoot.access.AwsException;
import org.keymoot.access.Credential;
import org.keymoot.access.CredentialLookup;
import org.keymoot.access.Principal;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.SignedRequest.Header;
import org.keymoot.access.TestSigner;
import org.keymoot.crypto.secret.SecretBytes;

/// Who gets in, and in which words the others are turned away.
final class SignatureVerifierTest {
    private static final String ACCOUNT = "123456789012";
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private static final String BODY = "{\"KeyId\":\"alias/a\"}";
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final SignatureVerifier VERIFIER = new SignatureVerifier("kms");
    private static final CredentialLookup CREDENTIALS = id -> switch (id) {
        case "AKIAROOT" -> new Known(true);
        case "AKIAOFF" -> new Known(false);
        default -> null;
    };

    private record Known(boolean active) implements Credential {
        @Override
        public Principal principal() {
            return Principal.root(ACCOUNT);
        }

        @Override
        public byte[] sign(CredentialScope scope, byte[] stringToSign) {
            byte[] ascii = SECRET.getBytes(StandardCharsets.US_ASCII);
            try (SecretBytes bytes = SecretBytes.copyOf(MemorySegment.ofArray(ascii))) {
                return SigningKey.sign(bytes, scope, stringToSign);
            }
        }
    }

    private static TestSigner signer() {
        return new TestSigner("AKIAROOT", SECRET, "eu-west-9", "kms");
    }

    private static SignedRequest request() {
        return signer().post("DescribeKey", BODY, NOW);
    }

    private static AwsError refusal(SignedRequest request, Instant now) {
        try {
            throw new AssertionError("accepted as " + VERIFIER.verify(request, CREDENTIALS, now));
        } catch (AwsException e) {
            return e.error();
        }
    }

    private static AwsError refusal(SignedRequest request) {
        return refusal(request, NOW);
    }

    private static SignedRequest with(SignedRequest request, UnaryOperator<List<Header>> change) {
        return new SignedRequest(
                request.method(),
                request.target(),
                change.apply(new ArrayList<>(request.headers())),
                request.body(),
                request.sourceAddress());
    }

    private static SignedRequest adding(SignedRequest request, String name, String value) {
        return with(request, headers -> {
            headers.add(new Header(name, value));
            return headers;
        });
    }

    private static SignedRequest authorization(UnaryOperator<String> change) {
        return with(request(), headers -> {
            headers.replaceAll(header -> header.name().equals("Authorization")
                    ? new Header(header.name(), change.apply(header.value()))
                    : header);
            return headers;
        });
    }

    @Test
    void acceptsASignedRequestInAnyRegion() {
        Authenticated caller = VERIFIER.verify(request(), CREDENTIALS, NOW);
        assertThat(caller.principal()).isEqualTo(Principal.root(ACCOUNT));
        assertThat(caller.scope().region()).isEqualTo("eu-west-9");
        assertThat(caller.accessKeyId()).isEqualTo("AKIAROOT");
    }

    @Test
    void acceptsAPresignedRequestUntilItExpires() {
        SignedRequest presigned = signer().presigned("DescribeKey", BODY, NOW, 900);
        assertThat(VERIFIER.verify(presigned, CREDENTIALS, NOW.plusSeconds(900)).principal())
                .isEqualTo(Principal.root(ACCOUNT));
        AwsError late = refusal(presigned, NOW.plusSeconds(901));
        assertThat(late.type()).isEqualTo("InvalidSignatureException");
        assertThat(late.message())
                .isEqualTo("Signature expired: 20261122T120000Z is now earlier than 20261122T120001Z"
                        + " (20261122T121501Z - 900 sec.)");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 604_801, 99_999_999})
    void refusesPresignedLivesOutOfRange(long seconds) {
        assertThat(refusal(signer().presigned("DescribeKey", BODY, NOW, seconds))
                        .type())
                .isEqualTo("IncompleteSignatureException");
    }

    @Test
    void namesAReplayAlikeAndAnotherRequestDifferently() {
        String digest = VERIFIER.verify(request(), CREDENTIALS, NOW).requestDigest();
        assertThat(VERIFIER.verify(request(), CREDENTIALS, NOW.plusSeconds(9)).requestDigest())
                .isEqualTo(digest);
        SignedRequest later = signer().post("DescribeKey", BODY, NOW.plusSeconds(1));
        assertThat(VERIFIER.verify(later, CREDENTIALS, NOW).requestDigest()).isNotEqualTo(digest);
    }

    /// Each byte of each part that is signed, changed in each of three ways.
    @Test
    void refusesEveryChangeOfEverySignedByte() {
        SignedRequest good = request();
        int refused = 0;
        for (int mask : new int[] {0x01, 0x02, 0x10}) {
            for (int i = 0; i < good.method().length(); i++) {
                refused += refused(copy(flip(good.method(), i, mask), good.target(), good.headers(), good.body()));
            }
            for (int i = 0; i < good.target().length(); i++) {
                refused += refused(copy(good.method(), flip(good.target(), i, mask), good.headers(), good.body()));
            }
            for (int i = 0; i < good.body().length; i++) {
                byte[] body = good.body().clone();
                body[i] ^= (byte) mask;
                refused += refused(copy(good.method(), good.target(), good.headers(), body));
            }
            for (int h = 0; h < good.headers().size(); h++) {
                Header header = good.headers().get(h);
                for (int i = 0; i < header.name().length(); i++) {
                    List<Header> headers = new ArrayList<>(good.headers());
                    headers.set(h, new Header(flip(header.name(), i, mask), header.value()));
                    refused += refused(copy(good.method(), good.target(), headers, good.body()));
                }
                for (int i = 0; i < header.value().length(); i++) {
                    List<Header> headers = new ArrayList<>(good.headers());
                    headers.set(h, new Header(header.name(), flip(header.value(), i, mask)));
                    refused += refused(copy(good.method(), good.target(), headers, good.body()));
                }
            }
        }
        assertThat(refused).isGreaterThan(1000);
    }

    /// The same for a presigned request, whose signature is in the query.
    @Test
    void refusesEveryChangeOfEveryByteOfAPresignedQuery() {
        SignedRequest good = signer().presigned("DescribeKey", BODY, NOW, 900);
        for (int i = 0; i < good.target().length(); i++) {
            SignedRequest bad = copy(good.method(), flip(good.target(), i, 0x01), good.headers(), good.body());
            assertThat(refused(bad)).as("byte %d", i).isEqualTo(1);
        }
    }

    private static int refused(SignedRequest request) {
        AwsError error = refusal(request);
        assertThat(error.status()).isEqualTo(400);
        return 1;
    }

    private static SignedRequest copy(String method, String target, List<Header> headers, byte[] body) {
        return new SignedRequest(method, target, headers, body, "192.0.2.1");
    }

    private static String flip(String text, int at, int mask) {
        char[] characters = text.toCharArray();
        characters[at] ^= (char) mask;
        return new String(characters);
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "authorization", "x-amz-date", "x-amz-target", "content-type", "X-AMZ-TARGET"})
    void refusesRepeatedHeadersThatDecideSomething(String name) {
        AwsError error = refusal(adding(request(), name, "x"));
        assertThat(error.type()).isEqualTo("IncompleteSignatureException");
        assertThat(error.message()).contains("occurs more than once");
    }

    @Test
    void refusesAnUnsignedAmzHeader() {
        AwsError error = refusal(adding(request(), "X-Amz-Extra", "1"));
        assertThat(error.type()).isEqualTo("InvalidSignatureException");
        assertThat(error.message()).isEqualTo("'x-amz-extra' must be a 'SignedHeader' in the AWS Authorization.");
    }

    @Test
    void refusesAnUnsignedTarget() {
        TreeMap<String, String> headers = new TreeMap<>();
        headers.put("host", "kms.example.org");
        SignedRequest unsigned = signer().post(headers, BODY.getBytes(StandardCharsets.UTF_8), NOW);
        assertThat(refusal(adding(unsigned, "X-Amz-Target", "TrentService.Sign"))
                        .message())
                .isEqualTo("'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.");
    }

    @Test
    void refusesARequestWhoseHostIsNotSigned() {
        TreeMap<String, String> headers = new TreeMap<>();
        headers.put("x-amz-target", "TrentService.Sign");
        AwsError error = refusal(signer().post(headers, new byte[0], NOW));
        assertThat(error.type()).isEqualTo("InvalidSignatureException");
        assertThat(error.message()).contains("'Host' or ':authority' must be a 'SignedHeader'");
    }

    @Test
    void acceptsUnsignedHeadersThatDecideNothing() {
        SignedRequest request = adding(adding(request(), "User-Agent", "a"), "User-Agent", "b");
        assertThat(VERIFIER.verify(request, CREDENTIALS, NOW).principal()).isEqualTo(Principal.root(ACCOUNT));
    }

    @ParameterizedTest
    @CsvSource({"301, false", "300, true", "0, true", "-300, true", "-301, false"})
    void keepsAWindowOfFiveMinutes(long clientAheadSeconds, boolean accepted) {
        SignedRequest request = signer().post("ListKeys", "{}", NOW.plusSeconds(clientAheadSeconds));
        if (accepted) {
            assertThat(VERIFIER.verify(request, CREDENTIALS, NOW).accessKeyId()).isEqualTo("AKIAROOT");
        } else {
            assertThat(refusal(request).type()).isEqualTo("InvalidSignatureException");
        }
    }

    @Test
    void saysWhenASignatureIsTooOldOrTooNew() {
        Instant old = NOW.minus(Duration.ofMinutes(15));
        assertThat(refusal(signer().post("ListKeys", "{}", old)).message())
                .isEqualTo("Signature expired: 20261122T114500Z is now earlier than 20261122T115500Z"
                        + " (20261122T120000Z - 5 min.)");
        Instant ahead = NOW.plus(Duration.ofMinutes(15));
        assertThat(refusal(signer().post("ListKeys", "{}", ahead)).message())
                .isEqualTo("Signature not yet current: 20261122T121500Z is still later than 20261122T120500Z"
                        + " (20261122T120000Z + 5 min.)");
    }

    @ParameterizedTest
    @CsvSource({"AKIANOBODY", "AKIAOFF"})
    void refusesUnknownAndInactiveAccessKeysAlike(String accessKeyId) {
        AwsError error = refusal(new TestSigner(accessKeyId, SECRET, "us-east-1", "kms").post("ListKeys", "{}", NOW));
        assertThat(error)
                .isEqualTo(AwsError.of(
                        "UnrecognizedClientException", "The security token included in the request is invalid."));
    }

    @Test
    void refusesAnotherSecretAndAnotherService() {
        AwsError wrong = refusal(new TestSigner("AKIAROOT", "guess", "us-east-1", "kms").post("ListKeys", "{}", NOW));
        assertThat(wrong.type()).isEqualTo("InvalidSignatureException");
        assertThat(wrong.message()).startsWith("The request signature we calculated does not match");
        AwsError service = refusal(new TestSigner("AKIAROOT", SECRET, "us-east-1", "s3").post("ListKeys", "{}", NOW));
        assertThat(service.message()).isEqualTo("Credential should be scoped to correct service: 'kms'.");
    }

    @Test
    void refusesARequestWithoutCredentials() {
        SignedRequest bare = new SignedRequest("POST", "/", List.of(new Header("Host", "a")), new byte[0], "192.0.2.1");
        assertThat(refusal(bare))
                .isEqualTo(
                        AwsError.of("MissingAuthenticationTokenException", "Request is missing Authentication Token"));
    }

    @Test
    void refusesASessionTokenThatIsNotSignedOrNotKnown() {
        AwsError added = refusal(adding(request(), "X-Amz-Security-Token", "FwoGZXIvYXdzEXAMPLE"));
        assertThat(added.message()).contains("'x-amz-security-token' must be a 'SignedHeader'");
        TreeMap<String, String> headers = new TreeMap<>();
        headers.put("host", "kms.example.org");
        headers.put("x-amz-security-token", "FwoGZXIvYXdzEXAMPLE");
        AwsError unknown = refusal(signer().post(headers, "{}".getBytes(StandardCharsets.UTF_8), NOW));
        assertThat(unknown)
                .isEqualTo(AwsError.of(
                        "UnrecognizedClientException", "The security token included in the request is invalid."));
    }

    @Test
    void refusesAPayloadThatIsDeclaredUnsignedOrOtherwise() {
        for (String declared : List.of("UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "00")) {
            TreeMap<String, String> headers = new TreeMap<>();
            headers.put("host", "kms.example.org");
            headers.put("x-amz-content-sha256", declared);
            AwsError error = refusal(signer().post(headers, "{}".getBytes(StandardCharsets.UTF_8), NOW));
            assertThat(error.type()).isEqualTo("InvalidSignatureException");
            assertThat(error.message()).contains("X-Amz-Content-SHA256");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Signature=|Sig=|Authorization header requires 'Signature' parameter.",
                "Credential=|Cred|not a valid key=value pair (missing equal-sign) in Authorization header",
                "/kms/aws4_request|/aws4_request|Credential must have exactly 5 slash-delimited elements",
                "AWS4-HMAC-SHA256|AWS3|Unsupported AWS 'algorithm': 'AWS3'",
                "SignedHeaders=content-type;host|SignedHeaders=host;content-type|in ascending order",
                "SignedHeaders=content-type;host|SignedHeaders=content-type;Host|lower-case"
            })
    void saysWhatIsWrongWithAnAuthorizationHeader(String part, String instead, String message) {
        AwsError error = refusal(authorization(value -> value.replace(part, instead)));
        assertThat(error.type()).isEqualTo("IncompleteSignatureException");
        assertThat(error.message()).contains(message);
    }

    @Test
    void refusesAScopeOfAnotherDayOrTerminator() {
        AwsError day = refusal(authorization(value -> value.replace("/20261122/", "/20261121/")));
        assertThat(day.message())
                .isEqualTo("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
                        + " '20261121' != '20261122', from '20261122T120000Z'.");
        AwsError end = refusal(authorization(value -> value.replace("/aws4_request", "/aws5_request")));
        assertThat(end.message()).isEqualTo("Credential should be scoped with a valid terminator: 'aws4_request'.");
    }

    @Test
    void refusesBothWaysOfSigningAtOnce() {
        SignedRequest presigned = signer().presigned("DescribeKey", BODY, NOW, 900);
        String authorization = request().header("Authorization").getFirst();
        AwsError error = refusal(adding(presigned, "Authorization", authorization));
        assertThat(error.message()).contains("signed both in a header and in the query");
    }

    @Test
    void refusesARepeatedQueryParameter() {
        SignedRequest presigned = signer().presigned("DescribeKey", BODY, NOW, 900);
        SignedRequest repeated = copy(
                presigned.method(),
                presigned.target() + "&x-amz-expires=604800",
                presigned.headers(),
                presigned.body());
        assertThat(refusal(repeated).message()).contains("occurs more than once");
    }
}

package org.keymoot.access.sigv4;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
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
import org.keymoot.access.TestCredential;
import org.keymoot.access.TestSigner;
import org.keymoot.access.TestSigner4a;
import org.keymoot.crypto.ecdsa.EcdsaSignature;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.ScalarField;

/// Requests signed by a key of which only the public half is known.
final class PublicKeySignatureTest {
    private static final String ACCOUNT = "123456789012";
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private static final byte[] BODY = "{\"KeyId\":\"alias/a\"}".getBytes(StandardCharsets.UTF_8);
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final SignatureVerifier VERIFIER = new SignatureVerifier("kms");
    private static final TestSigner4a SIGNER = signer("us-east-1");
    private static final Point PUBLIC_KEY = decoded(SIGNER.publicKey());
    private static final CredentialLookup CREDENTIALS = id -> switch (id) {
        case "AKIAPUBLIC" -> new Known(true);
        case "AKIAOFF" -> new Known(false);
        case "AKIASECRET" -> new TestCredential(Principal.root(ACCOUNT), SECRET, true);
        default -> null;
    };

    private record Known(boolean active) implements Credential {
        @Override
        public Principal principal() {
            return Principal.root(ACCOUNT);
        }

        @Override
        public Point publicKey() {
            return PUBLIC_KEY;
        }

        @Override
        public byte[] sign(CredentialScope scope, byte[] stringToSign) {
            throw new AssertionError("there is no secret");
        }
    }

    private static Point decoded(String publicKey) {
        try {
            return AsymmetricKey.decode(publicKey);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static TestSigner4a signer(String regionSet) {
        return new TestSigner4a("AKIAPUBLIC", SECRET, regionSet, "kms");
    }

    private static Map<String, String> headers(String host) {
        return Map.of("content-type", "application/x-amz-json-1.1", "host", host, "x-amz-target", "TrentService.Sign");
    }

    private static SignedRequest request() {
        return SIGNER.post(headers("kms.example.org"), BODY, NOW);
    }

    private static AwsError refusal(SignedRequest request, Instant now) {
        try {
            throw new AssertionError("accepted as " + VERIFIER.verify(request, CREDENTIALS, now));
        } catch (AwsException e) {
            return e.error();
        }
    }

    private static SignedRequest with(SignedRequest request, String header, UnaryOperator<String> change) {
        List<Header> headers = new ArrayList<>(request.headers());
        headers.replaceAll(each ->
                each.name().equalsIgnoreCase(header) ? new Header(each.name(), change.apply(each.value())) : each);
        return new SignedRequest(request.method(), request.target(), headers, request.body(), request.sourceAddress());
    }

    @Test
    void acceptsARequestInTheRegionOfItsSet() {
        Authenticated caller = VERIFIER.verify(request(), CREDENTIALS, NOW);
        assertThat(caller.principal()).isEqualTo(Principal.root(ACCOUNT));
        assertThat(caller.scope()).isEqualTo(new CredentialScope("20261122", "us-east-1", "kms"));
    }

    @ParameterizedTest
    @CsvSource({
        "us-east-1, kms.example.org, us-east-1",
        "us-west-2, 127.0.0.1:7600, us-west-2",
        "'us-east-1,eu-west-1', kms.eu-west-1.amazonaws.com, eu-west-1",
        "'us-east-1, us-*', kms.us-west-2.amazonaws.com:443, us-west-2",
        "*, kms.ap-southeast-2.amazonaws.com, ap-southeast-2",
    })
    void actsInTheRegionThatHostAndSetName(String set, String host, String region) {
        SignedRequest request = signer(set).post(headers(host), BODY, NOW);
        assertThat(VERIFIER.verify(request, CREDENTIALS, NOW).scope().region()).isEqualTo(region);
    }

    @ParameterizedTest
    @CsvSource({
        "us-east-1, kms.eu-west-1.amazonaws.com, Credential should be scoped to a valid region",
        "us-*, kms.eu-west-1.amazonaws.com, Credential should be scoped to a valid region",
        "*, kms.example.org, must be one Region",
        "'us-east-1,us-west-2', localhost:7600, must be one Region",
        "US-EAST-1, kms.example.org, must be a list of Regions",
        "'us-east-1,,', kms.example.org, must be a list of Regions",
    })
    void refusesASetThatDoesNotFit(String set, String host, String message) {
        AwsError error = refusal(signer(set).post(headers(host), BODY, NOW), NOW);
        assertThat(error.type()).isEqualTo("InvalidSignatureException");
        assertThat(error.message()).contains(message);
    }

    /// Whoever asks is not known yet, so the longest header that an endpoint passes on must cost little.
    @ParameterizedTest
    @ValueSource(strings = {"-a", "-", ".", "a.aa-a", "a"})
    void refusesAHostThatIsNoName(String repeated) {
        SignedRequest request = with(request(), "host", host -> "a.aa" + repeated.repeat(12_000));
        AwsError error = refusal(request, NOW);
        assertThat(error.type()).isEqualTo("InvalidSignatureException");
        assertThat(error.message())
                .startsWith("'Host' must have at most 259 characters")
                .hasSizeLessThan(256);
    }

    @Test
    void refusesAnotherOrNoSetThanTheSignedOne() {
        assertThat(refusal(with(request(), "x-amz-region-set", set -> "eu-west-1"), NOW)
                        .type())
                .isEqualTo("InvalidSignatureException");
        List<Header> without = request().headers().stream()
                .filter(header -> !header.name().equals("x-amz-region-set"))
                .toList();
        AwsError error = refusal(new SignedRequest("POST", "/", without, BODY, "192.0.2.1"), NOW);
        assertThat(error.type()).isEqualTo("IncompleteSignatureException");
        assertThat(error.message()).contains("X-Amz-Region-Set");
        List<Header> unsigned = new ArrayList<>(new TestSigner("AKIASECRET", SECRET, "us-east-1", "kms")
                .post(headers("kms.example.org"), BODY, NOW)
                .headers());
        unsigned.add(new Header("X-Amz-Region-Set", "us-east-1"));
        assertThat(refusal(new SignedRequest("POST", "/", unsigned, BODY, "192.0.2.1"), NOW)
                        .message())
                .contains("'x-amz-region-set' must be a 'SignedHeader'");
    }

    /// Each byte of each part that is signed, and of the signature.
    @Test
    void refusesEveryChangeOfEveryByte() {
        SignedRequest good = request();
        int refused = 0;
        for (int i = 0; i < good.body().length; i++) {
            byte[] body = good.body().clone();
            body[i] ^= 0x01;
            refused += refused(new SignedRequest("POST", "/", good.headers(), body, "192.0.2.1"));
        }
        for (int h = 0; h < good.headers().size(); h++) {
            Header header = good.headers().get(h);
            for (int i = 0; i < header.value().length(); i++) {
                List<Header> headers = new ArrayList<>(good.headers());
                headers.set(h, new Header(header.name(), flip(header.value(), i)));
                refused += refused(new SignedRequest("POST", "/", headers, good.body(), "192.0.2.1"));
            }
        }
        SignedRequest presigned = SIGNER.presigned("Sign", "{}", NOW, 900);
        for (int i = 0; i < presigned.target().length(); i++) {
            refused += refused(new SignedRequest(
                    "POST", flip(presigned.target(), i), presigned.headers(), presigned.body(), "192.0.2.1"));
        }
        assertThat(refused).isGreaterThan(700);
    }

    private static int refused(SignedRequest request) {
        assertThat(refusal(request, NOW).status()).isEqualTo(400);
        return 1;
    }

    private static String flip(String text, int at) {
        char[] characters = text.toCharArray();
        characters[at] ^= 0x01;
        return new String(characters);
    }

    @Test
    void acceptsAHighAndALowSignatureAndNamesTheRequestAlike() {
        String digest = VERIFIER.verify(request(), CREDENTIALS, NOW).requestDigest();
        SignedRequest other = with(request(), "authorization", PublicKeySignatureTest::withOtherS);
        assertThat(VERIFIER.verify(other, CREDENTIALS, NOW).requestDigest()).isEqualTo(digest);
        SignedRequest later = SIGNER.post(headers("kms.example.org"), BODY, NOW.plusSeconds(1));
        assertThat(VERIFIER.verify(later, CREDENTIALS, NOW).requestDigest()).isNotEqualTo(digest);
    }

    private static String withOtherS(String authorization) {
        int at = authorization.indexOf("Signature=") + "Signature=".length();
        try {
            EcdsaSignature signature = EcdsaSignature.decodeDer(
                    ScalarField.of(GroupId.P256), HexFormat.of().parseHex(authorization.substring(at)));
            return authorization.substring(0, at)
                    + HexFormat.of()
                            .formatHex(new EcdsaSignature(
                                            signature.r(), signature.s().negate())
                                    .encodeDer());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void refusesASignatureThatIsNotStrictDer() {
        SignedRequest padded = with(request(), "authorization", text -> text + "00");
        assertThat(refusal(padded, NOW).type()).isEqualTo("InvalidSignatureException");
        SignedRequest fixed = with(
                request(), "authorization", text -> text.replaceAll("Signature=.*", "Signature=" + "01".repeat(64)));
        assertThat(refusal(fixed, NOW).type()).isEqualTo("InvalidSignatureException");
        SignedRequest zero =
                with(request(), "authorization", text -> text.replaceAll("Signature=.*", "Signature=3006020100020100"));
        assertThat(refusal(zero, NOW).type()).isEqualTo("InvalidSignatureException");
    }

    @Test
    void keepsTheWindowsOfHeadersAndPresignedQueries() {
        assertThat(refusal(request(), NOW.plusSeconds(301)).message()).startsWith("Signature expired:");
        assertThat(refusal(request(), NOW.minusSeconds(301)).message()).startsWith("Signature not yet current:");
        SignedRequest presigned = SIGNER.presigned("Sign", "{}", NOW, 900);
        VERIFIER.verify(presigned, CREDENTIALS, NOW.plusSeconds(900));
        assertThat(refusal(presigned, NOW.plusSeconds(901)).message()).startsWith("Signature expired:");
    }

    @Test
    void aKeyIsForTheSchemeThatItWasMadeFor() {
        SignedRequest byMac =
                new TestSigner("AKIAPUBLIC", SECRET, "us-east-1", "kms").post(headers("kms.example.org"), BODY, NOW);
        assertThat(refusal(byMac, NOW).message()).contains("AWS4-ECDSA-P256-SHA256, which it was made for");
        SignedRequest byKey =
                new TestSigner4a("AKIASECRET", SECRET, "us-east-1", "kms").post(headers("kms.example.org"), BODY, NOW);
        assertThat(refusal(byKey, NOW).message()).contains("AWS4-HMAC-SHA256, which it was made for");
    }

    @Test
    void refusesAnotherKeyASwitchedOffOneAndSessionTokens() {
        SignedRequest other = new TestSigner4a("AKIAPUBLIC", SECRET + "x", "us-east-1", "kms")
                .post(headers("kms.example.org"), BODY, NOW);
        assertThat(refusal(other, NOW).type()).isEqualTo("InvalidSignatureException");
        SignedRequest off =
                new TestSigner4a("AKIAOFF", SECRET, "us-east-1", "kms").post(headers("kms.example.org"), BODY, NOW);
        assertThat(refusal(off, NOW).type()).isEqualTo("UnrecognizedClientException");
        TreeMap<String, String> session = new TreeMap<>(headers("kms.example.org"));
        session.put("x-amz-security-token", "token");
        assertThat(refusal(SIGNER.post(session, BODY, NOW), NOW).type()).isEqualTo("UnrecognizedClientException");
    }

    /// The key pair of the example in AWS's own cases.
    @Test
    void derivesTheKeyThatAwsDerives() {
        TestSigner4a example = new TestSigner4a("AKIDEXAMPLE", SECRET, "us-east-1", "service");
        assertThat(HexFormat.of().formatHex(Base64.getDecoder().decode(example.publicKey())))
                .endsWith("b6618f6a65740a99e650b33b6b4b5bd0d43b176d721a3edfea7e7d2d56d936b1"
                        + "865ed22a7eadc9c5cb9d2cbaca1b3699139fedc5043dc6661864218330c8e518");
    }
}

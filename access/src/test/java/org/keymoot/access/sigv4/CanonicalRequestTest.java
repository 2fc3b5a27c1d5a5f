package org.keymoot.access.sigv4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keymoot.access.SignedRequest.Header;
import org.keymoot.crypto.secret.SecretBytes;

/// The canonical form against examples that AWS publishes, and against what must not make a difference.
final class CanonicalRequestTest {
    private static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final String TIMESTAMP = "20150830T123600Z";
    private static final CredentialScope SCOPE = new CredentialScope("20150830", "us-east-1", "service");
    private static final List<Header> HEADERS =
            List.of(new Header("Host", "example.amazonaws.com"), new Header("X-Amz-Date", TIMESTAMP));

    private static String canonical(String target, boolean normalize) throws MalformedRequestException {
        return CanonicalRequest.of("GET", target, HEADERS, List.of("host", "x-amz-date"), EMPTY, normalize, Set.of());
    }

    private static String line(String target, boolean normalize, int number) throws MalformedRequestException {
        return canonical(target, normalize).split("\n", -1)[number];
    }

    @Test
    void signsTheVanillaExampleAsAwsDoes() throws MalformedRequestException {
        String canonical = canonical("/", true);
        String toSign = CanonicalRequest.stringToSign(TIMESTAMP, SCOPE, canonical);
        byte[] secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".getBytes(StandardCharsets.US_ASCII);
        try (SecretBytes bytes = SecretBytes.copyOf(MemorySegment.ofArray(secret))) {
            byte[] signature = SigningKey.sign(bytes, SCOPE, toSign.getBytes(StandardCharsets.UTF_8));
            assertThat(HexFormat.of().formatHex(signature))
                    .isEqualTo("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
        }
        assertThat(toSign)
                .isEqualTo("AWS4-HMAC-SHA256\n" + TIMESTAMP + "\n20150830/us-east-1/service/aws4_request\n"
                        + "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63");
    }

    @ParameterizedTest
    @CsvSource({
        "/, /",
        "/./, /",
        "//, /",
        "/example/.., /",
        "/./example, /example",
        "//example//, /example/",
        "/example1/example2/../.., /",
        "/example space/, /example%20space/",
        "/ሴ, /%E1%88%B4",
        "/-._~0Az, /-._~0Az",
        "/../../etc, /etc",
        "/%2e%2e/a, /%252e%252e/a"
    })
    void normalisesPathsAsAwsDoes(String path, String expected) throws MalformedRequestException {
        assertThat(line(path, true, 1)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"//example//, //example//", "/example/.., /example/..", "/./example, /./example"})
    void leavesPathsAloneWhenToldSo(String path, String expected) throws MalformedRequestException {
        assertThat(line(path, false, 1)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1, %E1%88%B4=Value1&Param=Value2&Param-3=Value3",
        "/?Param1=value2&Param1=Value1, Param1=Value1&Param1=value2",
        "/?ሴ=bar, %E1%88%B4=bar",
        "/?a, a=",
        "/?a=b=c, a=b%3Dc",
        "/?a=+, a=%2B",
        "/?&&a=1&, a=1"
    })
    void sortsAndEncodesQueries(String target, String expected) throws MalformedRequestException {
        assertThat(line(target, true, 2)).isEqualTo(expected);
    }

    @Test
    void joinsRepeatedHeadersInOrderAndCollapsesSpaces() throws MalformedRequestException {
        List<Header> headers = List.of(
                new Header("Host", "example.amazonaws.com"),
                new Header("My-Header1", "value2"),
                new Header("my-header1", "  a   b\t c \n d "),
                new Header("My-Header1", "value1"));
        String canonical =
                CanonicalRequest.of("GET", "/", headers, List.of("host", "my-header1"), EMPTY, true, Set.of());
        assertThat(canonical).contains("\nmy-header1:value2,a b c d,value1\n");
    }

    @ParameterizedTest
    @CsvSource({"/?a=%", "/?a=%1", "/?a=%zz", "/?a=%ff", "/?%c3=1"})
    void refusesBrokenEscapes(String target) {
        assertThatThrownBy(() -> canonical(target, true)).isInstanceOf(MalformedRequestException.class);
    }

    @Test
    void refusesToSignAnAbsentHeader() {
        assertThatThrownBy(
                        () -> CanonicalRequest.of("GET", "/", HEADERS, List.of("host", "range"), EMPTY, true, Set.of()))
                .isInstanceOf(MalformedRequestException.class)
                .hasMessageContaining("'range'");
    }

    /// Whatever the parameters are, their order on the wire is irrelevant and any change of one is not.
    @Test
    void dependsOnEachParameterAndNotOnTheirOrder() throws MalformedRequestException {
        Random random = new Random(20261122);
        for (int round = 0; round < 300; round++) {
            List<String> pairs = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(6); i++) {
                pairs.add("p" + i + "=" + token(random));
            }
            String expected = canonical("/?" + String.join("&", pairs), true);
            List<String> shuffled = new ArrayList<>(pairs);
            Collections.shuffle(shuffled, random);
            assertThat(canonical("/?" + String.join("&", shuffled), true)).isEqualTo(expected);
            int changed = random.nextInt(pairs.size());
            shuffled = new ArrayList<>(pairs);
            shuffled.set(changed, pairs.get(changed) + "x");
            assertThat(canonical("/?" + String.join("&", shuffled), true)).isNotEqualTo(expected);
        }
    }

    private static String token(Random random) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < random.nextInt(12); i++) {
            switch (random.nextInt(4)) {
                case 0 -> out.append((char) ('a' + random.nextInt(26)));
                case 1 -> out.append("%").append(HexFormat.of().toHexDigits((byte) random.nextInt(0x80)));
                case 2 -> out.append("-_.~*/:+$".charAt(random.nextInt(9)));
                default -> out.append("%C3%A9");
            }
        }
        return out.toString();
    }
}

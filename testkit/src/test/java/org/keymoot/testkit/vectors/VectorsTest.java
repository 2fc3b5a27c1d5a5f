package org.keymoot.testkit.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorsTest {
    /// Two tests of Wycheproof's shape: RFC 8032's second signature, and the same with a changed message.
    private static final String ED25519 = """
            {"algorithm": "EDDSA", "schema": "eddsa_verify_schema_v1.json", "testGroups": [{
              "publicKey": {"curve": "edwards25519",
                "pk": "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"},
              "tests": [
                {"tcId": 1, "comment": "RFC 8032", "msg": "72", "result": "valid",
                 "sig": "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
                {"tcId": 2, "comment": "another message", "msg": "73", "result": "invalid",
                 "sig": "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"}
              ]}]}
            """;

    private static final String EDWARDS = """
            {"ciphersuite": "edwards25519_XMD:SHA-512_ELL2_RO_",
             "dst": "QUUX-V01-CS02-with-edwards25519_XMD:SHA-512_ELL2_RO_",
             "vectors": [{"msg": "abc", "P": {
               "x": "0x608040b42285cc0d72cbb3985c6b04c935370c7361f4b7fbdb1ae7f8c1a8ecad",
               "y": "0x1a8395b88338f22e435bbd301183e7f20a5f9de643f11882fb237f88268a5531"}}]}
            """;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void writeTwoSources() throws IOException {
        write("wycheproof/ed25519_test.json", ED25519);
        write("rfc9380/edwards25519_XMD_SHA-512_ELL2_RO_.json", EDWARDS);
    }

    private void write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private int run(String... arguments) {
        return Vectors.run(
                List.of(arguments),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void passesVectorsThatHoldAndCountsThem() {
        assertThat(run(folder.toString())).isEqualTo(Vectors.ALL_PASSED);
        assertThat(printed())
                .containsPattern("wycheproof/ed25519_test.json +2 passed, 0 failed")
                .endsWith("3 passed, 0 failed\n");
    }

    @Test
    void failsOnAVectorThatDoesNotHold() throws IOException {
        write("wycheproof/ed25519_test.json", ED25519.replace("\"invalid\"", "\"valid\""));
        write("rfc9380/edwards25519_XMD_SHA-512_ELL2_RO_.json", EDWARDS.replace("0x6080", "0x6081"));
        assertThat(run(folder.toString())).isEqualTo(Vectors.SOME_FAILED);
        assertThat(printed())
                .contains("failed: test 2 (valid): another message")
                .endsWith("1 passed, 2 failed\n");
    }

    @Test
    void failsOnAPointThatIsNotTheOneExpected() throws IOException {
        write("rfc9380/edwards25519_XMD_SHA-512_ELL2_RO_.json", EDWARDS.replace("0x1a83", "0x1a84"));
        assertThat(run(folder.toString())).isEqualTo(Vectors.SOME_FAILED);
        assertThat(printed()).endsWith("2 passed, 1 failed\n");
    }

    @Test
    void failsOnASuiteItDoesNotKnow() throws IOException {
        write("wycheproof/new_test.json", "{\"schema\": \"new_schema.json\", \"algorithm\": \"NEW\"}");
        write("rfc9380/x.json", "{\"ciphersuite\": \"bls12_381_RO_\"}");
        write("elsewhere/x.json", "{}");
        assertThat(run(folder.toString())).isEqualTo(Vectors.SOME_FAILED);
        assertThat(printed())
                .containsPattern("wycheproof/new_test.json +unknown: the schema 'new_schema.json'")
                .containsPattern("rfc9380/x.json +unknown: the suite 'bls12_381_RO_'")
                .containsPattern("elsewhere/ +unknown")
                .endsWith("3 passed, 3 failed\n");
    }

    @Test
    void saysWhatIsNotApplicableAndWhy() throws IOException {
        write("wycheproof/x25519_test.json", "{\"schema\": \"xdh_comp_schema_v1.json\", \"algorithm\": \"XDH\"}");
        assertThat(run(folder.toString())).isEqualTo(Vectors.ALL_PASSED);
        assertThat(printed()).containsPattern("x25519_test.json +not applicable: X25519 is used by the TLS library");
    }

    @Test
    void failsOnAFileThatIsNotJson() throws IOException {
        write("wycheproof/broken.json", "not json");
        assertThat(run(folder.toString())).isEqualTo(Vectors.SOME_FAILED);
        assertThat(printed()).contains("not laid out as expected");
    }

    @Test
    void refusesAMissingOrEmptyFolder() throws IOException {
        assertThat(run(folder.resolve("missing").toString())).isEqualTo(Vectors.MISUSED);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("expected a folder of test vectors at");
        assertThat(run()).isEqualTo(Vectors.MISUSED);
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThat(run(empty.toString())).isEqualTo(Vectors.SOME_FAILED);
        assertThat(printed()).contains("no vectors were found");
    }

    /// With `KEYMOOT_VECTORS` naming a download, all of it; without, what this test wrote.
    @Test
    void passesTheFolderThatTheEnvironmentNames() {
        String named = System.getProperty("KEYMOOT_VECTORS", System.getenv("KEYMOOT_VECTORS"));
        int result = run(named == null ? folder.toString() : named);
        assertThat(result).as(printed()).isEqualTo(Vectors.ALL_PASSED);
    }
}

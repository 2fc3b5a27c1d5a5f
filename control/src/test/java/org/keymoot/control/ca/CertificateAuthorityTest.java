package org.keymoot.control.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.platform.tls.NodeIdentity;
import org.keymoot.platform.tls.SpiffeId;

class CertificateAuthorityTest {
    private static final InstantSource CLOCK = InstantSource.system();

    @TempDir
    Path temp;

    private final SecureRandom random = new SecureRandom();
    private Path directory = Path.of("ca");

    @BeforeEach
    void place() {
        directory = temp.resolve("ca");
    }

    @Test
    void issuesCertificatesThatOpensslAcceptsForTheirPurposeOnly() throws Exception {
        CertificateAuthority authority = CertificateAuthority.init(directory, "alpha", null, null, CLOCK, random);
        Path party = temp.resolve("party.pem");
        Path operator = temp.resolve("operator.pem");
        authority.issueToFiles(
                SpiffeId.party("alpha", 1),
                List.of("party1.example", "10.0.0.1", "::1"),
                party,
                temp.resolve("party.key"));
        authority.issueToFiles(SpiffeId.operator("alpha", "eve"), List.of(), operator, temp.resolve("operator.key"));
        assertThat(verify(party, "sslserver")).isZero();
        assertThat(verify(party, "sslclient")).isZero();
        assertThat(verify(operator, "sslclient")).isZero();
        assertThat(verify(operator, "sslserver")).isNotZero();
        String text = output("openssl", "x509", "-in", party.toString(), "-noout", "-text");
        assertThat(text)
                .contains(
                        "URI:spiffe://alpha/party/1",
                        "DNS:party1.example",
                        "IP Address:10.0.0.1",
                        "IP Address:0:0:0:0:0:0:0:1",
                        "CA:FALSE",
                        "Digital Signature",
                        "TLS Web Server Authentication, TLS Web Client Authentication",
                        "NIST CURVE: P-256",
                        "ecdsa-with-SHA384");
        String root =
                output("openssl", "x509", "-in", directory.resolve("root.pem").toString(), "-noout", "-text");
        assertThat(root).contains("CA:TRUE, pathlen:1", "Certificate Sign, CRL Sign", "NIST CURVE: P-384");
    }

    private int verify(Path chain, String purpose) throws Exception {
        return run(new ArrayList<>(List.of(
                "openssl",
                "verify",
                "-x509_strict",
                "-purpose",
                purpose,
                "-CAfile",
                directory.resolve("root.pem").toString(),
                "-untrusted",
                directory.resolve("intermediate.pem").toString(),
                chain.toString())));
    }

    @Test
    void keepsItsKeysPrivateAndEncryptedUnderAPassphraseThatOpensslReads() throws Exception {
        char[] passphrase = "correct horse".toCharArray();
        assertThat(CertificateAuthority.init(directory, "alpha", passphrase, passphrase, CLOCK, random)
                        .cluster())
                .isEqualTo("alpha");
        for (String name : List.of("root.key.pem", "intermediate.key.pem", "root.pem", "cluster")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name))))
                    .isEqualTo("rw-------");
        }
        assertThat(directory.resolve("root.key.pem")).content().contains("BEGIN ENCRYPTED PRIVATE KEY");
        String key = directory.resolve("root.key.pem").toString();
        assertThat(run(List.of("openssl", "pkey", "-in", key, "-passin", "pass:correct horse", "-noout")))
                .isZero();
        assertThat(run(List.of("openssl", "pkey", "-in", key, "-passin", "pass:wrong", "-noout")))
                .isNotZero();
        assertThat(CertificateAuthority.open(directory, passphrase, CLOCK, random)
                        .fingerprint())
                .isNotNull();
        assertThatThrownBy(() -> CertificateAuthority.open(directory, "wrong".toCharArray(), CLOCK, random))
                .isInstanceOf(WrongPassphrase.class);
        assertThatThrownBy(() -> CertificateAuthority.open(directory, null, CLOCK, random))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("passphrase");
    }

    @Test
    void neverOverwritesAnAuthority() throws IOException {
        CertificateAuthority first = CertificateAuthority.init(directory, "alpha", null, null, CLOCK, random);
        assertThatThrownBy(() -> CertificateAuthority.init(directory, "alpha", null, null, CLOCK, random))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("already");
        assertThat(CertificateAuthority.open(directory, null, CLOCK, random).fingerprint())
                .isEqualTo(first.fingerprint());
    }

    @Test
    void drawsSerialNumbersAtRandomAndEndsLeavesAfterNinetyDays() throws Exception {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        CertificateAuthority authority =
                CertificateAuthority.init(directory, "alpha", null, null, InstantSource.fixed(now), random);
        Set<Object> serials = new HashSet<>();
        for (int i = 1; i <= 20; i++) {
            X509Certificate leaf = authority
                    .issue(new Join(CLOCK, random).certificateRequest(), SpiffeId.party("alpha", i), List.of())
                    .getFirst();
            assertThat(leaf.getSerialNumber().bitLength()).isEqualTo(159);
            serials.add(leaf.getSerialNumber());
            assertThat(leaf.getNotAfter().toInstant()).isEqualTo(now.plus(Duration.ofDays(90)));
        }
        assertThat(serials).hasSize(20);
    }

    @Test
    void refusesAnotherClustersNamesAndHostsThatAreNone() throws IOException {
        CertificateAuthority authority = CertificateAuthority.init(directory, "alpha", null, null, CLOCK, random);
        CertificateRequest request = new Join(CLOCK, random).certificateRequest();
        assertThatThrownBy(() -> authority.issue(request, SpiffeId.party("beta", 1), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("beta");
        assertThatThrownBy(() -> authority.issue(request, SpiffeId.party("alpha", 1), List.of("bad name")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsARequestOfOpensslAndRefusesOthersKeysCurvesAndNoise() throws Exception {
        Path key = temp.resolve("k.pem");
        for (String curve : List.of("prime256v1", "secp384r1")) {
            Files.deleteIfExists(key);
            assertThat(run(List.of("openssl", "ecparam", "-name", curve, "-genkey", "-noout", "-out", key.toString())))
                    .isZero();
            String pem = output("openssl", "req", "-new", "-key", key.toString(), "-subj", "/CN=any");
            if (curve.equals("prime256v1")) {
                assertThat(CertificateRequest.parse(pem).fingerprint().text()).hasSize(24);
                String[] lines = pem.split("\n");
                // Another signature's bytes: the proof no longer holds.
                lines[lines.length - 3] =
                        new StringBuilder(lines[lines.length - 3]).reverse().toString();
                assertThatThrownBy(() -> CertificateRequest.parse(String.join("\n", lines)))
                        .isInstanceOf(IllegalArgumentException.class);
            } else {
                assertThatThrownBy(() -> CertificateRequest.parse(pem))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("P-256");
            }
        }
        for (String noise :
                List.of("", "x", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n")) {
            assertThatThrownBy(() -> CertificateRequest.parse(noise)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void makesAnEndpointsWebCertificateThatNamesNoNode() throws Exception {
        CertificateAuthority authority = CertificateAuthority.init(directory, "alpha", null, null, CLOCK, random);
        Path chain = temp.resolve("web.pem");
        Path key = temp.resolve("web.key");
        authority.issueWebServerToFiles(List.of("localhost", "127.0.0.1"), chain, key);
        assertThat(verify(chain, "sslserver")).isZero();
        assertThat(verify(chain, "sslclient")).isNotZero();
        assertThatThrownBy(() -> NodeIdentity.load(chain, key)).isInstanceOf(IOException.class);
    }

    private static int run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var reader = process.inputReader()) {
            return String.join("\n", reader.lines().toList()) + "\n";
        }
    }
}

package org.keymoot.party.mesh;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.keymoot.platform.disk.PrivateFiles;

/// A certificate authority that lives as long as a test.
public final class TestAuthority {
    private static final AtomicLong SERIALS = new AtomicLong(1);

    private final KeyPair keys = keyPair();
    private final X509Certificate certificate;

    /// A private key with its certificate.
    public record Identity(KeyPair keys, X509Certificate certificate) {}

    public TestAuthority() {
        this.certificate = issue("CN=test authority", keys, true, null);
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /// A certificate for loopback that names `spiffeId`.
    public Identity identity(String spiffeId) {
        KeyPair leaf = keyPair();
        return new Identity(
                leaf, issue("CN=" + spiffeId.substring(spiffeId.lastIndexOf('/') + 1), leaf, false, spiffeId));
    }

    /// Writes `certificate.pem`, `key.pem` and `roots.pem` for the id, as a node reads them.
    public void write(Path directory, String spiffeId) throws IOException {
        Identity identity = identity(spiffeId);
        try {
            pem(
                    directory.resolve("certificate.pem"),
                    "CERTIFICATE",
                    identity.certificate().getEncoded());
            pem(
                    directory.resolve("key.pem"),
                    "PRIVATE KEY",
                    identity.keys().getPrivate().getEncoded());
            pem(directory.resolve("roots.pem"), "CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new AssertionError(e);
        }
    }

    private static void pem(Path file, String type, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        String text = "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
        PrivateFiles.create(file, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private X509Certificate issue(
            String subject,
            KeyPair subjectKeys,
            boolean authority,
            @org.jspecify.annotations.Nullable String spiffeId) {
        try {
            Instant now = Instant.now();
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    new X500Name("CN=test authority"),
                    BigInteger.valueOf(SERIALS.getAndIncrement()),
                    Date.from(now.minus(1, ChronoUnit.HOURS)),
                    Date.from(now.plus(60, ChronoUnit.DAYS)),
                    new X500Name(subject),
                    subjectKeys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (authority) {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
            }
            if (spiffeId != null) {
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                    KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                }));
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                    new GeneralName(GeneralName.uniformResourceIdentifier, spiffeId),
                    new GeneralName(GeneralName.dNSName, "localhost"),
                    new GeneralName(GeneralName.iPAddress, "127.0.0.1")
                }));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}

package org.keymoot.platform.tls;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A certificate authority that also signs what a real one must not: expired, early, misused and misnamed certificates.
final class TestAuthority {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KeyPair pair = pair();
    final X509Certificate root;

    /// What is to be signed.
    record Leaf(List<String> uris, Instant from, Instant until, List<KeyPurposeId> purposes) {
        static Leaf of(String uri) {
            Instant now = Instant.now();
            return new Leaf(
                    List.of(uri),
                    now.minus(Duration.ofHours(1)),
                    now.plus(Duration.ofHours(1)),
                    List.of(KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth));
        }

        Leaf during(Instant start, Instant end) {
            return new Leaf(uris, start, end, purposes);
        }

        Leaf only(KeyPurposeId purpose) {
            return new Leaf(uris, from, until, List.of(purpose));
        }

        Leaf named(String... names) {
            return new Leaf(List.of(names), from, until, purposes);
        }
    }

    TestAuthority() throws Exception {
        X500Principal name = new X500Principal("CN=test root " + RANDOM.nextInt(1 << 30));
        Instant now = Instant.now();
        JcaX509v3CertificateBuilder builder =
                builder(name, name, pair, now.minus(Duration.ofDays(400)), now.plus(Duration.ofDays(400)));
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        this.root = sign(builder);
    }

    NodeIdentity identity(Leaf leaf) throws Exception {
        KeyPair own = pair();
        JcaX509v3CertificateBuilder builder =
                builder(root.getSubjectX500Principal(), new X500Principal("CN=leaf"), own, leaf.from(), leaf.until());
        try {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(leaf.uris().stream()
                            .map(uri -> new GeneralName(GeneralName.uniformResourceIdentifier, uri))
                            .toArray(GeneralName[]::new)));
            builder.addExtension(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(leaf.purposes().toArray(KeyPurposeId[]::new)));
        } catch (CertIOException e) {
            throw new IllegalStateException(e);
        }
        return NodeIdentity.of(List.of(sign(builder)), own.getPrivate());
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Principal issuer, X500Principal subject, KeyPair key, Instant from, Instant until) {
        return new JcaX509v3CertificateBuilder(
                issuer, new BigInteger(64, RANDOM), Date.from(from), Date.from(until), subject, key.getPublic());
    }

    private X509Certificate sign(JcaX509v3CertificateBuilder builder)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    }

    static KeyPair pair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}

package org.keymoot.control.ca;

import java.net.InetAddress;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.keymoot.platform.tls.SpiffeId;

/// Builds certificates with the extensions that RFC 5280 asks of each kind.
final class Issuing {
    /// Clocks of other machines may be behind by this much.
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final Pattern DNS = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?");
    private static final String SIGNATURE = "SHA384withECDSA";

    private Issuing() {}

    /// An authority's certificate, signed by its issuer, or by itself when that is null.
    ///
    /// @param pathLength how many authorities may follow below it
    static X509Certificate authority(
            @Nullable X509Certificate issuer,
            PrivateKey issuerKey,
            PublicKey key,
            String name,
            int pathLength,
            Instant now,
            Duration validity,
            SecureRandom random) {
        X500Principal subject = subject(name);
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer == null ? subject : issuer.getSubjectX500Principal(),
                CertificateAuthority.serial(random),
                Date.from(now.minus(CLOCK_SKEW)),
                Date.from(now.plus(validity)),
                subject,
                key);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(pathLength));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            identify(builder, issuer, key);
        } catch (CertIOException e) {
            throw new IllegalStateException("an extension does not encode", e);
        }
        return sign(builder, issuerKey);
    }

    /// A node's certificate.
    static X509Certificate leaf(
            X509Certificate issuer,
            PrivateKey issuerKey,
            PublicKey key,
            String name,
            GeneralNames names,
            List<KeyPurposeId> purposes,
            Instant now,
            Duration validity,
            SecureRandom random) {
        Instant end = now.plus(validity);
        Instant issuerEnd = issuer.getNotAfter().toInstant();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer.getSubjectX500Principal(),
                CertificateAuthority.serial(random),
                Date.from(now.minus(CLOCK_SKEW)),
                Date.from(end.isBefore(issuerEnd) ? end : issuerEnd),
                subject(name),
                key);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes.toArray(KeyPurposeId[]::new)));
            builder.addExtension(Extension.subjectAlternativeName, false, names);
            identify(builder, issuer, key);
        } catch (CertIOException e) {
            throw new IllegalStateException("an extension does not encode", e);
        }
        return sign(builder, issuerKey);
    }

    /// Alternative names: the name in the cluster, and host names or addresses.
    static GeneralNames names(@Nullable SpiffeId id, List<String> hosts) {
        List<GeneralName> names = new ArrayList<>();
        if (id != null) {
            names.add(new GeneralName(GeneralName.uniformResourceIdentifier, id.toString()));
        }
        for (String host : hosts) {
            names.add(hostName(host));
        }
        return new GeneralNames(names.toArray(GeneralName[]::new));
    }

    private static GeneralName hostName(String host) {
        if (ADDRESS.matcher(host).matches()) {
            return new GeneralName(
                    GeneralName.iPAddress, InetAddress.ofLiteral(host).getHostAddress());
        }
        if (!DNS.matcher(host).matches()) {
            throw new IllegalArgumentException(
                    "'%s' is neither a host name nor an IP address".formatted(host.replaceAll("[^ -~]", "?")));
        }
        return new GeneralName(GeneralName.dNSName, host);
    }

    private static void identify(JcaX509v3CertificateBuilder builder, @Nullable X509Certificate issuer, PublicKey key)
            throws CertIOException {
        try {
            JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(key));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    identifiers.createAuthorityKeyIdentifier(issuer == null ? key : issuer.getPublicKey()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1 for key identifiers", e);
        }
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey issuerKey) {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(issuerKey)));
        } catch (OperatorCreationException | CertificateException e) {
            throw new IllegalStateException("the certificate cannot be signed", e);
        }
    }

    private static X500Principal subject(String name) {
        return new X500Principal("O=Keymoot, CN=" + name);
    }
}

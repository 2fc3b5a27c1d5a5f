package org.keymoot.control.ca;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECParameterSpec;
import java.util.Locale;
import java.util.Objects;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.keymoot.platform.tls.Fingerprint;

/// A PKCS#10 request: a public key and the proof that its sender has the private one.
///
/// It keeps true: the key is on P-256 and the proof holds. Names inside a request are ignored; the authority
/// signs only names that its operator chose.
public final class CertificateRequest {
    private static final int MAXIMUM_CHARACTERS = 8192;
    private static final int P256_FIELD_BITS = 256;
    private static final String P256_NAME = "secp256r1";

    private final String pem;
    private final PublicKey key;

    private CertificateRequest(String pem, PublicKey key) {
        this.pem = pem;
        this.key = key;
    }

    /// Makes a request for `pair`.
    public static CertificateRequest make(KeyPair pair) {
        try {
            PKCS10CertificationRequest request = new JcaPKCS10CertificationRequestBuilder(
                            new X500Principal("CN=keymoot node"), pair.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
            StringWriter text = new StringWriter();
            try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
                writer.writeObject(request);
            }
            return new CertificateRequest(text.toString(), pair.getPublic());
        } catch (OperatorCreationException e) {
            throw new IllegalArgumentException("a request is made with a P-256 key", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Reads a request and checks its proof.
    ///
    /// @throws IllegalArgumentException saying what is wrong with it
    public static CertificateRequest parse(String pem) {
        if (pem.length() > MAXIMUM_CHARACTERS) {
            throw new IllegalArgumentException("a request has at most %d characters".formatted(MAXIMUM_CHARACTERS));
        }
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            if (!(parser.readObject() instanceof PKCS10CertificationRequest request)) {
                throw new IllegalArgumentException("expected a PKCS#10 request in PEM form");
            }
            PublicKey key = new JcaPKCS10CertificationRequest(request).getPublicKey();
            requireP256(key);
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw new IllegalArgumentException("the request is not signed by the key that it names");
            }
            return new CertificateRequest(pem, key);
        } catch (IOException | GeneralSecurityException | PKCSException | OperatorCreationException e) {
            throw new IllegalArgumentException("the request is damaged: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            // The library reports some kinds of damage by exceptions of its own that need not be declared.
            throw e instanceof IllegalArgumentException known
                    ? known
                    : new IllegalArgumentException("the request is damaged: " + e.getMessage(), e);
        }
    }

    public PublicKey key() {
        return key;
    }

    /// What the operator compares with what the node shows.
    public Fingerprint fingerprint() {
        return Fingerprint.of(key);
    }

    public String pem() {
        return pem;
    }

    private static void requireP256(PublicKey key) {
        if (key instanceof ECPublicKey ec) {
            ECParameterSpec curve = ec.getParams();
            boolean named = Objects.toString(curve, "").toLowerCase(Locale.ROOT).contains(P256_NAME);
            if (named && curve.getCurve().getField().getFieldSize() == P256_FIELD_BITS) {
                return;
            }
        }
        throw new IllegalArgumentException("a node's key is on P-256");
    }
}

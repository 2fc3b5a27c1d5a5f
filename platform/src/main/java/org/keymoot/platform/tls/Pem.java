package org.keymoot.platform.tls;

import java.io.CharArrayReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.keymoot.platform.disk.PrivateFiles;

/// Certificates and private keys in PEM files.
public final class Pem {
    private static final int MAXIMUM_FILE_BYTES = 256 * 1024;

    private Pem() {}

    /// All certificates of a file, in their order.
    ///
    /// @throws IOException when it cannot be read, or holds anything else, or none
    public static List<X509Certificate> certificates(Path file) throws IOException {
        if (Files.size(file) > MAXIMUM_FILE_BYTES) {
            throw new IOException("%s is larger than %d bytes".formatted(file, MAXIMUM_FILE_BYTES));
        }
        return certificates(Files.readString(file, StandardCharsets.ISO_8859_1), file.toString());
    }

    /// As the other; `source` names the text in messages.
    public static List<X509Certificate> certificates(String pem, String source) throws IOException {
        List<X509Certificate> found = new ArrayList<>();
        JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                if (!(object instanceof X509CertificateHolder holder)) {
                    throw new IOException(source + " holds something that is no certificate");
                }
                found.add(converter.getCertificate(holder));
            }
        } catch (CertificateException | RuntimeException e) {
            throw new IOException(source + " holds a damaged certificate: " + e.getMessage(), e);
        }
        if (found.isEmpty()) {
            throw new IOException(source + " holds no certificate in PEM form");
        }
        return List.copyOf(found);
    }

    /// The unencrypted private key of a private file.
    ///
    /// @throws org.keymoot.platform.disk.InsecurePermissions when others have access to it
    public static PrivateKey privateKey(Path file) throws IOException {
        byte[] content = PrivateFiles.read(file);
        CharBuffer text = StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(content));
        Arrays.fill(content, (byte) 0);
        try (PEMParser parser = new PEMParser(new CharArrayReader(text.array(), 0, text.limit()))) {
            JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                switch (object) {
                    case PrivateKeyInfo info -> {
                        return converter.getPrivateKey(info);
                    }
                    case PEMKeyPair pair -> {
                        return converter.getPrivateKey(pair.getPrivateKeyInfo());
                    }
                    case PKCS8EncryptedPrivateKeyInfo encrypted ->
                        throw new IOException(file + " holds an encrypted private key, which needs a passphrase");
                    // OpenSSL writes the curve's parameters before an EC key.
                    default -> {}
                }
            }
        } catch (RuntimeException e) {
            throw new IOException(file + " holds a damaged private key", e);
        } finally {
            Arrays.fill(text.array(), '\0');
        }
        throw new IOException(file + " holds no private key in PEM form");
    }

    public static String encode(List<X509Certificate> certificates) {
        return write(writer -> {
            for (X509Certificate certificate : certificates) {
                writer.writeObject(certificate);
            }
        });
    }

    /// The key as unencrypted PKCS#8, for a file that only its owner can read.
    public static String encode(PrivateKey key) {
        return write(writer -> writer.writeObject(new JcaPKCS8Generator(key, null)));
    }

    private interface Body {
        void writeTo(JcaPEMWriter writer) throws IOException;
    }

    private static String write(Body body) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            body.writeTo(writer);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write PEM", e);
        }
        return text.toString();
    }
}

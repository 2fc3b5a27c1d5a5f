package org.keymoot.platform.tls;

import java.io.ByteArrayInputStream;
import java.io.CharArrayReader;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.keymoot.platform.disk.PrivateFiles;

/// Certificates and private keys in PEM files.
public final class Pem {
    private static final int MAXIMUM_FILE_BYTES = 256 * 1024;
    private static final List<String> KEY_ALGORITHMS = List.of("EC", "EdDSA", "RSA");
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

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
        Matcher blocks = BLOCK.matcher(pem);
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            while (blocks.find()) {
                if (!blocks.group(1).equals("CERTIFICATE")) {
                    throw new IOException("%s holds a %s, which is no certificate".formatted(source, blocks.group(1)));
                }
                byte[] der = Base64.getMimeDecoder().decode(blocks.group(2));
                found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
            }
        } catch (CertificateException | IllegalArgumentException e) {
            throw new IOException(source + " holds a damaged certificate: " + e.getMessage(), e);
        }
        if (found.isEmpty()) {
            throw new IOException(source + " holds no certificate in PEM form");
        }
        return List.copyOf(found);
    }

    /// The unencrypted private key of a private file: PKCS#8, or the older form that OpenSSL writes for elliptic
    /// curves.
    ///
    /// @throws org.keymoot.platform.disk.InsecurePermissions when others have access to it
    public static PrivateKey privateKey(Path file) throws IOException {
        byte[] content = PrivateFiles.read(file);
        CharBuffer text = StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(content));
        Arrays.fill(content, (byte) 0);
        try {
            Matcher blocks = BLOCK.matcher(text);
            while (blocks.find()) {
                switch (blocks.group(1)) {
                    case "PRIVATE KEY" -> {
                        return pkcs8(text, blocks.start(2), blocks.end(2), file);
                    }
                    case "EC PRIVATE KEY" -> {
                        return Sec1.privateKey(text, file);
                    }
                    case "ENCRYPTED PRIVATE KEY" ->
                        throw new IOException(file + " holds an encrypted private key, which needs a passphrase");
                    // OpenSSL writes the curve's parameters before an EC key.
                    default -> {}
                }
            }
        } finally {
            Arrays.fill(text.array(), '\0');
        }
        throw new IOException(file + " holds no private key in PEM form");
    }

    private static PrivateKey pkcs8(CharBuffer text, int start, int end, Path file) throws IOException {
        byte[] base64 = new byte[end - start];
        for (int i = start; i < end; i++) {
            base64[i - start] = (byte) text.get(i);
        }
        byte[] der = {};
        try {
            der = Base64.getMimeDecoder().decode(base64);
            for (String algorithm : KEY_ALGORITHMS) {
                try {
                    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
                } catch (InvalidKeySpecException e) {
                    // The key is of another algorithm, or damaged for all of them.
                }
            }
            throw new IOException(file + " holds a damaged private key");
        } catch (IllegalArgumentException | NoSuchAlgorithmException e) {
            throw new IOException(file + " holds a damaged private key", e);
        } finally {
            Arrays.fill(base64, (byte) 0);
            Arrays.fill(der, (byte) 0);
        }
    }

    /// The older form of keys. Apart, so that its library is loaded for such a key only: that costs a start half a
    /// second.
    private static final class Sec1 {
        static PrivateKey privateKey(CharBuffer text, Path file) throws IOException {
            try (PEMParser parser = new PEMParser(new CharArrayReader(text.array(), 0, text.limit()))) {
                for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                    if (object instanceof PEMKeyPair pair) {
                        return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
                    }
                }
            } catch (RuntimeException e) {
                throw new IOException(file + " holds a damaged private key", e);
            }
            throw new IOException(file + " holds no private key in PEM form");
        }
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

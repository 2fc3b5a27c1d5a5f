package org.keymoot.control.ca;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.jspecify.annotations.Nullable;
import org.keymoot.platform.disk.PrivateFiles;
import org.keymoot.platform.tls.Pem;

/// Makes, keeps and reads the private keys of the authority and of nodes: PKCS#8 in private files, encrypted
/// where a passphrase is given (AES-256 under PBKDF2 with HMAC-SHA-256).
final class CaKeys {
    private static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();
    private static final int PBKDF2_ITERATIONS = 600_000;

    private CaKeys() {}

    /// @param curve `secp384r1` for authorities, `secp256r1` for nodes
    static KeyPair generate(String curve, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no " + curve, e);
        }
    }

    /// Writes a key to a file that must not exist yet.
    ///
    /// @param passphrase null to leave it unencrypted
    static void write(Path file, PrivateKey key, char @Nullable [] passphrase) throws IOException {
        String pem = passphrase == null ? Pem.encode(key) : encrypted(key, passphrase);
        byte[] content = pem.getBytes(StandardCharsets.US_ASCII);
        try {
            PrivateFiles.create(file, ByteBuffer.wrap(content));
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    /// @throws WrongPassphrase when it needs another passphrase
    static PrivateKey read(Path file, char @Nullable [] passphrase) throws IOException {
        if (passphrase == null) {
            return Pem.privateKey(file);
        }
        byte[] content = PrivateFiles.read(file);
        CharBuffer text = StandardCharsets.US_ASCII.decode(ByteBuffer.wrap(content));
        try (PEMParser parser = new PEMParser(new StringReader(text.toString()))) {
            if (!(parser.readObject() instanceof PKCS8EncryptedPrivateKeyInfo encrypted)) {
                throw new IOException(file + " holds no encrypted private key");
            }
            PrivateKeyInfo info = encrypted.decryptPrivateKeyInfo(new JceOpenSSLPKCS8DecryptorProviderBuilder()
                    .setProvider(PROVIDER)
                    .build(passphrase));
            return new JcaPEMKeyConverter().getPrivateKey(info);
        } catch (PKCSException | OperatorCreationException e) {
            throw new WrongPassphrase(file, e);
        }
    }

    private static String encrypted(PrivateKey key, char[] passphrase) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            OutputEncryptor encryptor = new JceOpenSSLPKCS8EncryptorBuilder(NISTObjectIdentifiers.id_aes256_CBC)
                    .setProvider(PROVIDER)
                    .setPRF(new AlgorithmIdentifier(PKCSObjectIdentifiers.id_hmacWithSHA256, DERNull.INSTANCE))
                    .setIterationCount(PBKDF2_ITERATIONS)
                    .setPassword(passphrase)
                    .build();
            writer.writeObject(new JcaPKCS8Generator(key, encryptor));
        } catch (OperatorCreationException e) {
            throw new IllegalStateException("AES-256 with PBKDF2 is missing", e);
        }
        return text.toString();
    }
}

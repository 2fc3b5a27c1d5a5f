package org.keymoot.cli.aws;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.sigv4.AsymmetricKey;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.access.sigv4.Scheme;
import org.keymoot.access.sigv4.SigningKey;
import org.keymoot.crypto.secret.SecretBytes;

/// An access key with its secret, and how requests are signed with it.
public final class AwsCredentials implements AutoCloseable {
    private final String accessKeyId;
    private final SecretBytes secret;
    private final @Nullable String sessionToken;
    private final Scheme scheme;

    /// Credentials for signing with the secret itself.
    ///
    /// @param secretAccessKey as the environment or a file has it
    public AwsCredentials(String accessKeyId, String secretAccessKey, @Nullable String sessionToken) {
        this(accessKeyId, secretAccessKey, sessionToken, Scheme.SHARED_SECRET);
    }

    public AwsCredentials(String accessKeyId, String secretAccessKey, @Nullable String sessionToken, Scheme scheme) {
        this.scheme = scheme;
        this.accessKeyId = accessKeyId;
        this.sessionToken = sessionToken;
        byte[] bytes = secretAccessKey.getBytes(StandardCharsets.UTF_8);
        this.secret = SecretBytes.copyOf(MemorySegment.ofArray(bytes));
        Arrays.fill(bytes, (byte) 0);
    }

    public String accessKeyId() {
        return accessKeyId;
    }

    @Nullable String sessionToken() {
        return sessionToken;
    }

    Scheme scheme() {
        return scheme;
    }

    byte[] sign(CredentialScope scope, String stringToSign) {
        byte[] message = stringToSign.getBytes(StandardCharsets.UTF_8);
        return switch (scheme) {
            case SHARED_SECRET -> SigningKey.sign(secret, scope, message);
            case PUBLIC_KEY -> signByKey(message);
        };
    }

    /// The public key of the pair that the secret determines, as requests carry it.
    public String publicKey() {
        return AsymmetricKey.encode(AsymmetricKey.publicKey(secret, accessKeyId));
    }

    /// A DER signature by the private key of that pair.
    public byte[] signByKey(byte[] message) {
        byte[] key = AsymmetricKey.privateKey(secret, accessKeyId);
        try {
            AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
            curve.init(new ECGenParameterSpec("secp256r1"));
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(KeyFactory.getInstance("EC")
                    .generatePrivate(new ECPrivateKeySpec(
                            new BigInteger(1, key), curve.getParameterSpec(ECParameterSpec.class))));
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK signs on P-256", e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    @Override
    public void close() {
        secret.close();
    }

    @Override
    public String toString() {
        return accessKeyId + " [redacted]";
    }
}

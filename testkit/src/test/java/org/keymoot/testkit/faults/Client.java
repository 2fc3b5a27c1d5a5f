package org.keymoot.testkit.faults;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.keymoot.testkit.cluster.RunningCluster;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.kms.model.MessageType;
import software.amazon.awssdk.services.kms.model.SigningAlgorithmSpec;

/// What a client of the cluster does and can check for itself.
final class Client {
    private static final BouncyCastleProvider BC = new BouncyCastleProvider();

    private Client() {}

    static String createKey(KmsClient kms, KeySpec spec) {
        return kms.createKey(r -> r.keySpec(spec).keyUsage(KeyUsageType.SIGN_VERIFY))
                .keyMetadata()
                .keyId();
    }

    static byte[] sign(KmsClient kms, String key, KeySpec spec, byte[] message) {
        return kms.sign(r -> r.keyId(key)
                        .message(SdkBytes.fromByteArray(message))
                        .messageType(MessageType.RAW)
                        .signingAlgorithm(algorithm(spec)))
                .signature()
                .asByteArray();
    }

    static PublicKey publicKey(KmsClient kms, String key) throws GeneralSecurityException {
        byte[] der = kms.getPublicKey(r -> r.keyId(key)).publicKey().asByteArray();
        return KeyFactory.getInstance(der.length == 44 ? "Ed25519" : "EC", BC)
                .generatePublic(new X509EncodedKeySpec(der));
    }

    static SigningAlgorithmSpec algorithm(KeySpec spec) {
        return spec == KeySpec.ECC_NIST_EDWARDS25519
                ? SigningAlgorithmSpec.ED25519_SHA_512
                : SigningAlgorithmSpec.ECDSA_SHA_256;
    }

    /// Verification by BouncyCastle, which shares no code with ours.
    static boolean verifies(PublicKey key, KeySpec spec, byte[] message, byte[] signature)
            throws GeneralSecurityException {
        Signature verifier =
                Signature.getInstance(spec == KeySpec.ECC_NIST_EDWARDS25519 ? "Ed25519" : "SHA256withECDSA", BC);
        verifier.initVerify(key);
        verifier.update(message);
        return verifier.verify(signature);
    }

    /// The nonce's point as it shows in an ECDSA signature: two signatures with the same one betray the key.
    static String nonceOf(byte[] derSignature) {
        return ASN1Integer.getInstance(ASN1Sequence.getInstance(derSignature).getObjectAt(0))
                .getPositiveValue()
                .toString(16);
    }

    /// A signature, asked for until it comes or patience ends.
    static byte[] signPatiently(KmsClient kms, String key, KeySpec spec, byte[] message) throws InterruptedException {
        byte[][] signature = new byte[1][];
        RunningCluster.await("a signature under " + key, Duration.ofSeconds(40), () -> {
            try {
                signature[0] = sign(kms, key, spec, message);
                return true;
            } catch (SdkException e) {
                return false;
            }
        });
        return Arrays.copyOf(signature[0], signature[0].length);
    }

    static byte[] message(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

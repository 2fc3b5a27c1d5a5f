package org.keymoot.access;

import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.spki.SubjectPublicKeyInfo;

/// DeriveSharedSecret: Diffie-Hellman with a client's point.
///
/// It keeps true: the parties multiply only a point that was checked to be on the key's own curve.
final class AgreementActions {
    private static final String ECDH = "ECDH";
    private static final int MAXIMUM_PUBLIC_KEY = 8192;

    private AgreementActions() {}

    static Decision deriveSharedSecret(Call call) {
        Input input = call.input();
        String keyId = input.requiredText("KeyId", 1, 2048, null);
        String algorithm = input.requiredChoice("KeyAgreementAlgorithm", List.of(ECDH));
        byte[] publicKey = input.requiredBlob("PublicKey", 1, MAXIMUM_PUBLIC_KEY);
        KeyUse use = KeyUse.read(input);
        input.check();
        KeyUse.refuseRecipient(input, "DeriveSharedSecret");
        call.with("kms:KeyAgreementAlgorithm", algorithm);
        KeyRecord key = use.key(call, keyId, KeyUsage.KEY_AGREEMENT, "DeriveSharedSecret");
        Point peer = point(key, publicKey);
        use.endIfDry();
        Material material = Objects.requireNonNull(key.currentMaterial(), "an enabled key has material");
        Evaluation agreement = new Evaluation(key, material.id(), Evaluation.Kind.ECDH, peer.encode());
        return new Decision.Evaluate(
                call.context(),
                List.of(agreement),
                (outputs, random) -> CanonicalJson.object()
                        .put("KeyAgreementAlgorithm", ECDH)
                        .put("KeyId", key.arn())
                        .put("KeyOrigin", key.origin().name())
                        .put("SharedSecret", Base64.getEncoder().encodeToString(outputs.getFirst()))
                        .text());
    }

    private static Point point(KeyRecord key, byte[] publicKey) {
        try {
            Point peer = SubjectPublicKeyInfo.decode(publicKey);
            if (peer.group().id() == key.spec().group()) {
                return peer;
            }
        } catch (InvalidEncodingException e) {
            throw notOfTheCurve(key);
        }
        throw notOfTheCurve(key);
    }

    private static AwsException notOfTheCurve(KeyRecord key) {
        return new AwsException(AwsError.validation("PublicKey must be the DER-encoded SubjectPublicKeyInfo of a point"
                + " on the curve of " + key.spec() + "."));
    }
}

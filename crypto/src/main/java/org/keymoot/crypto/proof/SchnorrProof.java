package org.keymoot.crypto.proof;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// Schnorr's proof of knowledge of a discrete logarithm, by Fiat and Shamir's transformation: `R = k·G`, `z = k
/// + e·x`, `e = H(context, R)`.
///
/// It keeps true: the nonce is derived from fresh randomness, the witness and the whole statement, so that a
/// generator that repeats itself does not reveal the witness; it carries `R` rather than `e`, so that many
/// verify at once.
public final class SchnorrProof {
    private final Group group;
    private final Point nonce;
    private final Scalar response;

    private SchnorrProof(Group group, Point nonce, Scalar response) {
        this.group = group;
        this.nonce = nonce;
        this.response = response;
    }

    /// Proves knowledge of `witness`, the logarithm of the context's subject.
    public static SchnorrProof prove(Group group, ProofContext context, SecretScalar witness, RandomSource random) {
        try (SecretScope scope = new SecretScope()) {
            Transcript statement = Transcript.start(Tag.PROOF_SCHNORR);
            context.enter(statement);
            SecretScalar k = SecretTranscript.start(Tag.PROOF_SCHNORR_NONCE)
                    .secret(scope.own(SecretBytes.random(32, random)))
                    .secret(witness)
                    .bytes(statement.copy().hash())
                    .scalar(group.scalars(), scope);
            Point nonce = group.multiplyBase(k);
            Scalar challenge = statement.point(nonce).scalar(group.scalars());
            Scalar response = witness.multiply(challenge, scope).add(k, scope).reveal(Disclosure.I_TAKE_THE_SECRET_OUT);
            return new SchnorrProof(group, nonce, response);
        }
    }

    /// Tells whether this proves knowledge of the logarithm of the context's subject. A proof about the
    /// identity never verifies.
    public boolean verify(ProofContext context) {
        if (context.subject().isIdentity() || context.subject().group().id() != group.id()) {
            return false;
        }
        Point expected = nonce.add(group.multiply(context.subject(), challenge(context)));
        return group.multiplyBase(response).equals(expected);
    }

    /// Tells whether every proof verifies in the context of the same place, by one weighted sum. When it
    /// answers no, ask each proof for itself to find whose fault it is.
    ///
    /// @throws IllegalArgumentException when the lists differ in length or are empty
    public static boolean verifyAll(Group group, List<ProofContext> contexts, List<SchnorrProof> proofs) {
        if (contexts.size() != proofs.size() || proofs.isEmpty()) {
            throw new IllegalArgumentException("expected one proof for each of at least one context, found "
                    + contexts.size() + " contexts and " + proofs.size() + " proofs");
        }
        // Weights come from all statements and proofs, so no proof can be chosen to cancel another's error.
        Transcript all = Transcript.start(Tag.PROOF_BATCH).number(proofs.size());
        for (int i = 0; i < proofs.size(); i++) {
            SchnorrProof proof = proofs.get(i);
            Point subject = contexts.get(i).subject();
            if (subject.isIdentity() || subject.group().id() != group.id() || proof.group.id() != group.id()) {
                return false;
            }
            contexts.get(i).enter(all);
            all.point(proof.nonce).scalar(proof.response);
        }
        byte[] seed = all.hash();
        Scalar responses = group.scalars().zero();
        List<Scalar> scalars = new ArrayList<>(2 * proofs.size());
        List<Point> points = new ArrayList<>(2 * proofs.size());
        for (int i = 0; i < proofs.size(); i++) {
            SchnorrProof proof = proofs.get(i);
            Scalar weight =
                    Transcript.start(Tag.PROOF_BATCH).bytes(seed).number(i).scalar(group.scalars());
            responses = responses.add(weight.multiply(proof.response));
            scalars.add(weight);
            points.add(proof.nonce);
            scalars.add(weight.multiply(proof.challenge(contexts.get(i))));
            points.add(contexts.get(i).subject());
        }
        return group.multiplyBase(responses).equals(group.sumOfProducts(scalars, points));
    }

    /// Bytes of a proof.
    public static int encodedLength(Group group) {
        return group.pointLength() + 32;
    }

    /// `R`, then `z`.
    public byte[] encode() {
        byte[] out = Arrays.copyOf(nonce.encode(), encodedLength(group));
        System.arraycopy(response.encode(), 0, out, group.pointLength(), 32);
        return out;
    }

    /// @throws InvalidEncodingException when the length differs, `R` is not a valid point or `z` not below the
    ///     order
    public static SchnorrProof decode(Group group, byte[] encoded) throws InvalidEncodingException {
        if (encoded.length != encodedLength(group)) {
            throw new InvalidEncodingException(
                    "expected a proof of " + encodedLength(group) + " bytes, found " + encoded.length);
        }
        return new SchnorrProof(
                group,
                group.decode(Arrays.copyOf(encoded, group.pointLength())),
                group.scalars().decode(Arrays.copyOfRange(encoded, group.pointLength(), encoded.length)));
    }

    private Scalar challenge(ProofContext context) {
        Transcript transcript = Transcript.start(Tag.PROOF_SCHNORR);
        context.enter(transcript);
        return transcript.point(nonce).scalar(group.scalars());
    }
}

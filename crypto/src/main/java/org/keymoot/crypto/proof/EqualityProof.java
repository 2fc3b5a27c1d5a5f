package org.keymoot.crypto.proof;

import java.util.Arrays;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// Chaum and Pedersen's proof that two points have the same logarithm, one to the generator and one to another
/// base: `X = x·G` and `Y = x·P`.
///
/// It keeps true: the challenge covers the session, the prover, both bases and all four points.
public final class EqualityProof {
    private final Group group;
    private final Point nonceToGenerator;
    private final Point nonceToBase;
    private final Scalar response;

    private EqualityProof(Group group, Point nonceToGenerator, Point nonceToBase, Scalar response) {
        this.group = group;
        this.nonceToGenerator = nonceToGenerator;
        this.nonceToBase = nonceToBase;
        this.response = response;
    }

    /// The claim: `toGenerator = x·G` and `toBase = x·base` for one `x`, made by `prover` in a session.
    @SuppressWarnings("ArrayRecordComponent")
    public record Claim(byte[] sessionId, PartyIndex prover, Point toGenerator, Point base, Point toBase) {
        public Claim {
            if (sessionId.length == 0) {
                throw new IllegalArgumentException("a proof names its session");
            }
        }

        private Transcript start() {
            return Transcript.start(Tag.PROOF_EQUALITY)
                    .bytes(sessionId)
                    .number(prover.value())
                    .point(toGenerator)
                    .point(base)
                    .point(toBase);
        }
    }

    public static EqualityProof prove(Group group, Claim claim, SecretScalar witness, RandomSource random) {
        try (SecretScope scope = new SecretScope()) {
            Transcript statement = claim.start();
            SecretScalar k = SecretTranscript.start(Tag.PROOF_EQUALITY_NONCE)
                    .secret(scope.own(SecretBytes.random(32, random)))
                    .secret(witness)
                    .bytes(statement.copy().hash())
                    .scalar(group.scalars(), scope);
            Point toGenerator = group.multiplyBase(k);
            Point toBase = group.multiply(claim.base(), k);
            Scalar challenge = statement.point(toGenerator).point(toBase).scalar(group.scalars());
            Scalar response = witness.multiply(challenge, scope).add(k, scope).reveal(Disclosure.I_TAKE_THE_SECRET_OUT);
            return new EqualityProof(group, toGenerator, toBase, response);
        }
    }

    /// Tells whether this proves `claim`. A claim about the identity never verifies.
    public boolean verify(Claim claim) {
        if (claim.toGenerator().isIdentity()
                || claim.base().isIdentity()
                || claim.toBase().isIdentity()) {
            return false;
        }
        Scalar challenge =
                claim.start().point(nonceToGenerator).point(nonceToBase).scalar(group.scalars());
        return group.multiplyBase(response).equals(nonceToGenerator.add(group.multiply(claim.toGenerator(), challenge)))
                && group.multiply(claim.base(), response)
                        .equals(nonceToBase.add(group.multiply(claim.toBase(), challenge)));
    }

    /// Bytes of a proof.
    public static int encodedLength(Group group) {
        return 2 * group.pointLength() + 32;
    }

    public byte[] encode() {
        int length = group.pointLength();
        byte[] out = Arrays.copyOf(nonceToGenerator.encode(), encodedLength(group));
        System.arraycopy(nonceToBase.encode(), 0, out, length, length);
        System.arraycopy(response.encode(), 0, out, 2 * length, 32);
        return out;
    }

    /// @throws InvalidEncodingException when the length differs, a point is invalid or `z` not below the order
    public static EqualityProof decode(Group group, byte[] encoded) throws InvalidEncodingException {
        int length = group.pointLength();
        if (encoded.length != encodedLength(group)) {
            throw new InvalidEncodingException(
                    "expected a proof of " + encodedLength(group) + " bytes, found " + encoded.length);
        }
        return new EqualityProof(
                group,
                group.decode(Arrays.copyOf(encoded, length)),
                group.decode(Arrays.copyOfRange(encoded, length, 2 * length)),
                group.scalars().decode(Arrays.copyOfRange(encoded, 2 * length, encoded.length)));
    }
}

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
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// Chaum and Pedersen's proof for many bases at once: `X = x·G` and `Yⱼ = x·Pⱼ` for every `j`, in 64 bytes.
///
/// It keeps true: the challenge and the weights cover the session, the prover and every point of the claim.
/// The weights `dⱼ`, of which the first is one, fold the bases into `M = Σ dⱼ·Pⱼ` and the products into `Z
/// = Σ dⱼ·Yⱼ`; they are hashes of all of them, so a claim that is wrong anywhere gives a wrong `(M, Z)` but
/// for one weight in the order.
public final class SameLogarithmProof {
    /// Bytes of a proof, in every group.
    public static final int ENCODED_BYTES = 64;

    private final Group group;
    private final Scalar challenge;
    private final Scalar response;

    private SameLogarithmProof(Group group, Scalar challenge, Scalar response) {
        this.group = group;
        this.challenge = challenge;
        this.response = response;
    }

    /// The claim: `toGenerator = x·G` and `products[j] = x·bases[j]` for one `x`, made by `prover` in a
    /// session.
    @SuppressWarnings("ArrayRecordComponent")
    public record Claim(
            byte[] sessionId, PartyIndex prover, Point toGenerator, List<Point> bases, List<Point> products) {
        public Claim {
            bases = List.copyOf(bases);
            products = List.copyOf(products);
            if (sessionId.length == 0) {
                throw new IllegalArgumentException("a proof names its session");
            }
            if (bases.isEmpty() || bases.size() != products.size()) {
                throw new IllegalArgumentException(
                        "a claim has one product for each base, not " + products.size() + " for " + bases.size());
            }
        }

        private Transcript start(Tag tag) {
            return Transcript.start(tag)
                    .bytes(sessionId)
                    .number(prover.value())
                    .point(toGenerator)
                    .points(bases)
                    .points(products);
        }

        private List<Scalar> weights(Group group) {
            List<Scalar> weights = new ArrayList<>();
            weights.add(group.scalars().one());
            if (bases.size() > 1) {
                byte[] seed = start(Tag.PROOF_EQUALITIES_WEIGHT).hash();
                for (int j = 1; j < bases.size(); j++) {
                    weights.add(Transcript.start(Tag.PROOF_EQUALITIES_WEIGHT)
                            .bytes(seed)
                            .number(j)
                            .scalar(group.scalars()));
                }
            }
            return weights;
        }
    }

    /// Proves a claim that is true of `witness`, in constant time in it.
    public static SameLogarithmProof prove(Group group, Claim claim, SecretScalar witness, RandomSource random) {
        try (SecretScope scope = new SecretScope()) {
            Transcript statement = claim.start(Tag.PROOF_EQUALITIES);
            SecretScalar nonce = SecretTranscript.start(Tag.PROOF_EQUALITIES_NONCE)
                    .secret(scope.own(SecretBytes.random(32, random)))
                    .secret(witness)
                    .bytes(statement.copy().hash())
                    .scalar(group.scalars(), scope);
            Point folded = fold(group, claim.weights(group), claim.bases());
            Scalar challenge = statement
                    .point(group.multiplyBase(nonce))
                    .point(group.multiply(folded, nonce))
                    .scalar(group.scalars());
            Scalar response =
                    witness.multiply(challenge, scope).add(nonce, scope).reveal(Disclosure.I_TAKE_THE_SECRET_OUT);
            return new SameLogarithmProof(group, challenge, response);
        }
    }

    /// Tells whether this proves `claim`. A claim about the identity never verifies.
    public boolean verify(Claim claim) {
        if (claim.toGenerator().isIdentity()
                || claim.bases().stream().anyMatch(Point::isIdentity)
                || claim.products().stream().anyMatch(Point::isIdentity)) {
            return false;
        }
        List<Scalar> weights = claim.weights(group);
        List<Scalar> factors = List.of(response, challenge.negate());
        Point toGenerator = group.sumOfProducts(factors, List.of(group.generator(), claim.toGenerator()));
        Point toFolded = group.sumOfProducts(
                factors, List.of(fold(group, weights, claim.bases()), fold(group, weights, claim.products())));
        return claim.start(Tag.PROOF_EQUALITIES)
                .point(toGenerator)
                .point(toFolded)
                .scalar(group.scalars())
                .equals(challenge);
    }

    private static Point fold(Group group, List<Scalar> weights, List<Point> points) {
        return points.size() == 1 ? points.getFirst() : group.sumOfProducts(weights, points);
    }

    public byte[] encode() {
        byte[] out = Arrays.copyOf(challenge.encode(), ENCODED_BYTES);
        System.arraycopy(response.encode(), 0, out, 32, 32);
        return out;
    }

    /// @throws InvalidEncodingException when the length differs or a scalar is not below the order
    public static SameLogarithmProof decode(Group group, byte[] encoded) throws InvalidEncodingException {
        if (encoded.length != ENCODED_BYTES) {
            throw new InvalidEncodingException(
                    "expected a proof of " + ENCODED_BYTES + " bytes, found " + encoded.length);
        }
        return new SameLogarithmProof(
                group,
                group.scalars().decode(Arrays.copyOf(encoded, 32)),
                group.scalars().decode(Arrays.copyOfRange(encoded, 32, ENCODED_BYTES)));
    }
}

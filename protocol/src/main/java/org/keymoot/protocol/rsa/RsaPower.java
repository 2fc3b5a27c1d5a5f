package org.keymoot.protocol.rsa;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.rsa.RsaModulus;
import org.keymoot.crypto.rsa.SecretIntegers;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.MessageWriter;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Checks;
import org.keymoot.protocol.session.PerParty;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.session.Silent;

/// The private operation of a shared RSA key for one party of the quorum: a signature of an encoded
/// message, or the encoded message of a ciphertext. `docs/protocols/rsa.md` numbers the steps.
///
/// It keeps true: no part is combined whose proof does not verify, none goes to any other party than the
/// leader, and what the leader returns is taken back to the input by the public exponent.
public final class RsaPower {
    /// The name of the sessions.
    public static final String PROTOCOL = "rsa";

    private static final int CHALLENGE_BYTES = 32;
    private static final int NONCE_EXCESS_BYTES = 64;
    private static final int RESPONSE_EXCESS_BYTES = NONCE_EXCESS_BYTES + 4;

    private RsaPower() {}

    /// Step 1.5: one party's part, and why the leader may believe it.
    @SuppressWarnings("ArrayRecordComponent")
    record Partial(BigInteger power, byte[] challenge, BigInteger response) {}

    /// What the parties must hold identically; the session may be opened with [Session#withFreshMessages].
    ///
    /// @param input of the modulus's length: the padded message, or the ciphertext
    public static SetUp setUp(RsaPublicShares key, List<Integer> quorum, int leader, byte[] input, byte[] invitation) {
        MessageWriter out = new MessageWriter(4096);
        key.write(out);
        out.u8(leader).block(input);
        return new SetUp(PROTOCOL, invitation, quorum, out.toByteArray());
    }

    /// The input to the power of the private exponent, as bytes of the modulus's length, at the leader.
    ///
    /// @throws IllegalArgumentException when the session's parties are no quorum of the key, or the input
    ///     none of its ring
    public static byte[] lead(Session session, RsaKeyShare share, byte[] input) throws Cheated, Silent {
        BigInteger x = checked(session, share, session.self(), input);
        RsaPublicShares key = share.publicShares();
        RsaModulus ring = share.ring();
        session.stage("raising to the share");
        BigInteger own = session.compute(() -> power(share, x));
        PerParty<Partial> partials = session.collect("1.5", partial(ring));

        session.stage("checking and combining");
        Checks checks = session.checks();
        for (int peer : session.peers()) {
            Partial partial = partials.get(peer);
            boolean proven = session.compute(() -> isProven(session, key, ring, peer, x, partial));
            checks.require("2.1", proven, peer, "P" + peer + " does not prove that it used its share");
        }
        checks.settle();
        Optional<BigInteger> result = session.compute(() -> combine(session, key, x, own, partials));
        session.require(
                "2.3",
                result.isPresent(),
                "the parts are proven and yet do not combine to a root, so this party's own is wrong");
        return ring.encode(result.orElseThrow());
    }

    /// Helps the leader, and learns nothing.
    ///
    /// @throws IllegalArgumentException when the session's parties are no quorum of the key, or the input
    ///     none of its ring
    public static void help(Session session, RsaKeyShare share, int leader, byte[] input) throws Silent {
        BigInteger x = checked(session, share, leader, input);
        if (leader == session.self()) {
            throw new IllegalArgumentException("the leader does not help itself");
        }
        session.stage("raising to the share");
        Partial partial = session.compute(() -> prove(session, share, x, session.random()));
        session.tell("1.5", leader, partial, partial(share.ring()));
    }

    /// Steps 1.1 and 1.2.
    private static BigInteger checked(Session session, RsaKeyShare share, int leader, byte[] input) {
        RsaPublicShares key = share.publicShares();
        List<Integer> quorum = session.parties();
        if (quorum.size() != key.reconstructionThreshold().value()
                || quorum.getLast() > key.parties()
                || session.self() != share.self()
                || !quorum.contains(leader)) {
            throw new IllegalArgumentException("P" + share.self() + " cannot act as P" + session.self() + " in "
                    + quorum + " for P" + leader + " with " + key);
        }
        BigInteger x = new BigInteger(1, input);
        if (input.length != share.ring().length()
                || x.compareTo(BigInteger.TWO) < 0
                || x.compareTo(key.modulus().subtract(BigInteger.ONE)) >= 0
                || !x.gcd(key.modulus()).equals(BigInteger.ONE)) {
            throw new IllegalArgumentException("the input is no number of the ring that has roots worth computing");
        }
        return x;
    }

    /// Step 1.3: `x^(2Δsᵢ)`, in constant time in `sᵢ`.
    private static BigInteger power(RsaKeyShare share, BigInteger x) {
        RsaPublicShares key = share.publicShares();
        BigInteger base = x.modPow(key.delta().shiftLeft(1), key.modulus());
        return share.ring().power(base, share.secret(Disclosure.I_TAKE_THE_SECRET_OUT));
    }

    /// Step 1.4.
    private static Partial prove(Session session, RsaKeyShare share, BigInteger x, RandomSource random) {
        RsaPublicShares key = share.publicShares();
        RsaModulus ring = share.ring();
        BigInteger power = power(share, x);
        BigInteger base = base(key, x);
        Transcript statement = statement(session, key, ring, share.self(), base, square(key, power));
        try (SecretScope scope = new SecretScope()) {
            SecretBytes nonce = SecretTranscript.start(Tag.RSA_PROOF_NONCE)
                    .secret(scope.own(SecretBytes.random(32, random)))
                    .secret(share.secret(Disclosure.I_TAKE_THE_SECRET_OUT))
                    .bytes(statement.copy().hash())
                    .expand(ring.length() + NONCE_EXCESS_BYTES, scope);
            byte[] challenge = statement
                    .bytes(ring.encode(
                            ring.power(key.verificationBase(), nonce.segment(Disclosure.I_TAKE_THE_SECRET_OUT))))
                    .bytes(ring.encode(ring.power(base, nonce.segment(Disclosure.I_TAKE_THE_SECRET_OUT))))
                    .hash();
            BigInteger response = SecretIntegers.response(
                    share.secret(Disclosure.I_TAKE_THE_SECRET_OUT),
                    challenge,
                    nonce.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
            return new Partial(power, challenge, response);
        }
    }

    /// Step 2.1.
    private static boolean isProven(
            Session session, RsaPublicShares key, RsaModulus ring, int prover, BigInteger x, Partial partial) {
        BigInteger n = key.modulus();
        if (partial.power().signum() <= 0
                || partial.power().compareTo(n) >= 0
                || !partial.power().gcd(n).equals(BigInteger.ONE)) {
            return false;
        }
        BigInteger base = base(key, x);
        BigInteger square = square(key, partial.power());
        BigInteger minusChallenge = new BigInteger(1, partial.challenge()).negate();
        BigInteger first = key.verificationBase()
                .modPow(partial.response(), n)
                .multiply(key.verificationValue(prover).modPow(minusChallenge, n))
                .mod(n);
        BigInteger second = base.modPow(partial.response(), n)
                .multiply(square.modPow(minusChallenge, n))
                .mod(n);
        byte[] expected = statement(session, key, ring, prover, base, square)
                .bytes(ring.encode(first))
                .bytes(ring.encode(second))
                .hash();
        return MessageDigest.isEqual(expected, partial.challenge());
    }

    /// `x̃ = x^(4Δ)`.
    private static BigInteger base(RsaPublicShares key, BigInteger x) {
        return x.modPow(key.delta().shiftLeft(2), key.modulus());
    }

    private static BigInteger square(RsaPublicShares key, BigInteger power) {
        return power.multiply(power).mod(key.modulus());
    }

    private static Transcript statement(
            Session session, RsaPublicShares key, RsaModulus ring, int prover, BigInteger base, BigInteger square) {
        MessageWriter out = new MessageWriter(4096);
        key.write(out);
        return Transcript.start(Tag.RSA_PROOF)
                .bytes(session.id().bytes())
                .bytes(out.toByteArray())
                .number(prover)
                .bytes(ring.encode(base))
                .bytes(ring.encode(square));
    }

    /// Steps 2.2 and 2.3; empty when the result is no root of the input.
    private static Optional<BigInteger> combine(
            Session session, RsaPublicShares key, BigInteger x, BigInteger own, PerParty<Partial> partials) {
        BigInteger n = key.modulus();
        BigInteger delta = key.delta();
        BigInteger w = BigInteger.ONE;
        for (int party : session.parties()) {
            BigInteger power =
                    party == session.self() ? own : partials.get(party).power();
            BigInteger exponent = key.coefficient(session.parties(), party, 0).shiftLeft(1);
            w = w.multiply(power.modPow(exponent, n)).mod(n);
        }
        // w^e = x^(4Δ²), and 4Δ² has no factor in common with e: a·4Δ² + b·e = 1.
        BigInteger e = RsaPublicShares.EXPONENT;
        BigInteger exponent = delta.multiply(delta).shiftLeft(2);
        BigInteger a = exponent.modInverse(e);
        BigInteger b = BigInteger.ONE.subtract(a.multiply(exponent)).divide(e);
        BigInteger y = w.modPow(a, n).multiply(x.modPow(b, n)).mod(n);
        return y.modPow(e, n).equals(x) ? Optional.of(y) : Optional.empty();
    }

    static Codec<Partial> partial(RsaModulus ring) {
        int responseBytes = ring.length() + RESPONSE_EXCESS_BYTES;
        return Codec.of(
                ring.length() + CHALLENGE_BYTES + responseBytes,
                (message, out) -> out.fixed(ring.encode(message.power()))
                        .fixed(message.challenge())
                        .fixed(RsaModulus.encode(message.response(), responseBytes)),
                in -> new Partial(
                        new BigInteger(1, in.fixed(ring.length())),
                        in.fixed(CHALLENGE_BYTES),
                        new BigInteger(1, in.fixed(responseBytes))));
    }
}

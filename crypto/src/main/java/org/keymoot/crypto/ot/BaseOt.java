package org.keymoot.crypto.ot;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// The endemic oblivious transfer of Masny and Rindal (2019/706, figure 8), 256 at once.
///
/// The receiver with choice `b` draws `r₁₋b` as a random point and sends it with `r_b = t·G − H(b, r₁₋b)`; the
/// sender answers `m₀ = a₀·G`, `m₁ = a₁·G`, and its pads come from `a_b·(r_b + H(b, r₁₋b))`, of which the
/// receiver knows `t·m_b`. `H` is RFC 9380's hash to the curve.
///
/// The curve is secp256k1 whatever curve the pair will sign on: the transfer only agrees on seeds, its strength
/// is that of any curve of 256 bits, and one curve keeps one path of code.
///
/// It keeps true: choices and scalars are drawn from the random source in each run and appear in no message in
/// a form that anyone can test; both points of each transfer are validated whatever the choice, so that a
/// refusal does not tell it; pads are bound to all points of both messages. The shared points pass through the
/// heap while their encoding is hashed, and are overwritten there as far as the group's own copies allow.
final class BaseOt {
    static final int POINT_BYTES = 33;

    private static final int COUNT = OtParameters.BASE_TRANSFERS;

    private static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;

    private final SetupContext context;
    private final Group group = Group.of(GroupId.SECP256K1);

    BaseOt(SetupContext context) {
        this.context = context;
    }

    /// The receiver's first step: draws its scalars and encodes its points.
    ///
    /// @param choices 32 random bytes, a bit for each transfer
    /// @param scalars where to put the scalars `t`
    BaseOtRequest request(MemorySegment choices, List<SecretScalar> scalars, RandomSource random, SecretScope scope) {
        List<Point> others = new ArrayList<>(COUNT);
        for (int i = 0; i < COUNT; i++) {
            others.add(group.hashToGroup(random.bytes(32), domain(Tag.BASE_OT_RANDOM_POINT)));
        }
        List<byte[]> encodedOthers = group.encodeAll(others);
        List<Point> chosen = new ArrayList<>(COUNT);
        for (int i = 0; i < COUNT; i++) {
            SecretScalar t = group.scalars().random(scope, random);
            scalars.add(t);
            chosen.add(group.multiplyBase(t).subtract(mask(i, bit(choices, i), encodedOthers.get(i))));
        }
        List<byte[]> encodedChosen = group.encodeAll(chosen);
        byte[] points = new byte[BaseOtRequest.LENGTH];
        for (int i = 0; i < COUNT; i++) {
            byte one = (byte) -bit(choices, i);
            for (int at = 0; at < POINT_BYTES; at++) {
                byte c = encodedChosen.get(i)[at];
                byte o = encodedOthers.get(i)[at];
                byte exchange = (byte) ((c ^ o) & one);
                points[2 * i * POINT_BYTES + at] = (byte) (c ^ exchange);
                points[(2 * i + 1) * POINT_BYTES + at] = (byte) (o ^ exchange);
            }
        }
        return new BaseOtRequest(points);
    }

    /// The sender's only step: answers, and writes both pads of every transfer to `pads`.
    ///
    /// @throws InvalidEncodingException when a point is invalid, or is the one that makes a shared point the
    ///     identity
    byte[] answer(BaseOtRequest request, RandomSource random, MemorySegment pads) throws InvalidEncodingException {
        List<Point> received = decode(request.points());
        List<Point> sent = new ArrayList<>(2 * COUNT);
        List<Point> shared = new ArrayList<>(2 * COUNT);
        for (int i = 0; i < COUNT; i++) {
            for (int b = 0; b < 2; b++) {
                Point base = received.get(2 * i + b).add(mask(i, b, slice(request.points(), 2 * i + 1 - b)));
                if (base.isIdentity()) {
                    throw new InvalidEncodingException("transfer " + i + " of a base request has a shared point that is"
                            + " the identity whatever the sender draws");
                }
                try (SecretScope scope = new SecretScope()) {
                    SecretScalar a = group.scalars().random(scope, random);
                    sent.add(group.multiplyBase(a));
                    shared.add(group.multiply(base, a));
                }
            }
        }
        byte[] points = new byte[2 * COUNT * POINT_BYTES];
        List<byte[]> encoded = group.encodeAll(sent);
        for (int i = 0; i < encoded.size(); i++) {
            System.arraycopy(encoded.get(i), 0, points, i * POINT_BYTES, POINT_BYTES);
        }
        byte[] binding = binding(request.points(), points);
        List<byte[]> secrets = group.encodeAll(shared);
        for (int i = 0; i < secrets.size(); i++) {
            pad(binding, i >>> 1, i & 1, secrets.get(i), pads, (long) i * OtParameters.SEED_BYTES);
        }
        return points;
    }

    /// The receiver's second step: writes the chosen pad of every transfer to `pads`.
    ///
    /// @throws InvalidEncodingException when a point is invalid
    void finish(
            BaseOtRequest request, MemorySegment choices, List<SecretScalar> scalars, byte[] answer, MemorySegment pads)
            throws InvalidEncodingException {
        // All points are decoded, so that whether one is refused does not depend on the choices.
        decode(answer);
        List<Point> shared = new ArrayList<>(COUNT);
        byte[] chosen = new byte[POINT_BYTES];
        for (int i = 0; i < COUNT; i++) {
            byte one = (byte) -bit(choices, i);
            for (int at = 0; at < POINT_BYTES; at++) {
                byte m0 = answer[2 * i * POINT_BYTES + at];
                byte m1 = answer[(2 * i + 1) * POINT_BYTES + at];
                chosen[at] = (byte) (m0 ^ ((m0 ^ m1) & one));
            }
            shared.add(group.multiply(group.decode(chosen), scalars.get(i)));
        }
        Arrays.fill(chosen, (byte) 0);
        byte[] binding = binding(request.points(), answer);
        List<byte[]> secrets = group.encodeAll(shared);
        for (int i = 0; i < COUNT; i++) {
            pad(binding, i, bit(choices, i), secrets.get(i), pads, (long) i * OtParameters.SEED_BYTES);
        }
    }

    /// `H(b, r)`: a point whose logarithm nobody knows.
    private Point mask(int transfer, int choice, byte[] other) {
        byte[] message = context.enter(Transcript.start(Tag.BASE_OT_POINT))
                .number(transfer)
                .number(choice)
                .bytes(other)
                .hash();
        return group.hashToGroup(message, domain(Tag.BASE_OT_POINT));
    }

    private byte[] binding(byte[] request, byte[] answer) {
        return context.enter(Transcript.start(Tag.BASE_OT_BINDING))
                .bytes(request)
                .bytes(answer)
                .hash();
    }

    /// Hashes a shared point to a pad and overwrites its encoding.
    private static void pad(byte[] binding, int transfer, int choice, byte[] secret, MemorySegment pads, long offset) {
        try (SecretScope scope = new SecretScope()) {
            SecretBytes pad = SecretTranscript.start(Tag.BASE_OT_PAD)
                    .bytes(binding)
                    .number(transfer)
                    .number(choice)
                    .secret(MemorySegment.ofArray(secret))
                    .hash(scope);
            MemorySegment.copy(pad.segment(TAKE), 0, pads, offset, OtParameters.SEED_BYTES);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private List<Point> decode(byte[] encoded) throws InvalidEncodingException {
        List<Point> points = new ArrayList<>(2 * COUNT);
        for (int i = 0; i < 2 * COUNT; i++) {
            points.add(group.decode(slice(encoded, i)));
        }
        return points;
    }

    private static byte[] slice(byte[] encoded, int index) {
        return Arrays.copyOfRange(encoded, index * POINT_BYTES, (index + 1) * POINT_BYTES);
    }

    private static int bit(MemorySegment bits, int index) {
        return (int) (bits.get(Extension.WORD, (long) (index >>> 6) * Long.BYTES) >>> (index & 63)) & 1;
    }

    private static byte[] domain(Tag tag) {
        return tag.text().getBytes(StandardCharsets.UTF_8);
    }
}

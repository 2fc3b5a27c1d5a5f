package org.keymoot.protocol.prf;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.message.MessageWriter;

/// Where a key is evaluated in one session, as points of its group.
///
/// It keeps true: every point is a valid one and not the identity, so that a share multiplied with it gives
/// away no more than the group's Diffie-Hellman problem does; and each output is bound to the key and the
/// input.
public final class Inputs {
    /// Evaluations of one session.
    public static final int MAX = 16;

    /// Bytes of one input.
    public static final int MAX_BYTES = 16 << 10;

    /// Bytes of one output.
    public static final int OUTPUT_BYTES = 32;

    private static final byte[] POINT_TAG = Tag.PRF_POINT.text().getBytes(StandardCharsets.US_ASCII);

    private final KeyTerms terms;
    private final List<byte[]> inputs;
    private final List<Point> bases;

    private Inputs(KeyTerms terms, List<byte[]> inputs, List<Point> bases) {
        this.terms = terms;
        this.inputs = inputs;
        this.bases = bases;
    }

    /// Steps 1.1 and 1.2: any bytes where the key is for [org.keymoot.protocol.key.KeyUse#EVALUATE], the
    /// canonical encoding of a point where it is for [org.keymoot.protocol.key.KeyUse#AGREE].
    ///
    /// @throws InvalidEncodingException when what should be a point is none, or the identity
    /// @throws IllegalArgumentException when the key is for neither, or there are too many or too long
    ///     inputs
    public static Inputs of(KeyTerms terms, List<byte[]> inputs) throws InvalidEncodingException {
        if (inputs.isEmpty() || inputs.size() > MAX) {
            throw new IllegalArgumentException("a session has 1 to " + MAX + " evaluations, not " + inputs.size());
        }
        List<byte[]> copies = new ArrayList<>();
        List<Point> bases = new ArrayList<>();
        for (byte[] input : inputs) {
            if (input.length > MAX_BYTES) {
                throw new IllegalArgumentException("an input has at most " + MAX_BYTES + " bytes, not " + input.length);
            }
            copies.add(input.clone());
            bases.add(base(terms, input));
        }
        return new Inputs(terms, List.copyOf(copies), List.copyOf(bases));
    }

    private static Point base(KeyTerms terms, byte[] input) throws InvalidEncodingException {
        return switch (terms.use()) {
            case EVALUATE ->
                terms.group()
                        .hashToGroup(
                                Transcript.start(Tag.PRF_INPUT)
                                        .bytes(terms.keyId())
                                        .bytes(input)
                                        .hash(),
                                POINT_TAG);
            case AGREE -> terms.group().decode(input);
            case SIGN -> throw new IllegalArgumentException("a key that signs is never evaluated: " + terms);
        };
    }

    KeyTerms terms() {
        return terms;
    }

    int count() {
        return inputs.size();
    }

    List<Point> bases() {
        return bases;
    }

    void write(MessageWriter out) {
        out.u8(inputs.size());
        inputs.forEach(out::block);
    }

    /// `k·Pⱼ` for every base, in constant time in `k`.
    List<Point> times(SecretScalar k) {
        Group group = terms.group();
        return bases.stream().map(base -> group.multiply(base, k)).toList();
    }

    /// Steps 2.3 and 2.4: what the caller gets, from the whole key's product with the base of this number.
    SecretBytes output(int number, Point product, SecretScope scope) {
        return switch (terms.use()) {
            case EVALUATE ->
                SecretTranscript.start(Tag.PRF_OUTPUT)
                        .bytes(terms.keyId())
                        .bytes(inputs.get(number))
                        .point(product)
                        .hash(scope);
            case AGREE -> xCoordinate(product, scope);
            case SIGN -> throw new IllegalArgumentException("a key that signs is never evaluated: " + terms);
        };
    }

    /// SP 800-56A section 5.7.1.2: the shared secret is the x-coordinate as a field element's string of
    /// bytes.
    private static SecretBytes xCoordinate(Point product, SecretScope scope) {
        byte[] compressed = product.encode();
        SecretBytes x = scope.allocate(OUTPUT_BYTES);
        x.segment(Disclosure.I_TAKE_THE_SECRET_OUT)
                .copyFrom(MemorySegment.ofArray(compressed).asSlice(1, OUTPUT_BYTES));
        Arrays.fill(compressed, (byte) 0);
        return x;
    }
}

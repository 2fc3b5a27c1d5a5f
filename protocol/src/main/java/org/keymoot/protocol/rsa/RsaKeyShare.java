package org.keymoot.protocol.rsa;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.keymoot.crypto.rsa.RsaModulus;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.protocol.key.InvalidKeyShareException;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.message.MessageReader;
import org.keymoot.protocol.message.MessageWriter;

/// One party's share of a dealt RSA key.
///
/// It keeps true: the secret fits the party's verification value, lives off the heap and is erased on
/// close.
public final class RsaKeyShare implements AutoCloseable {
    private static final int FORMAT = 1;
    private static final int MAX_ROW_BYTES = 64 << 10;

    private final RsaPublicShares publicShares;
    private final RsaModulus ring;
    private final int self;
    private final SecretBytes secret;

    private RsaKeyShare(RsaPublicShares publicShares, int self, SecretBytes secret) {
        this.publicShares = publicShares;
        this.ring = publicShares.ring();
        this.self = self;
        this.secret = secret;
    }

    /// Copies the secret, a big-endian number as long as the modulus, which stays the caller's to erase.
    ///
    /// @throws InvalidKeyShareException when it does not fit the party's verification value
    public static RsaKeyShare of(RsaPublicShares publicShares, int self, MemorySegment secret)
            throws InvalidKeyShareException {
        RsaModulus ring = publicShares.ring();
        if (self < 1 || self > publicShares.parties() || secret.byteSize() != ring.length()) {
            throw new InvalidKeyShareException("P" + self + " has no share of such a length of " + publicShares);
        }
        if (!ring.power(publicShares.verificationBase(), secret).equals(publicShares.verificationValue(self))) {
            throw new InvalidKeyShareException(
                    "the secret share of P" + self + " does not fit its verification value (" + publicShares + ")");
        }
        return new RsaKeyShare(publicShares, self, SecretBytes.copyOf(secret));
    }

    public RsaPublicShares publicShares() {
        return publicShares;
    }

    public int self() {
        return self;
    }

    RsaModulus ring() {
        return ring;
    }

    MemorySegment secret(Disclosure token) {
        return secret.segment(token);
    }

    /// The row to seal and store, read back by [#decode].
    public SecretBytes encode(SecretScope target) {
        MessageWriter head = new MessageWriter(4096);
        head.u8(FORMAT);
        publicShares.write(head);
        byte[] publicPart = head.u8(self).toByteArray();
        SecretBytes row = target.allocate(publicPart.length + secret.length());
        MemorySegment segment = row.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
        segment.asSlice(0, publicPart.length).copyFrom(MemorySegment.ofArray(publicPart));
        segment.asSlice(publicPart.length).copyFrom(secret.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
        return row;
    }

    /// Reads and checks a row; it stays the caller's to erase.
    ///
    /// @throws Malformed when it is not such a row
    /// @throws InvalidKeyShareException when the secret does not fit
    public static RsaKeyShare decode(MemorySegment row) throws Malformed, InvalidKeyShareException {
        if (row.byteSize() < 8 || row.byteSize() > MAX_ROW_BYTES) {
            throw new Malformed(
                    "a share's row has at most " + MAX_ROW_BYTES + " bytes, this one has " + row.byteSize());
        }
        // The public part says how long the secret is, which is read from the row itself and not from this copy.
        byte[] head = headOf(row);
        MessageReader in = new MessageReader(head);
        int format = in.u8();
        if (format != FORMAT) {
            throw new Malformed("a share's row has format " + FORMAT + ", this one has " + format);
        }
        RsaPublicShares publicShares = RsaPublicShares.read(in);
        int self = in.u8(1, publicShares.parties(), "party's index");
        in.end();
        return of(publicShares, self, row.asSlice(head.length));
    }

    private static byte[] headOf(MemorySegment row) throws Malformed {
        int idLength = row.get(ValueLayout.JAVA_BYTE, 1) & 0xff;
        long at = 2L + idLength;
        if (row.byteSize() < at + 6) {
            throw new Malformed("a share's row ends too early");
        }
        int parties = row.get(ValueLayout.JAVA_BYTE, at) & 0xff;
        long length = 0;
        for (int i = 0; i < 4; i++) {
            length = length << 8 | row.get(ValueLayout.JAVA_BYTE, at + 2 + i) & 0xff;
        }
        long head = at + 6 + length * (2L + parties) + 1;
        if (head + length != row.byteSize()) {
            throw new Malformed("a share's row has " + row.byteSize() + " bytes where " + (head + length) + " are due");
        }
        return row.asSlice(0, head).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void close() {
        secret.close();
    }

    @Override
    public String toString() {
        return "[redacted share of P" + self + ", " + publicShares + "]";
    }
}

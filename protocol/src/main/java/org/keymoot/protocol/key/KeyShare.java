package org.keymoot.protocol.key;

import java.lang.foreign.MemorySegment;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.protocol.message.MessageWriter;

/// One party's share of a key, with everything public about the key.
///
/// It keeps true: the secret share times the generator is this party's verification share, the verification shares fit
/// the public key, and the secret is erased on close. Only the protocols that make keys and
/// [UncheckedKeyShare#validate()] make one.
public final class KeyShare implements AutoCloseable {
    static final int FORMAT = 1;

    private final PublicShares publicShares;
    private final int self;
    private final SecretScope scope = new SecretScope();
    private final SecretScalar secret;

    /// Copies `secret`, which stays the caller's.
    ///
    /// @throws IllegalArgumentException when the secret is not the one that belongs to the verification share
    public KeyShare(PublicShares publicShares, int self, SecretScalar secret) {
        if (!fits(publicShares, self, secret)) {
            throw new IllegalArgumentException("the secret does not fit the verification share of P" + self);
        }
        this.publicShares = publicShares;
        this.self = self;
        this.secret = secret.copy(scope);
    }

    static boolean fits(PublicShares publicShares, int self, SecretScalar secret) {
        return publicShares.terms().group().multiplyBase(secret).equals(publicShares.verificationShare(self));
    }

    public PublicShares publicShares() {
        return publicShares;
    }

    public KeyTerms terms() {
        return publicShares.terms();
    }

    public Group group() {
        return terms().group();
    }

    public int self() {
        return self;
    }

    public Point publicKey() {
        return publicShares.publicKey();
    }

    public Point verificationShare(int party) {
        return publicShares.verificationShare(party);
    }

    /// The secret share, which lives as long as this object.
    public SecretScalar secret() {
        return secret;
    }

    /// The row to seal and store, read back by [UncheckedKeyShare#decode]: a format byte, the public part, this party's
    /// index and last the secret, which goes from memory off the heap to memory off the heap.
    public SecretBytes encode(SecretScope target) {
        MessageWriter head = new MessageWriter(512);
        head.u8(FORMAT);
        publicShares.write(head);
        byte[] publicPart = head.u8(self).toByteArray();
        SecretBytes row = target.allocate(publicPart.length + 32);
        MemorySegment segment = row.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
        segment.asSlice(0, publicPart.length).copyFrom(MemorySegment.ofArray(publicPart));
        secret.encodeTo(segment.asSlice(publicPart.length, 32), Disclosure.I_TAKE_THE_SECRET_OUT);
        return row;
    }

    @Override
    public void close() {
        scope.close();
    }

    @Override
    public String toString() {
        return "[redacted share of P" + self + ", " + terms() + "]";
    }
}

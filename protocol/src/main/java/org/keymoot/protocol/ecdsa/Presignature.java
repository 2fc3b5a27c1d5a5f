package org.keymoot.protocol.ecdsa;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.group.WeierstrassPoint;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.message.MessageReader;
import org.keymoot.protocol.message.MessageWriter;

/// One party's share of a signature that lacks only its message. Using it for two messages gives away the key.
///
/// It keeps true: its secrets can be taken once, and are erased when they were used or when it closes; it belongs to
/// one key as it was in one epoch, to one quorum, and to the pair set-ups that it was made with.
public final class Presignature implements AutoCloseable {
    /// Bytes of [#id()].
    public static final int ID_BYTES = 32;

    /// No encoding is longer.
    public static final int MAX_BYTES = 16 << 10;

    private static final int VERSION = 1;
    private static final int SCALAR_BYTES = 32;
    private static final int SECRET_BYTES = 3 * SCALAR_BYTES;

    /// What a presignature is bound to besides its id.
    ///
    /// @param setups the identifier of the set-up with each peer, in the order of the quorum without `self`
    @SuppressWarnings("ArrayRecordComponent")
    record Binding(byte[] keyId, long epoch, Point publicKey, int self, List<Integer> quorum, List<byte[]> setups) {
        Binding {
            quorum = List.copyOf(quorum);
            setups = List.copyOf(setups);
            if (setups.size() != quorum.size() - 1) {
                throw new IllegalArgumentException("a presignature names one set-up for each peer");
            }
        }

        boolean sameKeyAndQuorum(Binding other) {
            return Arrays.equals(keyId, other.keyId)
                    && epoch == other.epoch
                    && publicKey.equals(other.publicKey)
                    && self == other.self
                    && quorum.equals(other.quorum);
        }

        List<Integer> peers() {
            return quorum.stream().filter(party -> party != self).toList();
        }
    }

    /// The secrets, each in a scope that [Presignature#close()] erases.
    record Secrets(SecretScalar u, SecretScalar v, SecretScalar phi) {
        @Override
        public String toString() {
            return "[redacted]";
        }
    }

    private final byte[] id;
    private final Binding binding;
    private final WeierstrassPoint nonce;
    private final SecretScope scope;
    private final Secrets secrets;
    private final AtomicBoolean taken = new AtomicBoolean();

    /// Takes over `scope`, to which the secrets belong.
    Presignature(byte[] id, Binding binding, WeierstrassPoint nonce, SecretScope scope, Secrets secrets) {
        this.id = id;
        this.binding = binding;
        this.nonce = nonce;
        this.scope = scope;
        this.secrets = secrets;
    }

    /// The name under which all parties of the quorum hold their shares of it.
    public byte[] id() {
        return id.clone();
    }

    public byte[] keyId() {
        return binding.keyId().clone();
    }

    public long epoch() {
        return binding.epoch();
    }

    public List<Integer> quorum() {
        return binding.quorum();
    }

    Binding binding() {
        return binding;
    }

    /// `R`.
    WeierstrassPoint nonce() {
        return nonce;
    }

    /// The secrets, for one use.
    ///
    /// @throws PresignatureSpent from the second time on
    Secrets take() throws PresignatureSpent {
        if (!taken.compareAndSet(false, true)) {
            throw new PresignatureSpent(id);
        }
        return secrets;
    }

    /// The row to seal and store, read back by [#decode]: what is public, and last the secrets, which go from memory
    /// off the heap to memory off the heap.
    ///
    /// @throws IllegalStateException when the secrets were taken
    public SecretBytes encode(SecretScope target) {
        if (taken.get()) {
            throw new IllegalStateException("a presignature that was used cannot be stored");
        }
        MessageWriter out = new MessageWriter(1024);
        out.u8(VERSION).u8(nonce.group().id().code()).fixed(id);
        out.u8(binding.keyId().length).fixed(binding.keyId()).u64(binding.epoch());
        out.point(binding.publicKey())
                .point(nonce)
                .u8(binding.self())
                .u8(binding.quorum().size());
        binding.quorum().forEach(out::u8);
        binding.setups().forEach(out::fixed);
        byte[] head = out.toByteArray();
        SecretBytes row = target.allocate(head.length + SECRET_BYTES);
        MemorySegment segment = row.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
        segment.asSlice(0, head.length).copyFrom(MemorySegment.ofArray(head));
        long at = head.length;
        for (SecretScalar secret : List.of(secrets.u(), secrets.v(), secrets.phi())) {
            secret.encodeTo(segment.asSlice(at, SCALAR_BYTES), Disclosure.I_TAKE_THE_SECRET_OUT);
            at += SCALAR_BYTES;
        }
        return row;
    }

    /// Reads a row that [#encode] made; the row stays the caller's to erase.
    ///
    /// @throws Malformed when it is not such a row
    public static Presignature decode(MemorySegment row) throws Malformed {
        long headLength = row.byteSize() - SECRET_BYTES;
        if (headLength < 1 || row.byteSize() > MAX_BYTES) {
            throw new Malformed("a presignature's row has at most " + MAX_BYTES + " bytes and holds secrets of "
                    + SECRET_BYTES + ", this one has " + row.byteSize());
        }
        MessageReader in = new MessageReader(row.asSlice(0, headLength).toArray(ValueLayout.JAVA_BYTE));
        in.u8(VERSION, VERSION, "version of a presignature");
        Group group = group(in.u8());
        byte[] id = in.fixed(ID_BYTES);
        byte[] keyId = in.fixed(in.u8(1, KeyTerms.MAX_KEY_ID_BYTES, "length of the key id"));
        long epoch = in.u64();
        Point publicKey = in.point(group);
        WeierstrassPoint nonce = (WeierstrassPoint) in.point(group);
        int self = in.u8(1, PartyIndex.MAX, "party's index");
        List<Integer> quorum = quorum(in, self);
        List<byte[]> setups = new ArrayList<>();
        for (int i = 1; i < quorum.size(); i++) {
            setups.add(in.fixed(ID_BYTES));
        }
        in.end();
        Binding binding = new Binding(keyId, epoch, publicKey, self, quorum, setups);
        SecretScope scope = new SecretScope();
        try {
            Secrets secrets = new Secrets(
                    secret(row, headLength, 0, group, scope),
                    secret(row, headLength, 1, group, scope),
                    secret(row, headLength, 2, group, scope));
            return new Presignature(id, binding, nonce, scope, secrets);
        } catch (InvalidEncodingException e) {
            scope.close();
            throw new Malformed("a secret of the presignature's row is not a scalar below the group's order");
        }
    }

    private static SecretScalar secret(MemorySegment row, long from, int index, Group group, SecretScope scope)
            throws InvalidEncodingException {
        return group.scalars().decodeSecret(scope, row.asSlice(from + (long) index * SCALAR_BYTES, SCALAR_BYTES));
    }

    private static Group group(int code) throws Malformed {
        for (GroupId id : List.of(GroupId.SECP256K1, GroupId.P256)) {
            if (id.code() == code) {
                return Group.of(id);
            }
        }
        throw new Malformed("group " + code + " is neither secp256k1 nor P-256");
    }

    private static List<Integer> quorum(MessageReader in, int self) throws Malformed {
        int size = in.u8(2, 255, "size of a quorum");
        List<Integer> quorum = new ArrayList<>(size);
        int previous = 0;
        for (int i = 0; i < size; i++) {
            int party = in.u8();
            if (party <= previous) {
                throw new Malformed("the parties of a quorum ascend");
            }
            quorum.add(party);
            previous = party;
        }
        if (!quorum.contains(self)) {
            throw new Malformed("P" + self + " is not in the quorum " + quorum);
        }
        return quorum;
    }

    /// Erases the secrets. Closing twice is harmless.
    @Override
    public void close() {
        taken.set(true);
        scope.close();
    }

    @Override
    public String toString() {
        return "Presignature[" + HexFormat.of().formatHex(id, 0, 4) + " of key "
                + HexFormat.of().formatHex(binding.keyId()) + "]";
    }
}

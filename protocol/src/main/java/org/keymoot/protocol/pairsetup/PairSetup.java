package org.keymoot.protocol.pairsetup;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.ot.CheckFailedException;
import org.keymoot.crypto.ot.ExtensionContext;
import org.keymoot.crypto.ot.ExtensionReceiverSeed;
import org.keymoot.crypto.ot.ExtensionSenderSeed;
import org.keymoot.crypto.ot.SetupContext;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.vole.RvoleReceiver;
import org.keymoot.crypto.vole.RvoleRequest;
import org.keymoot.crypto.vole.RvoleSender;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.message.MessageReader;
import org.keymoot.protocol.message.MessageWriter;

/// One party's secrets with one peer for one epoch. They serve every key and session of the two.
///
/// It keeps true: checks of the peer's conduct are made one at a time, the first that fails puts the set-up out of use
/// before its outcome is known to anyone, and no later call gives anything. One object stands for one set-up in a
/// process; all sessions share it.
public final class PairSetup implements AutoCloseable {
    /// Bytes of [#id()].
    public static final int ID_BYTES = 32;

    /// No encoding is longer.
    public static final int MAX_BYTES = 64 << 10;

    private static final int VERSION = 1;
    private static final int MAX_CLUSTER_BYTES = 255;
    private static final int SEED_BYTES = 32;
    static final int SECRET_BYTES = SEED_BYTES + ExtensionSenderSeed.LENGTH + ExtensionReceiverSeed.LENGTH;

    /// Which pair, and where.
    ///
    /// @param sessionId the id of the session that made the set-up
    @SuppressWarnings("ArrayRecordComponent")
    record Place(String cluster, long epoch, int self, int peer, byte[] sessionId) {
        Place {
            PartyIndex.of(self);
            PartyIndex.of(peer);
            if (self == peer || epoch < 0 || cluster.isEmpty() || sessionId.length != ID_BYTES) {
                throw new IllegalArgumentException(
                        "a pair set-up is of two parties of a named cluster in an epoch, not of P" + self + " and P"
                                + peer + " in epoch " + epoch + " of '" + cluster + "'");
            }
        }

        /// The direction in which this party multiplies as sender.
        SetupContext sending() {
            return new SetupContext(sessionId, epoch, PartyIndex.of(self), PartyIndex.of(peer));
        }

        SetupContext receiving() {
            return new SetupContext(sessionId, epoch, PartyIndex.of(peer), PartyIndex.of(self));
        }
    }

    /// A check of what the peer sent.
    @FunctionalInterface
    public interface Check {
        /// Whether it holds; throwing [CheckFailedException] is another way to say that it does not.
        boolean holds() throws CheckFailedException;
    }

    private final Place place;
    private final byte[] id;
    private final SecretBytes zeroSeed;
    private final ExtensionSenderSeed sender;
    private final ExtensionReceiverSeed receiver;
    /// Held while the peer's conduct is checked, so that an adversary with many sessions learns no more than with one.
    private final ReentrantLock checking = new ReentrantLock();
    /// Held for reading while secrets are read, for writing while they are erased.
    private final ReentrantReadWriteLock living = new ReentrantReadWriteLock();
    private volatile boolean burned;
    private volatile boolean closed;

    /// Takes the secrets over.
    PairSetup(
            Place place, byte[] id, SecretBytes zeroSeed, ExtensionSenderSeed sender, ExtensionReceiverSeed receiver) {
        this.place = place;
        this.id = id;
        this.zeroSeed = zeroSeed;
        this.sender = sender;
        this.receiver = receiver;
    }

    public String cluster() {
        return place.cluster();
    }

    public long epoch() {
        return place.epoch();
    }

    public int self() {
        return place.self();
    }

    public int peer() {
        return place.peer();
    }

    /// The name that both parties know this set-up by, and that no other set-up has.
    public byte[] id() {
        return id.clone();
    }

    /// Starts a multiplication as its receiver. `sid` must be fresh by this party's own coins.
    ///
    /// @throws PairQuarantined when the set-up is out of use
    public RvoleReceiver receive(byte[] keyId, byte[] sid, ScalarField field, RandomSource random)
            throws PairQuarantined {
        living.readLock().lock();
        try {
            requireInUse();
            return RvoleReceiver.start(new ExtensionContext(place.receiving(), keyId, sid, 0), receiver, field, random);
        } finally {
            living.readLock().unlock();
        }
    }

    /// Checks the peer's request and multiplies as sender. `sid` must be fresh by this party's own coins.
    ///
    /// @param step what is burned for, when the request is inconsistent
    /// @return nothing when the request was inconsistent; the set-up is burned then
    /// @throws PairQuarantined when the set-up is out of use
    public Optional<RvoleSender.Result> send(
            byte[] keyId,
            byte[] sid,
            RvoleRequest request,
            List<SecretScalar> inputs,
            RandomSource random,
            SecretScope scope,
            PairBurner burner,
            String step)
            throws PairQuarantined {
        ExtensionContext context = new ExtensionContext(place.sending(), keyId, sid, 0);
        RvoleSender.Result[] result = new RvoleSender.Result[1];
        boolean passed = passes(burner, step, () -> {
            result[0] = RvoleSender.respond(context, sender, request, inputs, random, scope);
            return true;
        });
        return passed ? Optional.of(result[0]) : Optional.empty();
    }

    /// Makes a check whose failure must end the set-up: burns it in memory, then durably, and only then returns false.
    ///
    /// @throws PairQuarantined when the set-up is out of use already
    public boolean passes(PairBurner burner, String step, Check check) throws PairQuarantined {
        checking.lock();
        try {
            requireInUse();
            if (holds(check)) {
                return true;
            }
            burned = true;
            burner.burn(place.peer(), step);
        } finally {
            checking.unlock();
        }
        close();
        return false;
    }

    private boolean holds(Check check) {
        living.readLock().lock();
        try {
            return check.holds();
        } catch (CheckFailedException e) {
            return false;
        } finally {
            living.readLock().unlock();
        }
    }

    /// A number that only the two parties know, the same for both, for a share of zero in the session `sid`.
    ///
    /// @throws PairQuarantined when the set-up is out of use
    public SecretScalar zeroMask(byte[] sid, ScalarField field, SecretScope scope) throws PairQuarantined {
        living.readLock().lock();
        try {
            requireInUse();
            return SecretTranscript.start(Tag.PAIR_ZERO_SHARE)
                    .bytes(id)
                    .bytes(sid)
                    .secret(zeroSeed)
                    .scalar(field, scope);
        } finally {
            living.readLock().unlock();
        }
    }

    /// @throws PairQuarantined when the set-up was burned or closed
    public void requireInUse() throws PairQuarantined {
        if (burned || closed) {
            throw new PairQuarantined(
                    place.peer(), "the set-up with P" + place.peer() + (burned ? " was burned" : " was closed"));
        }
    }

    /// The row to seal and store, read back by [#decode]: what is public, and last the secrets, which go from memory
    /// off the heap to memory off the heap.
    ///
    /// @throws PairQuarantined when the set-up is out of use
    public SecretBytes encode(SecretScope target) throws PairQuarantined {
        byte[] head = new MessageWriter(256)
                .u8(VERSION)
                .text(place.cluster())
                .u64(place.epoch())
                .u8(place.self())
                .u8(place.peer())
                .fixed(place.sessionId())
                .fixed(id)
                .toByteArray();
        living.readLock().lock();
        try (SecretScope scope = new SecretScope()) {
            requireInUse();
            SecretBytes row = target.allocate(head.length + SECRET_BYTES);
            MemorySegment segment = row.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
            segment.copyFrom(MemorySegment.ofArray(head));
            long at = head.length;
            for (SecretBytes secret : List.of(zeroSeed, scope.own(sender.encode()), scope.own(receiver.encode()))) {
                segment.asSlice(at, secret.length()).copyFrom(secret.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
                at += secret.length();
            }
            return row;
        } finally {
            living.readLock().unlock();
        }
    }

    /// Reads a row that [#encode] made; the row stays the caller's to erase.
    ///
    /// @throws Malformed when it is not such a row
    public static PairSetup decode(MemorySegment row) throws Malformed {
        long headLength = row.byteSize() - SECRET_BYTES;
        if (headLength < 1 || row.byteSize() > MAX_BYTES) {
            throw new Malformed("a pair set-up's row has at most " + MAX_BYTES + " bytes and holds secrets of "
                    + SECRET_BYTES + ", this one has " + row.byteSize());
        }
        MessageReader in = new MessageReader(row.asSlice(0, headLength).toArray(ValueLayout.JAVA_BYTE));
        in.u8(VERSION, VERSION, "version of a pair set-up");
        String cluster = in.text(MAX_CLUSTER_BYTES);
        long epoch = in.u64();
        int self = in.u8(1, PartyIndex.MAX, "party's index");
        int peer = in.u8(1, PartyIndex.MAX, "party's index");
        if (self == peer || epoch < 0 || cluster.isEmpty()) {
            throw new Malformed("a pair set-up is of two parties of a named cluster in an epoch");
        }
        Place place = new Place(cluster, epoch, self, peer, in.fixed(ID_BYTES));
        byte[] id = in.fixed(ID_BYTES);
        in.end();
        try (SecretScope scope = new SecretScope()) {
            SecretBytes sender = secret(row, headLength + SEED_BYTES, ExtensionSenderSeed.LENGTH, scope);
            SecretBytes receiver = secret(
                    row, headLength + SEED_BYTES + ExtensionSenderSeed.LENGTH, ExtensionReceiverSeed.LENGTH, scope);
            return new PairSetup(
                    place,
                    id,
                    SecretBytes.copyOf(row.asSlice(headLength, SEED_BYTES)),
                    ExtensionSenderSeed.decode(sender),
                    ExtensionReceiverSeed.decode(receiver));
        } catch (InvalidEncodingException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    private static SecretBytes secret(MemorySegment row, long from, int length, SecretScope scope) {
        return scope.own(SecretBytes.copyOf(row.asSlice(from, length)));
    }

    @Override
    public void close() {
        living.writeLock().lock();
        try {
            closed = true;
            zeroSeed.close();
            sender.close();
            receiver.close();
        } finally {
            living.writeLock().unlock();
        }
    }

    @Override
    public String toString() {
        return "PairSetup[P" + place.self() + " with P" + place.peer() + ", epoch " + place.epoch() + ", "
                + HexFormat.of().formatHex(id, 0, 4) + "]";
    }
}

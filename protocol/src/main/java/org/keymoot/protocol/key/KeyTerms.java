package org.keymoot.protocol.key;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.message.MessageReader;
import org.keymoot.protocol.message.MessageWriter;

/// What is fixed about a key before it exists, and the same at each of its parties.
///
/// It keeps true: at least two shares are needed, and there are that many parties; their indices are 1 to `parties`; a
/// key has one use, in a group that this use is defined in.
///
/// @param keyId the key's name, 1 to [#MAX_KEY_ID_BYTES] bytes
/// @param epoch counts the sharings of the key, from 0
public record KeyTerms(
        GroupId groupId,
        KeyUse use,
        byte[] keyId,
        long epoch,
        int parties,
        ReconstructionThreshold reconstructionThreshold) {
    public static final int MAX_KEY_ID_BYTES = 64;
    private static final int GROUP_BITS = 4;

    public KeyTerms {
        if (keyId.length < 1 || keyId.length > MAX_KEY_ID_BYTES) {
            throw new IllegalArgumentException("a key id has 1 to " + MAX_KEY_ID_BYTES + " bytes, not " + keyId.length);
        }
        if (epoch < 0) {
            throw new IllegalArgumentException("epochs count from 0, not " + epoch);
        }
        if (parties > PartyIndex.MAX
                || reconstructionThreshold.value() < 2
                || reconstructionThreshold.value() > parties) {
            throw new IllegalArgumentException("a key needs 2 to n shares of at most " + PartyIndex.MAX
                    + " parties, not " + reconstructionThreshold.value() + " of " + parties);
        }
        if (!use.isDefinedIn(groupId)) {
            throw new IllegalArgumentException("no key of " + groupId + " is for " + use);
        }
        keyId = keyId.clone();
    }

    /// A key that signs.
    public KeyTerms(
            GroupId groupId, byte[] keyId, long epoch, int parties, ReconstructionThreshold reconstructionThreshold) {
        this(groupId, KeyUse.SIGN, keyId, epoch, parties, reconstructionThreshold);
    }

    /// Stops a protocol that is not what the key is for.
    ///
    /// @throws IllegalArgumentException when the key has another use
    public void requireUse(KeyUse expected) {
        if (use != expected) {
            throw new IllegalArgumentException("this is for a key of use " + expected + ", not for " + this);
        }
    }

    @Override
    public byte[] keyId() {
        return keyId.clone();
    }

    public Group group() {
        return Group.of(groupId);
    }

    /// 1 to `parties`.
    public List<Integer> everyone() {
        return IntStream.rangeClosed(1, parties).boxed().toList();
    }

    public void write(MessageWriter out) {
        // The use is in the upper bits of the group's byte, where keys that sign, the first use there was, have zeros.
        out.u8(use.code() << GROUP_BITS | groupId.code())
                .u8(keyId.length)
                .fixed(keyId)
                .u64(epoch)
                .u8(parties)
                .u8(reconstructionThreshold.value());
    }

    public static KeyTerms read(MessageReader in) throws Malformed {
        int codes = in.u8();
        int code = codes & ((1 << GROUP_BITS) - 1);
        KeyUse use = Arrays.stream(KeyUse.values())
                .filter(each -> each.code() == codes >> GROUP_BITS)
                .findFirst()
                .orElseThrow(() -> new Malformed("no use has the code " + (codes >> GROUP_BITS)));
        GroupId groupId = Arrays.stream(GroupId.values())
                .filter(id -> id.code() == code)
                .findFirst()
                .orElseThrow(() -> new Malformed("no group has the code " + code));
        byte[] keyId = in.fixed(in.u8(1, MAX_KEY_ID_BYTES, "length of the key id"));
        long epoch = in.u64();
        int parties = in.u8(2, PartyIndex.MAX, "number of parties");
        int threshold = in.u8(2, parties, "reconstruction threshold");
        if (epoch < 0) {
            throw new Malformed("epoch is too large");
        }
        if (!use.isDefinedIn(groupId)) {
            throw new Malformed("no key of " + groupId + " is for " + use);
        }
        return new KeyTerms(groupId, use, keyId, epoch, parties, new ReconstructionThreshold(threshold));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeyTerms that
                && groupId == that.groupId
                && use == that.use
                && Arrays.equals(keyId, that.keyId)
                && epoch == that.epoch
                && parties == that.parties
                && reconstructionThreshold.equals(that.reconstructionThreshold);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(keyId) + Long.hashCode(epoch);
    }

    @Override
    public String toString() {
        return "key " + HexFormat.of().formatHex(keyId) + " epoch " + epoch + ", " + reconstructionThreshold.value()
                + " of " + parties + " on " + groupId + (use == KeyUse.SIGN ? "" : " for " + use);
    }
}

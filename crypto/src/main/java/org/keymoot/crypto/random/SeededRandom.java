package org.keymoot.crypto.random;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// A deterministic source for simulation and tests only: its whole output follows from the seed, so anyone who
/// knows the seed knows every secret drawn from it.
///
/// It keeps true: the same seed and the same sequence of requested lengths give the same bytes on every
/// machine; [#child(String)] gives an independent stream, so that parties do not disturb one another's draws.
public final class SeededRandom implements RandomSource {
    private final byte[] seed;
    private final MessageDigest digest = sha256();
    private final byte[] block = new byte[32];
    private long counter;
    private int used = block.length;

    public SeededRandom(long seed) {
        this(ByteBuffer.allocate(Long.BYTES).putLong(seed).array());
    }

    private SeededRandom(byte[] seed) {
        this.seed = seed;
    }

    /// A stream of its own for `name`, the same each time and independent of what was drawn from this one.
    public SeededRandom child(String name) {
        MessageDigest derive = sha256();
        derive.update((byte) 1);
        derive.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, seed.length));
        derive.update(seed);
        return new SeededRandom(derive.digest(name.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public synchronized void fill(MemorySegment target) {
        long done = 0;
        while (done < target.byteSize()) {
            if (used == block.length) {
                nextBlock();
            }
            int step = (int) Math.min(block.length - used, target.byteSize() - done);
            MemorySegment.copy(MemorySegment.ofArray(block), used, target, done, step);
            used += step;
            done += step;
        }
    }

    private void nextBlock() {
        digest.update((byte) 0);
        digest.update(seed);
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, counter++));
        System.arraycopy(digest.digest(), 0, block, 0, block.length);
        used = 0;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

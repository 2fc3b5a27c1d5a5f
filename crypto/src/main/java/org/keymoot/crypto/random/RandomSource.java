package org.keymoot.crypto.random;

import java.lang.foreign.MemorySegment;

/// A source of uniformly random bytes.
///
/// Production code passes one backed by the operating system's generator; the simulator passes a seeded one, so that a
/// run can be repeated bit for bit. Implementations are safe for use by several threads.
public interface RandomSource {
    /// Fills the whole segment, which may be off-heap. Secrets are drawn by this method only, straight into their
    /// memory.
    void fill(MemorySegment target);

    /// Returns fresh random bytes that are not secret, such as salts and session contributions.
    default byte[] bytes(int length) {
        byte[] out = new byte[length];
        fill(MemorySegment.ofArray(out));
        return out;
    }
}

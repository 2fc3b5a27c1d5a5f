package org.keymoot.party.operations;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.security.SecureRandom;
import org.keymoot.crypto.random.RandomSource;

/// Randomness of the operating system.
///
/// It keeps true: memory outside the heap is filled by the system call itself, so that no copy of a secret is
/// ever on the heap; a call that fails stops the caller.
public final class SystemRandom implements RandomSource {
    /// The system call fills so many bytes in one piece, whatever signals arrive.
    private static final int CHUNK_BYTES = 256;

    private final MethodHandle getrandom;
    private final SecureRandom heapSource = new SecureRandom();

    /// @throws IllegalStateException where the C library has no `getrandom`
    public SystemRandom() {
        Linker linker = Linker.nativeLinker();
        getrandom = linker.downcallHandle(
                linker.defaultLookup()
                        .find("getrandom")
                        .orElseThrow(() -> new IllegalStateException(
                                "the C library has no getrandom; Linux with glibc 2.25 or later has it")),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    }

    @Override
    public void fill(MemorySegment target) {
        if (!target.isNative()) {
            byte[] bytes = new byte[Math.toIntExact(target.byteSize())];
            heapSource.nextBytes(bytes);
            target.copyFrom(MemorySegment.ofArray(bytes));
            return;
        }
        for (long at = 0; at < target.byteSize(); at += CHUNK_BYTES) {
            long length = Math.min(CHUNK_BYTES, target.byteSize() - at);
            long got = call(target.asSlice(at, length), length);
            if (got != length) {
                throw new IllegalStateException("the system gave %d of %d random bytes".formatted(got, length));
            }
        }
    }

    private long call(MemorySegment target, long length) {
        try {
            return (long) getrandom.invokeExact(target, length, 0);
        } catch (Throwable e) {
            throw new IllegalStateException("getrandom failed", e);
        }
    }
}

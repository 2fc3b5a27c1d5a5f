package org.keymoot.platform.store;

import java.nio.file.Path;
import java.time.Duration;

/// Where a store lies and what bounds it.
///
/// @param file the database file, in a directory that its caller holds as a
///     [org.keymoot.platform.disk.DataDirectory]
/// @param migrations class path location of the SQL migrations, such as `db/migration/party`
/// @param readers how many reads run at once
/// @param maximumBytes the largest the database file may grow; at the limit writes are refused as on a full
///     disk
/// @param maximumQueuedWrites writes that may wait for the writer before further ones are refused
/// @param maximumBatch writes that share one flush to disk
/// @param patience how long a read waits for a connection, and a write for a place in the queue
public record StoreOptions(
        Path file,
        String migrations,
        int readers,
        long maximumBytes,
        int maximumQueuedWrites,
        int maximumBatch,
        Duration patience) {
    private static final long SMALLEST_LIMIT_BYTES = 64 * 1024;

    public StoreOptions {
        if (readers < 1 || maximumQueuedWrites < 1 || maximumBatch < 1) {
            throw new IllegalArgumentException("readers, queued writes and batch are at least 1, not %d, %d, %d"
                    .formatted(readers, maximumQueuedWrites, maximumBatch));
        }
        if (maximumBytes < SMALLEST_LIMIT_BYTES) {
            throw new IllegalArgumentException(
                    "a store needs at least %d bytes, not %d".formatted(SMALLEST_LIMIT_BYTES, maximumBytes));
        }
    }

    /// The usual bounds: 4 readers, 64 GiB, 4096 queued writes, 256 a batch, 10 s of patience.
    public static StoreOptions of(Path file, String migrations) {
        return new StoreOptions(file, migrations, 4, 64L << 30, 4096, 256, Duration.ofSeconds(10));
    }

    public StoreOptions withMaximumBytes(long bytes) {
        return new StoreOptions(file, migrations, readers, bytes, maximumQueuedWrites, maximumBatch, patience);
    }
}

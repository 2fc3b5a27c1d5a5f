package org.keymoot.platform.audit;

import java.nio.file.Path;
import java.time.Duration;

/// Where a log lies and what bounds it.
///
/// @param directory holds the segment files and nothing else
/// @param segmentBytes a segment that has grown past this is followed by a new one
/// @param maximumQueued records that may wait for the disk before further ones are refused
/// @param maximumBatch records that share one flush to disk
/// @param patience how long an append waits for its record to be durable before it fails
public record AuditOptions(Path directory, long segmentBytes, int maximumQueued, int maximumBatch, Duration patience) {
    public AuditOptions {
        if (segmentBytes < 1 || maximumQueued < 1 || maximumBatch < 1 || !patience.isPositive()) {
            throw new IllegalArgumentException("segment size, queue, batch and patience are positive");
        }
    }

    /// The usual bounds: segments of 64 MiB, 4096 waiting records, 512 a batch, 2 s of patience.
    public static AuditOptions of(Path directory) {
        return new AuditOptions(directory, 64L << 20, 4096, 512, Duration.ofSeconds(2));
    }
}

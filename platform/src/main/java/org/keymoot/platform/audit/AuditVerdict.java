package org.keymoot.platform.audit;

import java.nio.file.Path;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// What checking a chain found.
///
/// @param records how many records from the first on are intact
/// @param head the hash of the last intact one, 32 zero bytes when there is none
/// @param fault the first record that is not intact, null when all are
public record AuditVerdict(
        long records, byte[] head, @Nullable Fault fault) {

    /// Where a chain breaks.
    ///
    /// @param file the segment
    /// @param line the line in it, from 1
    /// @param sequence the sequence number that a sound record would have here
    /// @param reason what is wrong with what was found
    public record Fault(Path file, long line, long sequence, String reason) {
        public String describe() {
            return "audit record %d (%s, line %d): %s".formatted(sequence, file, line, reason);
        }
    }

    public boolean intact() {
        return fault == null;
    }

    @Override
    public String toString() {
        Fault found = fault;
        return found == null
                ? "%d records, head %s".formatted(records, HexFormat.of().formatHex(head))
                : found.describe();
    }
}

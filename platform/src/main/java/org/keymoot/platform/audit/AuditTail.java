package org.keymoot.platform.audit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The end of a log as it is found when it is opened.
///
/// A crash may leave, after the last record that anyone was told of, pieces of records that were on their way.
/// Those are cut off. Anything else that does not hold together was changed later, and is refused.
///
/// @param segment the file to append to
/// @param length how much of it is sound
/// @param sequence the last sound record
/// @param hash its hash
/// @param torn whether something follows that must be cut off
record AuditTail(Path segment, long length, long sequence, byte[] hash, boolean torn) {

    /// @throws AuditCorrupt when acknowledged records are missing or changed
    static AuditTail find(Path directory) throws IOException {
        List<Path> segments = AuditChain.segments(directory);
        if (segments.isEmpty()) {
            Path first = directory.resolve(AuditChain.segmentName(1));
            return new AuditTail(first, 0, 0, new byte[32], false);
        }
        Path last = segments.getLast();
        long lastStart = AuditChain.firstSequence(last);
        AuditVerdict verdict = AuditChain.walk(directory, Math.max(1, lastStart - 1), record -> true);
        AuditVerdict.Fault fault = verdict.fault();
        if (fault != null && !fault.file().equals(last)) {
            throw new AuditCorrupt(fault);
        }
        long length = soundLength(last, fault);
        return new AuditTail(last, length, verdict.records(), verdict.head(), fault != null);
    }

    private static long soundLength(Path segment, AuditVerdict.@Nullable Fault fault) throws IOException {
        try (AuditChain.Lines lines = new AuditChain.Lines(segment)) {
            byte[] line = lines.next();
            while (line != null && (fault == null || lines.number < fault.line())) {
                line = lines.next();
            }
            if (fault == null) {
                return lines.end;
            }
            long sound = lines.start;
            if (!lines.torn()) {
                throw new AuditCorrupt(fault);
            }
            for (line = lines.next(); line != null; line = lines.next()) {
                AuditRecord later = AuditRecord.parse(line);
                if (later != null && later.acknowledged() >= fault.sequence()) {
                    throw new AuditCorrupt(fault);
                }
            }
            return sound;
        }
    }
}

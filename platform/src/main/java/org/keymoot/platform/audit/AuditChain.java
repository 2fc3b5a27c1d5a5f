package org.keymoot.platform.audit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads and checks a log without changing it.
///
/// It keeps true: what it hands out follows without a gap from the first record, each naming the hash of the
/// one before. Whether records at the very end were cut off, it cannot tell alone; the other parties' logs can.
public final class AuditChain {
    static final String FIRST_PREVIOUS = "0".repeat(64);
    private static final Pattern SEGMENT = Pattern.compile("audit-(\\d{16})\\.log");

    /// No record is longer; what is longer is not a record.
    static final int MAXIMUM_LINE_BYTES = 64 * 1024;

    private AuditChain() {}

    /// Sees one record; returns false to stop.
    @FunctionalInterface
    public interface Visitor {
        boolean visit(AuditRecord record) throws IOException;
    }

    /// Checks all of the log in `directory`.
    public static AuditVerdict verify(Path directory) throws IOException {
        return walk(directory, 1, record -> true);
    }

    /// Checks records that came over the wire as (JSON, hash) pairs, the first of which follows `previous`.
    public static AuditVerdict verify(List<AuditRecord> records, long firstSequence, byte[] previous) {
        Links links = new Links(firstSequence, HexFormat.of().formatHex(previous));
        for (AuditRecord record : records) {
            String reason = links.reasonAgainst(record);
            if (reason != null) {
                return links.verdict(new AuditVerdict.Fault(Path.of("stream"), links.sequence, links.sequence, reason));
            }
            links.accept(record);
        }
        return links.verdict(null);
    }

    /// Reads up to `limit` records from sequence number `first` on.
    ///
    /// @throws AuditCorrupt when the log does not hold together up to there
    public static List<AuditRecord> read(Path directory, long first, int limit) throws IOException {
        List<AuditRecord> found = new ArrayList<>();
        if (limit < 1) {
            return found;
        }
        AuditVerdict verdict = walk(directory, first, record -> {
            if (record.sequence() >= first) {
                found.add(record);
            }
            return found.size() < limit;
        });
        AuditVerdict.Fault fault = verdict.fault();
        if (fault != null && fault.sequence() <= first) {
            throw new AuditCorrupt(fault);
        }
        return found;
    }

    /// Walks the records in order, checking each against the one before, until the end, the first fault or a
    /// visitor that has seen enough. Segments that end before `from` are not opened; their last hash is taken
    /// from the first record after them.
    static AuditVerdict walk(Path directory, long from, Visitor visitor) throws IOException {
        List<Path> segments = segments(directory);
        int start = 0;
        while (start + 1 < segments.size() && firstSequence(segments.get(start + 1)) <= from) {
            start++;
        }
        Links links = new Links(1, start == 0 ? FIRST_PREVIOUS : null);
        for (Path segment : segments.subList(start, segments.size())) {
            if (links.previous == null) {
                links.sequence = firstSequence(segment);
            }
            if (firstSequence(segment) != links.sequence) {
                return links.verdict(
                        new AuditVerdict.Fault(segment, 1, links.sequence, "the segment with this record is missing"));
            }
            try (Lines lines = new Lines(segment)) {
                for (byte[] line = lines.next(); line != null; line = lines.next()) {
                    AuditRecord record = lines.terminated ? AuditRecord.parse(line) : null;
                    String reason = record == null ? lines.reason() : links.reasonAgainst(record);
                    if (record == null || reason != null) {
                        return links.verdict(new AuditVerdict.Fault(
                                segment, lines.number, links.sequence, reason == null ? "unreadable" : reason));
                    }
                    links.accept(record);
                    if (!visitor.visit(record)) {
                        return links.verdict(null);
                    }
                }
            }
        }
        return links.verdict(null);
    }

    /// The segment files, oldest first.
    static List<Path> segments(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file ->
                            SEGMENT.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        }
    }

    static String segmentName(long firstSequence) {
        return String.format(Locale.ROOT, "audit-%016d.log", firstSequence);
    }

    static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static long firstSequence(Path segment) {
        Matcher matcher = SEGMENT.matcher(segment.getFileName().toString());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(segment + " is no audit segment");
        }
        return Long.parseLong(matcher.group(1));
    }

    /// The point that a walk has reached: which record must come next, and what it must name.
    private static final class Links {
        private long sequence;
        private @Nullable String previous;

        Links(long sequence, @Nullable String previous) {
            this.sequence = sequence;
            this.previous = previous;
        }

        @Nullable String reasonAgainst(AuditRecord record) {
            if (record.sequence() != sequence) {
                return "expected sequence number %d, found %d".formatted(sequence, record.sequence());
            }
            if (previous != null && !record.previous().equals(previous)) {
                return "it names %s as the hash of the record before it, whose hash is %s"
                        .formatted(record.previous(), previous);
            }
            return null;
        }

        void accept(AuditRecord record) {
            sequence++;
            previous = HexFormat.of().formatHex(record.hash());
        }

        AuditVerdict verdict(AuditVerdict.@Nullable Fault fault) {
            String head = previous == null ? FIRST_PREVIOUS : previous;
            return new AuditVerdict(sequence - 1, HexFormat.of().parseHex(head), fault);
        }
    }

    /// Splits a segment at its line breaks, remembering where it is.
    static final class Lines implements AutoCloseable {
        private final InputStream in;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        long number;
        long start;
        long end;
        boolean terminated;
        boolean zeros;

        Lines(Path segment) throws IOException {
            this.in = new BufferedInputStream(Files.newInputStream(segment), MAXIMUM_LINE_BYTES);
        }

        /// The next line, the last one perhaps without its line break; null at the end. An overlong line is
        /// cut, so it cannot be a record.
        byte @Nullable [] next() throws IOException {
            line.reset();
            start = end;
            terminated = false;
            zeros = false;
            for (int b = in.read(); b >= 0; b = in.read()) {
                end++;
                if (b == '\n') {
                    terminated = true;
                    break;
                }
                zeros |= b == 0;
                if (line.size() <= MAXIMUM_LINE_BYTES) {
                    line.write(b);
                }
            }
            if (end == start) {
                return null;
            }
            number++;
            return line.toByteArray();
        }

        /// Whether the line could be what a crash leaves of a write: cut short, or with sectors that were never
        /// written.
        boolean torn() {
            return !terminated || zeros;
        }

        String reason() {
            return torn() ? "it is incomplete" : "its content does not have the hash that it states";
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}

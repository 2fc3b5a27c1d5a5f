package org.keymoot.platform.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.platform.disk.FailStop;

class AuditLogTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z"));
    private static final FailStop NOT_EXPECTED = (what, cause) -> {
        throw new AssertionError(what, cause);
    };

    @TempDir
    Path temp;

    private Path directory = Path.of("audit");

    @BeforeEach
    void place() {
        directory = temp.resolve("audit");
    }

    @Test
    void chainsRecordsAcrossARestartAndSegments() throws IOException {
        AuditOptions small = new AuditOptions(directory, 500, 64, 8, Duration.ofSeconds(10));
        for (int run = 0; run < 3; run++) {
            try (AuditLog log = AuditLog.open(small, CLOCK, NOT_EXPECTED)) {
                for (int i = 0; i < 10; i++) {
                    assertThat(log.append("test.event", Map.of("run", run, "i", i))
                                    .sequence())
                            .isEqualTo(run * 10 + i + 1);
                }
                assertThat(log.read(run * 10 + 5, 3))
                        .extracting(AuditRecord::sequence)
                        .containsExactly(run * 10 + 5L, run * 10 + 6L, run * 10 + 7L);
            }
        }
        assertThat(AuditChain.segments(directory)).hasSizeGreaterThan(5);
        for (Path segment : AuditChain.segments(directory)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(segment)))
                    .isEqualTo("rw-------");
        }
        AuditVerdict verdict = AuditChain.verify(directory);
        assertThat(verdict.intact()).isTrue();
        assertThat(verdict.records()).isEqualTo(30);
        List<AuditRecord> all = AuditChain.read(directory, 1, 100);
        assertThat(all).hasSize(30);
        assertThat(all.getLast().hash()).isEqualTo(verdict.head());
        assertThat(all.getFirst().content().path("at").stringValue()).isEqualTo("2026-01-02T03:04:05Z");
    }

    @Test
    void isDurableBeforeTheAppendReturnsAndManyWritersShareAFlush() throws Exception {
        CountingDisk disk = new CountingDisk();
        try (AuditLog log = AuditLog.open(AuditOptions.of(directory), CLOCK, NOT_EXPECTED, disk);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> appends = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                appends.add(threads.submit(() -> {
                    long sequence = log.append("test", Map.of()).sequence();
                    assertThat(disk.durableLines).isGreaterThanOrEqualTo(sequence);
                    return sequence;
                }));
            }
            for (Future<Long> append : appends) {
                assertThat(append.get()).isPositive();
            }
        }
        assertThat(disk.flushes).isLessThan(150);
        assertThat(AuditChain.verify(directory).records()).isEqualTo(200);
    }

    @Test
    void namesTheFirstRecordThatWasChangedRemovedReorderedOrSplicedIn() throws IOException {
        write(20);
        Path segment = AuditChain.segments(directory).getFirst();
        List<String> lines = Files.readAllLines(segment, StandardCharsets.US_ASCII);
        expectFault(segment, replaced(lines, 6, lines.get(6).replace("\"n\":6", "\"n\":9")), 7, "hash");
        List<String> removed = new ArrayList<>(lines);
        removed.remove(4);
        expectFault(segment, removed, 5, "sequence");
        List<String> swapped = new ArrayList<>(lines);
        swapped.set(2, lines.get(3));
        swapped.set(3, lines.get(2));
        expectFault(segment, swapped, 3, "sequence");
        AuditRecord original = AuditRecord.of(lines.get(8).substring(65).getBytes(StandardCharsets.US_ASCII));
        AuditRecord forged =
                AuditRecord.of(original.toString().replace("\"n\":8", "\"n\":0").getBytes(StandardCharsets.US_ASCII));
        String spliced = new String(forged.line().array(), StandardCharsets.US_ASCII).strip();
        expectFault(segment, replaced(lines, 8, spliced), 10, "hash of the record before it");
    }

    private void expectFault(Path segment, List<String> lines, long sequence, String reason) throws IOException {
        Files.write(segment, lines, StandardCharsets.US_ASCII);
        AuditVerdict verdict = AuditChain.verify(directory);
        assertThat(verdict.intact()).isFalse();
        assertThat(Objects.requireNonNull(verdict.fault()).sequence()).isEqualTo(sequence);
        assertThat(Objects.requireNonNull(verdict.fault()).reason()).contains(reason);
        assertThatThrownBy(() -> AuditLog.open(AuditOptions.of(directory), CLOCK, NOT_EXPECTED))
                .isInstanceOf(AuditCorrupt.class)
                .hasMessageContaining("audit record " + sequence)
                .hasMessageContaining(segment.getFileName().toString());
    }

    @Test
    void cutsOffWhatACrashLeftOfAnUnfinishedRecordAtEveryLength() throws IOException {
        write(5);
        Path segment = AuditChain.segments(directory).getFirst();
        byte[] whole = Files.readAllBytes(segment);
        int lastStart = lastLineStart(whole);
        for (int length = lastStart + 1; length < whole.length; length++) {
            Files.write(segment, Arrays.copyOf(whole, length));
            try (AuditLog log = AuditLog.open(AuditOptions.of(directory), CLOCK, NOT_EXPECTED)) {
                assertThat(log.head().sequence()).isEqualTo(4);
            }
            assertThat(Files.size(segment)).isEqualTo(lastStart);
        }
        try (AuditLog log = AuditLog.open(AuditOptions.of(directory), CLOCK, NOT_EXPECTED)) {
            assertThat(log.append("after", Map.of()).sequence()).isEqualTo(5);
        }
        assertThat(AuditChain.verify(directory).records()).isEqualTo(5);
    }

    @Test
    void cutsOffSectorsThatWereNeverWrittenButOnlyWhereNothingAcknowledgedFollows() throws IOException {
        write(5);
        Path segment = AuditChain.segments(directory).getFirst();
        byte[] whole = Files.readAllBytes(segment);
        byte[] lastHole = whole.clone();
        Arrays.fill(lastHole, lastLineStart(whole) + 70, lastLineStart(whole) + 90, (byte) 0);
        Files.write(segment, lastHole);
        try (AuditLog log = AuditLog.open(AuditOptions.of(directory), CLOCK, NOT_EXPECTED)) {
            assertThat(log.head().sequence()).isEqualTo(4);
        }
        byte[] earlyHole = whole.clone();
        Arrays.fill(earlyHole, 70, 90, (byte) 0);
        Files.write(segment, earlyHole);
        assertThatThrownBy(() -> AuditLog.open(AuditOptions.of(directory), CLOCK, NOT_EXPECTED))
                .isInstanceOf(AuditCorrupt.class);
        assertThat(Files.readAllBytes(segment)).isEqualTo(earlyHole);
    }

    @Test
    void refusesABitFlipInTheLastRecordInsteadOfForgettingIt() throws IOException {
        write(3);
        Path segment = AuditChain.segments(directory).getFirst();
        byte[] whole = Files.readAllBytes(segment);
        whole[whole.length - 10] ^= 1;
        Files.write(segment, whole);
        assertThatThrownBy(() -> AuditLog.open(AuditOptions.of(directory), CLOCK, NOT_EXPECTED))
                .isInstanceOf(AuditCorrupt.class)
                .hasMessageContaining("audit record 3");
    }

    @Test
    void findsAMissingSegment() throws IOException {
        AuditOptions small = new AuditOptions(directory, 300, 64, 1, Duration.ofSeconds(10));
        try (AuditLog log = AuditLog.open(small, CLOCK, NOT_EXPECTED)) {
            for (int i = 0; i < 10; i++) {
                assertThat(log.append("e", Map.of()).sequence()).isPositive();
            }
        }
        List<Path> segments = AuditChain.segments(directory);
        Files.delete(segments.get(1));
        AuditVerdict verdict = AuditChain.verify(directory);
        assertThat(verdict.intact()).isFalse();
        assertThat(verdict.toString()).contains("missing");
    }

    @Test
    void refusesRecordsOnAFullDiskAndGoesOnByItselfWhenThereIsRoom() throws IOException {
        CountingDisk disk = new CountingDisk();
        try (AuditLog log = AuditLog.open(AuditOptions.of(directory), CLOCK, NOT_EXPECTED, disk)) {
            assertThat(log.append("before", Map.of()).sequence()).isEqualTo(1);
            disk.failWrite = true;
            assertThatThrownBy(() -> log.append("during", Map.of()))
                    .isInstanceOf(AuditUnavailable.class)
                    .hasMessageContaining("No space left");
            assertThat(log.trouble()).contains("free some space");
            assertThat(log.read(1, 10)).hasSize(1);
            disk.failWrite = false;
            assertThat(log.append("after", Map.of()).sequence()).isEqualTo(2);
            assertThat(log.trouble()).isEmpty();
        }
        assertThat(AuditChain.verify(directory).records()).isEqualTo(2);
    }

    @Test
    void endsForGoodWhenAFlushFails() throws IOException {
        CountingDisk disk = new CountingDisk();
        AtomicReference<String> stopped = new AtomicReference<>("");
        AuditLog log = AuditLog.open(AuditOptions.of(directory), CLOCK, (what, cause) -> stopped.set(what), disk);
        disk.failFlush = true;
        assertThatThrownBy(() -> log.append("lost", Map.of())).isInstanceOf(AuditUnavailable.class);
        disk.failFlush = false;
        assertThatThrownBy(() -> log.append("later", Map.of())).isInstanceOf(AuditUnavailable.class);
        assertThat(stopped.get()).contains("flushing the audit log");
        log.close();
    }

    @Test
    void failsWithinABoundedTimeWhileTheDiskIsStuckAndAtOnceAfterwards() throws Exception {
        CountingDisk disk = new CountingDisk();
        AuditOptions impatient = new AuditOptions(directory, 1 << 20, 64, 8, Duration.ofMillis(200));
        try (AuditLog log = AuditLog.open(impatient, CLOCK, NOT_EXPECTED, disk)) {
            CountDownLatch stuck = new CountDownLatch(1);
            disk.gate = stuck;
            long start = System.nanoTime();
            assertThatThrownBy(() -> log.append("slow", Map.of())).isInstanceOf(AuditUnavailable.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(150), Duration.ofSeconds(5));
            Thread.sleep(100);
            long again = System.nanoTime();
            assertThatThrownBy(() -> log.append("slower", Map.of()))
                    .isInstanceOf(AuditUnavailable.class)
                    .hasMessageContaining("has not finished a write");
            assertThat(Duration.ofNanos(System.nanoTime() - again)).isLessThan(Duration.ofMillis(150));
            assertThat(log.trouble()).contains("work is refused");
            disk.gate = new CountDownLatch(0);
            stuck.countDown();
            for (int i = 0; i < 50 && !log.trouble().isEmpty(); i++) {
                Thread.sleep(20);
            }
            assertThat(log.append("well again", Map.of()).sequence()).isEqualTo(2);
        }
    }

    @Test
    void keepsHostileTextOnOneLine() throws IOException {
        try (AuditLog log = AuditLog.open(AuditOptions.of(directory), CLOCK, NOT_EXPECTED)) {
            assertThat(log.append("alias.created", Map.of("alias", "x\n{\"forged\":1}\u001b[2J\u202e"))
                            .sequence())
                    .isEqualTo(1);
        }
        List<String> lines = Files.readAllLines(AuditChain.segments(directory).getFirst(), StandardCharsets.ISO_8859_1);
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst()).matches("[ -~]*");
    }

    @Test
    void checksRecordsThatAnotherPartySent() throws IOException {
        write(6);
        List<AuditRecord> received = AuditChain.read(directory, 1, 10).stream()
                .map(record -> AuditRecord.of(record.json()))
                .toList();
        byte[] none = new byte[32];
        assertThat(AuditChain.verify(received, 1, none).records()).isEqualTo(6);
        assertThat(AuditChain.verify(received.subList(2, 6), 3, received.get(1).hash())
                        .intact())
                .isTrue();
        AuditVerdict verdict = AuditChain.verify(received.subList(2, 6), 3, none);
        assertThat(verdict.intact()).isFalse();
        assertThat(Objects.requireNonNull(verdict.fault()).sequence()).isEqualTo(3);
    }

    private void write(int records) throws IOException {
        try (AuditLog log = AuditLog.open(AuditOptions.of(directory), CLOCK, NOT_EXPECTED)) {
            for (int i = 0; i < records; i++) {
                assertThat(log.append("test", Map.of("n", i)).sequence()).isEqualTo(i + 1);
            }
        }
    }

    private static List<String> replaced(List<String> lines, int index, String line) {
        List<String> changed = new ArrayList<>(lines);
        changed.set(index, line);
        return changed;
    }

    private static int lastLineStart(byte[] content) {
        int at = content.length - 2;
        while (content[at] != '\n') {
            at--;
        }
        return at + 1;
    }

    /// A disk that counts, and fails or waits when told to.
    private static final class CountingDisk implements AuditDisk {
        volatile boolean failWrite;
        volatile boolean failFlush;
        volatile CountDownLatch gate = new CountDownLatch(0);
        volatile long durableLines;
        volatile int flushes;

        @Override
        public Segment open(Path file) throws IOException {
            Segment real = AuditDisk.real().open(file);
            return new Segment() {
                private long written;

                @Override
                public long size() throws IOException {
                    return real.size();
                }

                @Override
                public void write(ByteBuffer content, long position) throws IOException {
                    if (failWrite) {
                        // Half of it arrives, as it does on a disk that fills up.
                        ByteBuffer half = content.slice(0, content.remaining() / 2);
                        real.write(half, position);
                        throw new IOException("No space left on device");
                    }
                    for (int i = content.position(); i < content.limit(); i++) {
                        written += content.get(i) == '\n' ? 1 : 0;
                    }
                    real.write(content, position);
                }

                @Override
                public void truncate(long size) throws IOException {
                    real.truncate(size);
                }

                @Override
                @SuppressWarnings("NonAtomicVolatileUpdate") // One thread writes.
                public void force() throws IOException {
                    try {
                        gate.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    if (failFlush) {
                        throw new IOException("Input/output error");
                    }
                    real.force();
                    durableLines = written;
                    flushes++;
                }

                @Override
                public void close() throws IOException {
                    real.close();
                }
            };
        }
    }
}

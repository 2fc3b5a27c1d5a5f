package org.keymoot.platform.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.keymoot.platform.disk.FailStop;
import org.keymoot.platform.disk.PrivateFiles;
import org.keymoot.platform.json.CanonicalJson;

/// Appends records to the chain, each durable before [#append] returns.
///
/// It keeps true: records that wait at the same time share one flush; a full disk refuses records and heals by
/// itself; a slow disk refuses them after a bounded wait and, while it is stuck, at once; a failed flush ends
/// the log for good.
public final class AuditLog implements AutoCloseable {
    private static final int MAXIMUM_FIELDS_BYTES = AuditChain.MAXIMUM_LINE_BYTES - 1024;
    private static final int MAXIMUM_EVENT_CHARACTERS = 100;
    private static final long POLL_MILLIS = 100;

    private final AuditOptions options;
    private final InstantSource clock;
    private final FailStop failStop;
    private final AuditDisk disk;
    private final BlockingQueue<Pending> queue;
    private final Thread thread;

    // Touched by the writing thread only.
    private AuditDisk.Segment segment;
    private long durableBytes;
    private boolean dirty;

    private volatile Head head;
    private volatile long busySinceNanos;
    private volatile boolean busy;
    private volatile boolean closing;
    private volatile @Nullable AuditUnavailable failure;
    private volatile String trouble = "";

    /// The newest durable record.
    ///
    /// @param sequence its number, 0 when there is none
    /// @param hash its hash
    public record Head(long sequence, byte[] hash) {}

    private AuditLog(
            AuditOptions options,
            InstantSource clock,
            FailStop failStop,
            AuditDisk disk,
            AuditDisk.Segment segment,
            AuditTail tail) {
        this.options = options;
        this.clock = clock;
        this.failStop = failStop;
        this.disk = disk;
        this.segment = segment;
        this.durableBytes = tail.length();
        this.head = new Head(tail.sequence(), tail.hash());
        this.queue = new ArrayBlockingQueue<>(options.maximumQueued());
        this.thread = Thread.ofPlatform().name("audit-writer").daemon().unstarted(this::run);
    }

    /// Opens the log, making it when missing, and cuts off what a crash left unfinished.
    ///
    /// @throws AuditCorrupt when records at its end were changed or damaged
    /// @throws org.keymoot.platform.disk.InsecurePermissions when others have access to it
    public static AuditLog open(AuditOptions options, InstantSource clock, FailStop failStop) throws IOException {
        return open(options, clock, failStop, AuditDisk.real());
    }

    static AuditLog open(AuditOptions options, InstantSource clock, FailStop failStop, AuditDisk disk)
            throws IOException {
        PrivateFiles.createDirectory(options.directory());
        AuditTail tail = AuditTail.find(options.directory());
        AuditDisk.Segment segment = disk.open(tail.segment());
        if (tail.torn()) {
            segment.truncate(tail.length());
            segment.force();
        }
        AuditLog log = new AuditLog(options, clock, failStop, disk, segment, tail);
        log.thread.start();
        return log;
    }

    /// Records that `event` happened (or is about to), and returns when the record is on disk.
    ///
    /// @param event what happened, in stable words such as `sign.joined`
    /// @param fields texts, whole numbers, truth values, lists and maps of these; never a secret
    /// @throws AuditUnavailable when it is not durable in time; the caller must then refuse what it was about
    ///     to do
    public Head append(String event, Map<String, ? extends @Nullable Object> fields) {
        byte[] encoded = CanonicalJson.encode(fields);
        if (encoded.length > MAXIMUM_FIELDS_BYTES || event.length() > MAXIMUM_EVENT_CHARACTERS) {
            throw new IllegalArgumentException(
                    "an audit record holds at most %d bytes of fields and %d characters of event, not %d and %d"
                            .formatted(MAXIMUM_FIELDS_BYTES, MAXIMUM_EVENT_CHARACTERS, encoded.length, event.length()));
        }
        refuseIfUnable();
        Pending pending = new Pending(clock.instant().toString(), event, encoded);
        if (!queue.offer(pending)) {
            throw new AuditUnavailable("%d audit records already wait for the disk".formatted(queue.size()), null);
        }
        return pending.await(this);
    }

    public Head head() {
        return head;
    }

    /// Why appends fail at present, empty when they do not.
    public String trouble() {
        return stuck() ? stuckMessage() : trouble;
    }

    /// Reads up to `limit` durable records from sequence number `first` on.
    public List<AuditRecord> read(long first, int limit) throws IOException {
        long durable = head.sequence();
        int available = (int) Math.clamp(durable - first + 1, 0, limit);
        return AuditChain.read(options.directory(), first, available);
    }

    public Path directory() {
        return options.directory();
    }

    @Override
    public void close() throws IOException {
        closing = true;
        try {
            thread.join(options.patience().toMillis() + POLL_MILLIS * 2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void refuseIfUnable() {
        AuditUnavailable known = failure;
        if (known != null) {
            throw new AuditUnavailable(String.valueOf(known.getMessage()), known);
        }
        if (closing) {
            throw new AuditUnavailable("the audit log is closed", null);
        }
        if (stuck()) {
            throw new AuditUnavailable(stuckMessage(), null);
        }
    }

    private boolean stuck() {
        return busy && System.nanoTime() - busySinceNanos > options.patience().toNanos();
    }

    private String stuckMessage() {
        return "the disk under %s has not finished a write for %d s; work is refused until it does"
                .formatted(options.directory(), TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - busySinceNanos));
    }

    private void run() {
        List<Pending> batch = new ArrayList<>();
        try {
            while (failure == null && !(closing && queue.isEmpty())) {
                Pending first = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, options.maximumBatch() - 1);
                    busySinceNanos = System.nanoTime();
                    busy = true;
                    write(batch);
                    busy = false;
                    batch.clear();
                }
            }
            segment.close();
        } catch (Throwable e) {
            end("the audit log's writer ended", e);
        } finally {
            busy = false;
            AuditUnavailable known = failure;
            AuditUnavailable answer = known == null ? new AuditUnavailable("the audit log is closed", null) : known;
            batch.forEach(pending -> pending.fail(answer));
            for (Pending left = queue.poll(); left != null; left = queue.poll()) {
                left.fail(answer);
            }
        }
    }

    private void write(List<Pending> batch) {
        List<Head> heads = new ArrayList<>();
        ByteBuffer lines = lines(batch, heads);
        int bytes = lines.remaining();
        try {
            if (dirty) {
                segment.truncate(durableBytes);
                dirty = false;
            }
            startSegmentWhenFull();
            segment.write(lines, durableBytes);
        } catch (IOException e) {
            dirty = true;
            AuditUnavailable refused = new AuditUnavailable(
                    "the audit log %s takes no records (%s): free some space there, no restart is needed"
                            .formatted(options.directory(), e.getMessage()),
                    e);
            trouble = String.valueOf(refused.getMessage());
            batch.forEach(pending -> pending.fail(refused));
            return;
        }
        try {
            segment.force();
        } catch (IOException e) {
            AuditUnavailable ended = end("flushing the audit log " + options.directory() + " failed", e);
            batch.forEach(pending -> pending.fail(ended));
            return;
        }
        durableBytes += bytes;
        head = heads.getLast();
        trouble = "";
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).finish(heads.get(i));
        }
    }

    private ByteBuffer lines(List<Pending> batch, List<Head> heads) {
        Head last = head;
        long acknowledged = last.sequence();
        List<ByteBuffer> lines = new ArrayList<>();
        int length = 0;
        for (Pending pending : batch) {
            AuditRecord record = AuditRecord.of(pending.json(acknowledged, last));
            last = new Head(record.sequence(), record.hash());
            heads.add(last);
            ByteBuffer line = record.line();
            length += line.remaining();
            lines.add(line);
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        lines.forEach(all::put);
        return all.flip();
    }

    private void startSegmentWhenFull() throws IOException {
        if (durableBytes < options.segmentBytes()) {
            return;
        }
        AuditDisk.Segment next = disk.open(options.directory().resolve(AuditChain.segmentName(head.sequence() + 1)));
        segment.close();
        segment = next;
        durableBytes = 0;
    }

    private AuditUnavailable end(String what, Throwable cause) {
        AuditUnavailable ended = new AuditUnavailable(what + ": " + cause.getMessage(), cause);
        failure = ended;
        trouble = String.valueOf(ended.getMessage());
        failStop.stop(what, cause);
        return ended;
    }

    /// A record between its caller, who waits, and the writer.
    private static final class Pending {
        private final String at;
        private final String event;
        private final byte[] fields;
        private final CountDownLatch done = new CountDownLatch(1);
        private @Nullable Head written;
        private @Nullable AuditUnavailable refused;

        Pending(String at, String event, byte[] fields) {
            this.at = at;
            this.event = event;
            this.fields = fields;
        }

        /// The record's canonical JSON; its members are in the order that [CanonicalJson] sorts them to.
        byte[] json(long acknowledged, Head last) {
            StringBuilder json = new StringBuilder(fields.length + 256);
            json.append("{\"acknowledged\":").append(acknowledged);
            json.append(",\"at\":").append(text(at));
            json.append(",\"event\":").append(text(event));
            json.append(",\"fields\":").append(new String(fields, StandardCharsets.US_ASCII));
            json.append(",\"previous\":").append(text(HexFormat.of().formatHex(last.hash())));
            json.append(",\"sequence\":").append(last.sequence() + 1).append('}');
            return json.toString().getBytes(StandardCharsets.US_ASCII);
        }

        private static String text(String value) {
            return new String(CanonicalJson.encode(value), StandardCharsets.US_ASCII);
        }

        synchronized void finish(Head head) {
            written = head;
            done.countDown();
        }

        synchronized void fail(AuditUnavailable reason) {
            if (done.getCount() > 0) {
                refused = reason;
                done.countDown();
            }
        }

        Head await(AuditLog log) {
            try {
                if (!done.await(log.options.patience().toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new AuditUnavailable(
                            "the audit record '%s' was not on disk within %s".formatted(event, log.options.patience()),
                            null);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AuditUnavailable("interrupted while the audit record '%s' was written".formatted(event), e);
            }
            synchronized (this) {
                Head head = written;
                if (head == null) {
                    AuditUnavailable reason = refused;
                    throw new AuditUnavailable(
                            reason == null ? "refused" : String.valueOf(reason.getMessage()), reason);
                }
                return head;
            }
        }
    }
}

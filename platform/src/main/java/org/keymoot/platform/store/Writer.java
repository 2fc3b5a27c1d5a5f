package org.keymoot.platform.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import org.keymoot.platform.disk.FailStop;
import org.keymoot.platform.disk.InsufficientStorage;

/// The one thread that changes the database.
///
/// Transactions are begun and ended by statements, since the driver's own notion of them outlives a rollback
/// that SQLite makes by itself. It takes all writes that wait, runs each in a savepoint inside one transaction,
/// commits, and only then tells their callers. A write that throws is rolled back to its savepoint and leaves
/// the others untouched.
final class Writer implements Runnable {
    /// The write-ahead log is copied into the database when it is larger than this. SQLite writes over
    /// it from its beginning once all of it is copied and no reader needs it, and cuts it back to this
    /// size then.
    private static final long CHECKPOINT_BYTES = 4L << 20;

    /// Each time that a log has grown by so much because of readers, the writer waits for them.
    private static final long RESTART_BYTES = 64L << 20;

    private static final long POLL_MILLIS = 100;

    private final Connection connection;
    private final StoreOptions options;
    private final FailStop failStop;
    private final Path log;
    private final BlockingQueue<Pending<?>> queue;
    private final Thread thread;
    private long restartAboveBytes = RESTART_BYTES;
    private volatile boolean closing;
    private volatile @Nullable StoreFailed failure;
    private volatile String trouble = "";

    Writer(Connection connection, StoreOptions options, FailStop failStop) throws SQLException {
        this.connection = connection;
        this.options = options;
        this.failStop = failStop;
        this.log = Path.of(options.file() + "-wal");
        this.queue = new ArrayBlockingQueue<>(options.maximumQueuedWrites());
        this.thread = Thread.ofPlatform().name("store-writer").daemon().unstarted(this);
        // SQLite drops the error of a checkpoint that a commit triggers by itself; see checkpoint().
        execute("pragma wal_autocheckpoint=0");
        execute("pragma journal_size_limit=" + CHECKPOINT_BYTES);
    }

    void start() {
        thread.start();
    }

    String trouble() {
        return trouble;
    }

    <T extends @Nullable Object> Pending<T> submit(Store.Work<T> work) {
        Pending<T> pending = new Pending<>(work);
        try {
            refuseIfOver();
            if (!queue.offer(pending, options.patience().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new StoreFailed(
                        "%d writes already wait for the store and none finished within %s"
                                .formatted(options.maximumQueuedWrites(), options.patience()),
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreFailed("interrupted while waiting to write", e);
        }
        if (!thread.isAlive()) {
            // The writer ended between the check and the offer, so nobody will run this.
            StoreFailed known = failure;
            pending.fail(known == null ? closed() : known);
        }
        return pending;
    }

    void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        List<Pending<?>> batch = new ArrayList<>();
        try {
            while (failure == null && !(closing && queue.isEmpty())) {
                Pending<?> first = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, options.maximumBatch() - 1);
                    commit(batch);
                    batch.clear();
                }
            }
            if (failure == null) {
                checkpoint("truncate");
            }
            connection.close();
        } catch (Throwable e) {
            fail("the store's writer ended", e);
        } finally {
            StoreFailed known = failure;
            StoreFailed answer = known == null ? closed() : known;
            batch.forEach(pending -> pending.fail(answer));
            for (Pending<?> left = queue.poll(); left != null; left = queue.poll()) {
                left.fail(answer);
            }
        }
    }

    private void commit(List<Pending<?>> batch) {
        DSLContext sql = DSL.using(connection, SQLDialect.SQLITE);
        try {
            execute("begin immediate");
            for (Pending<?> pending : batch) {
                attempt(pending, sql);
            }
            execute("commit");
            trouble = "";
            batch.forEach(Pending::finish);
        } catch (SQLException | RuntimeException e) {
            rollBackAll();
            answerDiskFault(batch, e);
        }
        checkpointWhenLarge();
    }

    /// Runs one write in its savepoint. A failure of the disk ends the whole batch, any other only this write.
    private void attempt(Pending<?> pending, DSLContext sql) throws SQLException {
        execute("savepoint one_write");
        try {
            pending.run(sql);
        } catch (RuntimeException | Error e) {
            if (DiskFault.of(e) != DiskFault.NONE) {
                throw e;
            }
            execute("rollback to one_write");
            pending.fail(e);
        }
        execute("release one_write");
    }

    private void answerDiskFault(List<Pending<?>> batch, Exception cause) {
        if (DiskFault.of(cause) == DiskFault.NO_ROOM) {
            InsufficientStorage full = new InsufficientStorage(
                    "no room to write to %s (%s): free some space or raise its limit; reading goes on"
                            .formatted(options.file(), cause.getMessage()),
                    cause);
            trouble = String.valueOf(full.getMessage());
            batch.forEach(pending -> pending.fail(full));
            return;
        }
        StoreFailed failed = fail("writing to " + options.file() + " failed", cause);
        batch.forEach(pending -> pending.fail(failed));
    }

    private StoreFailed fail(String what, Throwable cause) {
        StoreFailed failed = new StoreFailed(what + ": " + cause.getMessage(), cause);
        failure = failed;
        trouble = String.valueOf(failed.getMessage());
        failStop.stop(what, cause);
        return failed;
    }

    private void rollBackAll() {
        try {
            execute("rollback");
        } catch (SQLException e) {
            // SQLite has already rolled back by itself when the disk is full, and says that no transaction is active.
            trouble = "rollback: " + e.getMessage();
        }
    }

    /// A passive checkpoint copies what it can and waits for nobody; one that restarts the log waits
    /// for all readers, and all writes with it.
    private void checkpointWhenLarge() {
        try {
            long bytes = Files.exists(log) ? Files.size(log) : 0;
            if (bytes > restartAboveBytes) {
                restartAboveBytes = bytes + RESTART_BYTES;
                checkpoint("restart");
            } else if (bytes > CHECKPOINT_BYTES) {
                checkpoint("passive");
            } else {
                restartAboveBytes = RESTART_BYTES;
            }
        } catch (IOException e) {
            fail("the size of " + log + " cannot be read", e);
        } catch (SQLException e) {
            if (DiskFault.of(e) == DiskFault.BROKEN) {
                fail("copying the write-ahead log into " + options.file() + " failed", e);
            }
            // Without room the log stays as it is, complete and durable, and the copy is tried after the next commit.
        }
    }

    private void checkpoint(String mode) throws SQLException {
        execute("pragma wal_checkpoint(" + mode + ")");
    }

    private void execute(String statement) throws SQLException {
        try (Statement run = connection.createStatement()) {
            run.execute(statement);
        }
    }

    private void refuseIfOver() {
        StoreFailed known = failure;
        if (known != null) {
            throw known;
        }
        if (closing) {
            throw closed();
        }
    }

    private StoreFailed closed() {
        return new StoreFailed("the store " + options.file() + " is closed", null);
    }

    /// A write between its caller, who waits, and the writer.
    static final class Pending<T extends @Nullable Object> {
        private final Store.Work<T> work;
        private final CountDownLatch done = new CountDownLatch(1);
        private @Nullable T result;
        private @Nullable Throwable thrown;

        Pending(Store.Work<T> work) {
            this.work = work;
        }

        void run(DSLContext sql) {
            result = work.run(sql);
        }

        synchronized void fail(Throwable cause) {
            if (done.getCount() > 0) {
                thrown = cause;
                done.countDown();
            }
        }

        synchronized void finish() {
            done.countDown();
        }

        @SuppressWarnings("NullAway") // The result is null only where T admits it.
        T await() {
            try {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreFailed("interrupted while writing; the change may still be made", e);
            }
            switch (thrown) {
                case null -> {
                    return result;
                }
                case InsufficientStorage e -> throw new InsufficientStorage(e.getMessage(), e);
                case StoreFailed e -> throw new StoreFailed(e.getMessage(), e);
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new StoreFailed("a write failed: " + thrown.getMessage(), thrown);
            }
        }
    }
}

package org.keymoot.platform.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jooq.exception.DataAccessException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.platform.disk.FailStop;
import org.keymoot.platform.disk.InsecurePermissions;
import org.keymoot.platform.disk.InsufficientStorage;

class StoreTest {
    private static final String MIGRATIONS = "db/storetest";
    private static final FailStop NOT_EXPECTED = (what, cause) -> {
        throw new AssertionError(what, cause);
    };

    @TempDir
    Path temp;

    private Path file = Path.of("store.db");

    @BeforeEach
    void place() {
        file = temp.resolve("store.db");
    }

    @Test
    void readsWhatItWroteAcrossARestart() throws IOException {
        try (Store store = open()) {
            int rows = store.write(sql -> sql.execute("insert into notes (id, text) values (?, ?)", 1, "one"));
            assertThat(rows).isEqualTo(1);
            assertThat(texts(store)).containsExactly("one");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (Store store = open()) {
            assertThat(texts(store)).containsExactly("one");
        }
    }

    @Test
    void undoesAFailedWriteAloneAmongThoseThatShareItsFlush() throws Exception {
        try (Store store = open();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> writes = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                int id = i;
                writes.add(threads.submit(() -> store.write(sql -> {
                    int rows = sql.execute("insert into notes (id, text) values (?, ?)", id, "note " + id);
                    if (id % 10 == 0) {
                        throw new IllegalStateException("changed my mind about " + id);
                    }
                    return rows;
                })));
            }
            int failed = 0;
            for (Future<Integer> write : writes) {
                try {
                    assertThat(write.get()).isEqualTo(1);
                } catch (java.util.concurrent.ExecutionException e) {
                    assertThat(e.getCause()).hasMessageContaining("changed my mind");
                    failed++;
                }
            }
            assertThat(failed).isEqualTo(10);
            assertThat(texts(store)).hasSize(90).doesNotContain("note 10");
        }
    }

    @Test
    void reportsAViolatedConstraintToItsWriterAndGoesOn() throws IOException {
        try (Store store = open()) {
            insert(store, 1, "same");
            assertThatThrownBy(() -> insert(store, 2, "same")).isInstanceOf(DataAccessException.class);
            insert(store, 2, "other");
            assertThat(texts(store)).containsExactly("same", "other");
        }
    }

    @Test
    void refusesWritesOnAFullDiskReadsOnAndRecoversWithoutARestart() throws IOException {
        try (Store store = Store.open(StoreOptions.of(file, MIGRATIONS).withMaximumBytes(128 * 1024), NOT_EXPECTED)) {
            int written = fill(store);
            assertThat(written).isPositive();
            assertThat(store.trouble()).contains("free some space");
            assertThat(texts(store)).hasSize(written);
            assertThatThrownBy(() -> insert(store, 5000, "x".repeat(20_000))).isInstanceOf(InsufficientStorage.class);
            int deleted = store.write(sql -> sql.execute("delete from notes"));
            assertThat(deleted).isEqualTo(written);
            insert(store, 1, "room again");
            assertThat(store.trouble()).isEmpty();
        }
    }

    private static int fill(Store store) {
        for (int i = 0; i < 1000; i++) {
            try {
                insert(store, i, i + "x".repeat(4000));
            } catch (InsufficientStorage e) {
                return i;
            }
        }
        throw new AssertionError("the store never filled up");
    }

    @Test
    void refusesToChangeAnythingThroughARead() throws IOException {
        try (Store store = open()) {
            assertThatThrownBy(() -> store.read(sql -> sql.execute("delete from notes")))
                    .isInstanceOf(DataAccessException.class)
                    .hasMessageContaining("readonly");
        }
    }

    @Test
    void refusesAFileThatOthersCanReadOrThatIsNoDatabase() throws IOException {
        Files.writeString(file, "this is no database at all, and long enough to be looked at".repeat(20));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(this::open).isInstanceOf(InsecurePermissions.class);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThatThrownBy(this::open).isInstanceOf(StoreFailed.class).hasMessageContaining("restore it");
    }

    @Test
    void refusesWorkAfterItWasClosed() throws IOException {
        Store store = open();
        store.close();
        assertThatThrownBy(() -> insert(store, 1, "late"))
                .isInstanceOf(StoreFailed.class)
                .hasMessageContaining("closed");
    }

    @Test
    void copiesItselfWhileItIsInUse() throws IOException {
        Path copy = temp.resolve("copy.db");
        try (Store store = open()) {
            insert(store, 1, "kept");
            store.backup(copy);
            insert(store, 2, "later");
        }
        try (Store store = Store.open(StoreOptions.of(copy, MIGRATIONS), NOT_EXPECTED)) {
            assertThat(texts(store)).containsExactly("kept");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                .isEqualTo("rw-------");
    }

    @Test
    void writesDoNotWaitForALongReadAndTheLogShrinksAfterIt() throws Exception {
        Path log = Path.of(file + "-wal");
        String text = "x".repeat(1 << 20);
        try (Store store = open()) {
            insert(store, 0, "before");
            CountDownLatch reading = new CountDownLatch(1);
            CountDownLatch written = new CountDownLatch(1);
            Thread reader = Thread.ofVirtual()
                    .start(() -> store.read(sql -> {
                        List<String> seen = sql.fetch("select text from notes").getValues(0, String.class);
                        reading.countDown();
                        try {
                            return written.await(60, TimeUnit.SECONDS) ? seen : List.of();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }));
            assertThat(reading.await(10, TimeUnit.SECONDS)).isTrue();
            long begun = System.nanoTime();
            for (int i = 1; i <= 8; i++) {
                insert(store, i, text + i);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(4));
            assertThat(Files.size(log)).isGreaterThan(8L << 20);
            written.countDown();
            reader.join();
            insert(store, 9, "copies the log");
            insert(store, 10, "begins it anew");
            assertThat(Files.size(log)).isLessThanOrEqualTo(4L << 20);
            assertThat(texts(store)).hasSize(11);
        }
    }

    @Test
    void losesNoAcknowledgedWriteWhenTheProcessIsKilled() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EndlessWriter.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        int acknowledged = 0;
        try (var lines = process.inputReader()) {
            for (int i = 0; i < 50; i++) {
                String line = lines.readLine();
                assertThat(line).isNotNull();
                acknowledged = Integer.parseInt(line);
            }
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        try (Store store = open()) {
            assertThat(texts(store)).hasSizeGreaterThanOrEqualTo(acknowledged);
        }
    }

    @Test
    @Tag("slow") // It needs strace, and the writer runs under it.
    void stopsTheProcessWhenAFlushFailsAndKeepsWhatWasAcknowledged() throws Exception {
        Process process = new ProcessBuilder(
                        "strace",
                        "-f",
                        "-o",
                        "/dev/null",
                        "-e",
                        "trace=fsync,fdatasync",
                        "-e",
                        "inject=fsync:error=EIO:when=40+",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EndlessWriter.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> acknowledged;
        try (var lines = process.inputReader()) {
            acknowledged = lines.lines().limit(1000).toList();
        } finally {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
        assertThat(process.exitValue()).isEqualTo(FailStop.EXIT_STATUS);
        assertThat(acknowledged).hasSizeBetween(1, 40);
        try (Store store = open()) {
            assertThat(texts(store)).hasSizeGreaterThanOrEqualTo(acknowledged.size());
        }
    }

    /// Writes notes and says the number of each once it is durable, until it is killed.
    static final class EndlessWriter {
        private EndlessWriter() {}

        public static void main(String[] arguments) throws IOException {
            try (Store store =
                    Store.open(StoreOptions.of(Path.of(arguments[0]), MIGRATIONS), FailStop.haltingProcess())) {
                for (int i = 1; i < 100_000; i++) {
                    insert(store, i, "note " + i);
                    System.out.println(i);
                }
            }
        }
    }

    private Store open() throws IOException {
        return Store.open(StoreOptions.of(file, MIGRATIONS), NOT_EXPECTED);
    }

    private static void insert(Store store, int id, String text) {
        int rows = store.write(sql -> sql.execute("insert into notes (id, text) values (?, ?)", id, text));
        assertThat(rows).isEqualTo(1);
    }

    private static List<String> texts(Store store) {
        return store.read(sql -> sql.fetch("select text from notes order by id").getValues(0, String.class));
    }
}

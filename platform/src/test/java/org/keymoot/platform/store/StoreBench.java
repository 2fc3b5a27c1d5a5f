package org.keymoot.platform.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.keymoot.platform.audit.AuditLog;
import org.keymoot.platform.audit.AuditOptions;
import org.keymoot.platform.disk.FailStop;
import org.keymoot.platform.disk.PrivateFiles;

/// Measures durable transactions and audit records a second, against a control that flushes each write by itself.
///
/// Its one argument is a directory on the disk to measure.
final class StoreBench {
    private static final int TRANSACTIONS = 4000;
    private static final String BLOB = "x".repeat(1000);

    private StoreBench() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "bench");
        control(directory);
        try (Store store =
                Store.open(StoreOptions.of(directory.resolve("store.db"), "db/storetest"), FailStop.haltingProcess())) {
            AtomicInteger id = new AtomicInteger();
            for (int writers : new int[] {1, 8, 64}) {
                measure("store, " + writers + " writers", writers, () -> {
                    int next = id.incrementAndGet();
                    store.write(sql -> sql.execute("insert into notes (id, text) values (?, ?)", next, next + BLOB));
                });
            }
            measure("store, point reads", 4, () -> {
                int any = 1 + id.get() / 2;
                store.read(sql -> sql.fetch("select text from notes where id = ?", any));
            });
        }
        try (AuditLog log = AuditLog.open(
                AuditOptions.of(directory.resolve("audit")), InstantSource.system(), FailStop.haltingProcess())) {
            for (int writers : new int[] {1, 8, 64}) {
                measure("audit, " + writers + " writers", writers, () -> log.append("bench", Map.of("key", BLOB)));
            }
        }
    }

    private static void control(Path directory) throws Exception {
        try (var channel = PrivateFiles.openOrCreate(directory.resolve("control"))) {
            byte[] block = new byte[1024];
            measure("control, write and flush", 1, () -> {
                try {
                    channel.write(ByteBuffer.wrap(block));
                    channel.force(false);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private static void measure(String what, int threads, Runnable transaction) throws Exception {
        long start = System.nanoTime();
        try (var pool = Executors.newFixedThreadPool(threads)) {
            for (int i = 0; i < TRANSACTIONS; i++) {
                pool.execute(transaction);
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("%-28s %8.0f/s%n", what, TRANSACTIONS / seconds);
    }
}

package org.keymoot.platform.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A line for each request that a listener answered.
///
/// It keeps true: no request waits for who reads the log, unless more lines wait than there is room for, and none is
/// dropped; [#close] returns when all are written. Lines are written some at a time, so each is up to
/// 50 ms late.
final class AccessLog implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger("org.keymoot.access");
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final int ROOM = 4096;

    private final String listener;
    private final BlockingQueue<Line> lines = new ArrayBlockingQueue<>(ROOM);
    private final Thread writer;

    /// One answered request.
    ///
    /// @param path without the query, since a presigned request carries its signature there
    record Line(
            String id,
            String method,
            String path,
            int status,
            long bytesIn,
            long bytesOut,
            long micros,
            String remote) {}

    AccessLog(String listener) {
        this.listener = listener;
        this.writer =
                Thread.ofPlatform().name("access-log-" + listener).daemon().start(this::run);
    }

    void add(Line line) {
        if (!lines.offer(line)) {
            write(line);
        }
    }

    /// Call it when the listener answers no more requests.
    @Override
    public void close() {
        writer.interrupt();
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(PAUSE);
                writeAll();
            }
        } catch (InterruptedException e) {
            // The listener has closed.
            writeAll();
        }
    }

    private void writeAll() {
        List<Line> some = new ArrayList<>();
        lines.drainTo(some);
        some.forEach(this::write);
    }

    private void write(Line line) {
        LOGGER.atInfo()
                .addKeyValue("listener", listener)
                .addKeyValue("request", line.id())
                .addKeyValue("method", line.method())
                .addKeyValue("path", line.path())
                .addKeyValue("status", line.status())
                .addKeyValue("bytesIn", line.bytesIn())
                .addKeyValue("bytesOut", line.bytesOut())
                .addKeyValue("micros", line.micros())
                .addKeyValue("remote", line.remote())
                .log("request answered");
    }
}

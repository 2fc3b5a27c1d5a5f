package org.keymoot.platform.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.util.component.AbstractLifeCycle;

/// Closes connections that do not deliver a complete request head in time.
///
/// An idle timeout alone lets a client hold a connection for ever by sending one byte now and then. Here the
/// clock starts when a connection opens and again after each answer, and no byte short of a whole head stops
/// it.
final class HeadTimer extends AbstractLifeCycle implements Connection.Listener {
    private static final long SWEEPS_PER_TIMEOUT = 4;

    private final long timeoutNanos;
    private final Map<Connection, Long> waitingSince = new ConcurrentHashMap<>();
    private final ScheduledExecutorService sweeper = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("http-head-timer").daemon().factory());

    HeadTimer(long timeoutNanos) {
        this.timeoutNanos = timeoutNanos;
    }

    @Override
    protected void doStart() {
        long period = Math.max(1, timeoutNanos / SWEEPS_PER_TIMEOUT);
        var unused = sweeper.scheduleAtFixedRate(this::sweep, period, period, TimeUnit.NANOSECONDS);
    }

    @Override
    protected void doStop() {
        sweeper.shutdownNow();
    }

    @Override
    public void onOpened(Connection connection) {
        // Beneath a TLS connection lies the HTTP one; only the latter has requests.
        if (connection instanceof ConnectionMetaData) {
            waitingSince.put(connection, System.nanoTime());
        }
    }

    @Override
    public void onClosed(Connection connection) {
        waitingSince.remove(connection);
    }

    void headArrived(Connection connection) {
        waitingSince.remove(connection);
    }

    void answered(Connection connection) {
        if (connection.getEndPoint().isOpen()) {
            waitingSince.put(connection, System.nanoTime());
        }
    }

    private void sweep() {
        long now = System.nanoTime();
        waitingSince.forEach((connection, since) -> {
            if (now - since > timeoutNanos && waitingSince.remove(connection, since)) {
                connection.getEndPoint().close();
            }
        });
    }
}

package org.keymoot.platform.http;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Where a listener listens and what it allows.
///
/// @param name names it in logs and threads
/// @param address the socket's address; port 0 lets the system choose
/// @param tls null for plain HTTP
/// @param maximumBodyBytes a longer body is refused with 413
/// @param maximumHeadBytes a longer request line and headers are refused with 431 or 414
/// @param maximumConnections further connections wait in the system's queue
/// @param maximumConcurrent requests answered at once; further ones are refused with 503
/// @param idleTimeout a connection on which nothing moves for so long is closed
/// @param headTimeout a connection is closed when no complete request head came for so long
/// @param bodyTimeout a body that takes longer is refused with 408
/// @param drainTimeout how long requests under way may take when the listener closes
public record HttpOptions(
        String name,
        InetSocketAddress address,
        @Nullable HttpTls tls,
        int maximumBodyBytes,
        int maximumHeadBytes,
        int maximumConnections,
        int maximumConcurrent,
        Duration idleTimeout,
        Duration headTimeout,
        Duration bodyTimeout,
        Duration drainTimeout) {
    public HttpOptions {
        if (maximumBodyBytes < 0 || maximumHeadBytes < 1 || maximumConnections < 1 || maximumConcurrent < 1) {
            throw new IllegalArgumentException("the limits of listener " + name + " must be positive");
        }
        if (!idleTimeout.isPositive() || !headTimeout.isPositive() || !bodyTimeout.isPositive()) {
            throw new IllegalArgumentException("the timeouts of listener " + name + " must be positive");
        }
    }

    /// Plain HTTP with the usual limits: 1 MiB of body, 32 KiB of head, 1024 connections, 256 requests at once,
    /// 60 s idle, 30 s for a head, 30 s for a body, 10 s to drain.
    public static HttpOptions plain(String name, InetSocketAddress address) {
        return new HttpOptions(
                name,
                address,
                null,
                1 << 20,
                32 << 10,
                1024,
                256,
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(10));
    }

    public HttpOptions withTls(HttpTls https) {
        return new HttpOptions(
                name,
                address,
                https,
                maximumBodyBytes,
                maximumHeadBytes,
                maximumConnections,
                maximumConcurrent,
                idleTimeout,
                headTimeout,
                bodyTimeout,
                drainTimeout);
    }

    public HttpOptions withMaximumBodyBytes(int bytes) {
        return new HttpOptions(
                name,
                address,
                tls,
                bytes,
                maximumHeadBytes,
                maximumConnections,
                maximumConcurrent,
                idleTimeout,
                headTimeout,
                bodyTimeout,
                drainTimeout);
    }

    public HttpOptions withConcurrency(int connections, int requests) {
        return new HttpOptions(
                name,
                address,
                tls,
                maximumBodyBytes,
                maximumHeadBytes,
                connections,
                requests,
                idleTimeout,
                headTimeout,
                bodyTimeout,
                drainTimeout);
    }

    public HttpOptions withTimeouts(Duration idle, Duration head, Duration body, Duration drain) {
        return new HttpOptions(
                name,
                address,
                tls,
                maximumBodyBytes,
                maximumHeadBytes,
                maximumConnections,
                maximumConcurrent,
                idle,
                head,
                body,
                drain);
    }
}

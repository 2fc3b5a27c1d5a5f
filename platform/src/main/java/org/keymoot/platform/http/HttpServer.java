package org.keymoot.platform.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/// A running HTTP/1.1 listener.
///
/// It keeps true: the limits of its [HttpOptions] hold, each request runs on a virtual thread, and closing it
/// lets the requests under way finish within the drain timeout while it refuses new ones.
public final class HttpServer implements AutoCloseable {
    private static final int MAXIMUM_PLATFORM_THREADS = 32;
    private static final int ACCEPTORS = 1;
    private static final int SELECTORS = 1;
    private static final int ACCEPT_QUEUE = 256;

    private final Server server;
    private final ServerConnector connector;
    private final AccessLog log;

    private HttpServer(Server server, ServerConnector connector, AccessLog log) {
        this.server = server;
        this.connector = connector;
        this.log = log;
    }

    /// @throws IOException when the address cannot be listened on
    public static HttpServer start(HttpOptions options, HttpHandler handler) throws IOException {
        QueuedThreadPool threads = new QueuedThreadPool(MAXIMUM_PLATFORM_THREADS);
        threads.setName("http-" + options.name());
        threads.setVirtualThreadsExecutor(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("http-" + options.name() + "-", 0).factory()));
        Server server = new Server(threads);
        HeadTimer timer = new HeadTimer(options.headTimeout().toNanos());
        AccessLog log = new AccessLog(options.name());
        RequestAdapter adapter = new RequestAdapter(options, handler, timer, log);
        ServerConnector connector = new ServerConnector(server, ACCEPTORS, SELECTORS, factories(options));
        connector.setHost(options.address().getAddress().getHostAddress());
        connector.setPort(options.address().getPort());
        connector.setIdleTimeout(options.idleTimeout().toMillis());
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        connector.addBean(timer);
        connector.addEventListener(timer);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(options.maximumConnections(), connector));
        server.setHandler(new GracefulHandler(adapter));
        server.setErrorHandler(adapter.errors());
        server.setStopTimeout(options.drainTimeout().toMillis());
        try {
            server.start();
        } catch (Exception e) {
            stopQuietly(server, e);
            log.close();
            throw new IOException(
                    "listener %s cannot listen on %s: %s; choose another address or stop who uses it"
                            .formatted(options.name(), options.address(), e.getMessage()),
                    e);
        }
        return new HttpServer(server, connector, log);
    }

    /// Where it listens, with the port that the system chose.
    public InetSocketAddress address() {
        return new InetSocketAddress(connector.getHost(), connector.getLocalPort());
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the listener did not stop cleanly", e);
        } finally {
            log.close();
        }
    }

    private static ConnectionFactory[] factories(HttpOptions options) {
        HttpConfiguration config = new HttpConfiguration();
        config.setSendServerVersion(false);
        config.setSendXPoweredBy(false);
        config.setRequestHeaderSize(options.maximumHeadBytes());
        config.setHttpCompliance(HttpCompliance.RFC9110);
        // The target goes to the handler as it came, and no file system is behind it, so no spelling is dangerous.
        config.setUriCompliance(UriCompliance.UNSAFE);
        // The cache would give back another spelling of a header's value than the one that was signed.
        config.setHeaderCacheSize(0);
        config.setHeaderCacheCaseSensitive(true);
        HttpTls tls = options.tls();
        if (tls == null) {
            return new ConnectionFactory[] {new HttpConnectionFactory(config)};
        }
        config.addCustomizer(new SecureRequestCustomizer(false));
        SslContextFactory.Server ssl = new SslContextFactory.Server();
        ssl.setSslContext(tls.context());
        ssl.setIncludeProtocols(tls.protocols().toArray(String[]::new));
        ssl.setNeedClientAuth(tls.clientCertificate());
        ssl.setSniRequired(false);
        return new ConnectionFactory[] {
            new SslConnectionFactory(ssl, "http/1.1"), new HttpConnectionFactory(config),
        };
    }

    private static void stopQuietly(Server server, Exception cause) {
        try {
            server.stop();
        } catch (Exception e) {
            cause.addSuppressed(e);
        }
    }
}

package org.keymoot.platform.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import org.keymoot.platform.http.Exchange;
import org.keymoot.platform.http.HttpAnswer;
import org.keymoot.platform.http.HttpOptions;
import org.keymoot.platform.http.HttpServer;
import org.keymoot.platform.http.Router;
import org.keymoot.platform.json.CanonicalJson;

/// The figures and the health of a daemon, and the listener that shows them.
///
/// `/metrics` is for Prometheus. `/health` says 200 while the process can answer at all, with the trouble of
/// each part in its body. `/ready` says 200 only while no part has trouble, so that traffic goes elsewhere
/// meanwhile.
public final class Telemetry implements AutoCloseable {
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final int MAXIMUM_CONNECTIONS = 32;
    private static final int MAXIMUM_CONCURRENT = 8;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<String, Supplier<String>> parts = new ConcurrentSkipListMap<>();
    private final HttpServer server;

    private Telemetry(InetSocketAddress address) throws IOException {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        this.server = HttpServer.start(
                HttpOptions.plain("telemetry", address)
                        .withMaximumBodyBytes(0)
                        .withConcurrency(MAXIMUM_CONNECTIONS, MAXIMUM_CONCURRENT),
                new Router()
                        .route("GET", "/metrics", this::metrics)
                        .route("GET", "/health", exchange -> health(200))
                        .route("GET", "/ready", exchange -> health(503)));
    }

    /// Listens on `address`, for an operator's network only.
    public static Telemetry start(InetSocketAddress address) throws IOException {
        return new Telemetry(address);
    }

    public MeterRegistry registry() {
        return registry;
    }

    public InetSocketAddress address() {
        return server.address();
    }

    /// Reports the trouble of one part of the daemon, empty while it is well.
    public void watch(String part, Supplier<String> trouble) {
        parts.put(part, trouble);
    }

    /// Shows how long a certificate is still valid, as `keymoot_certificate_seconds_left`.
    public void watchCertificate(String name, Supplier<Instant> notAfter, InstantSource clock) {
        Gauge.builder(
                        "keymoot.certificate.seconds.left",
                        notAfter,
                        end -> end.get().getEpochSecond() - clock.instant().getEpochSecond())
                .tag("certificate", name)
                .strongReference(true)
                .register(registry);
    }

    @Override
    public void close() {
        server.close();
        registry.close();
    }

    private HttpAnswer metrics(Exchange exchange) {
        return HttpAnswer.of(200, PROMETHEUS, registry.scrape().getBytes(StandardCharsets.UTF_8));
    }

    private HttpAnswer health(int statusInTrouble) {
        Map<String, String> report = new LinkedHashMap<>();
        boolean well = true;
        for (Map.Entry<String, Supplier<String>> part : parts.entrySet()) {
            String trouble = part.getValue().get();
            well &= trouble.isEmpty();
            report.put(part.getKey(), trouble.isEmpty() ? "well" : trouble);
        }
        byte[] body = CanonicalJson.encode(Map.of("well", well, "parts", report));
        return HttpAnswer.json(well ? 200 : statusInTrouble, body);
    }
}

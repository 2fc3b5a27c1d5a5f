package org.keymoot.platform.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Counts and times requests by service, action and outcome.
///
/// It keeps true: the labels are what the caller says, so the caller takes them from closed lists; a counter of a
/// combination exists from its first request on.
public final class RequestMeter {
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(10),
        Duration.ofMillis(30),
        Duration.ofMillis(100),
        Duration.ofMillis(300),
        Duration.ofSeconds(1),
        Duration.ofSeconds(3),
        Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;
    private final String name;
    private final Map<Labels, Counter> counters = new ConcurrentHashMap<>();
    private final Map<Labels, Timer> timers = new ConcurrentHashMap<>();

    private record Labels(String service, String action, String outcome) {}

    /// @param name of the figures, such as `keymoot.kms`
    public RequestMeter(MeterRegistry registry, String name) {
        this.registry = registry;
        this.name = name;
    }

    public void record(String service, String action, String outcome, Duration took) {
        counters.computeIfAbsent(new Labels(service, action, outcome), this::counter)
                .increment();
        timers.computeIfAbsent(new Labels(service, action, ""), this::timer).record(took);
    }

    private Counter counter(Labels labels) {
        return Counter.builder(name + ".requests")
                .description("Requests by service, action and outcome")
                .tag("service", labels.service())
                .tag("action", labels.action())
                .tag("outcome", labels.outcome())
                .register(registry);
    }

    private Timer timer(Labels labels) {
        return Timer.builder(name + ".request.duration")
                .description("How long requests took, whatever came of them")
                .tag("service", labels.service())
                .tag("action", labels.action())
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }
}

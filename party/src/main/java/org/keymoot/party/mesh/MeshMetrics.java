package org.keymoot.party.mesh;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// What the mesh counts.
final class MeshMetrics {
    /// Why something that a peer sent was thrown away.
    enum Dropped {
        REPEATED_FRAME,
        FRAME_GAP,
        ENDED_SESSION,
        NOT_IN_SESSION,
        EARLY_OVERFLOW,
        EARLY_EXPIRED,
        SESSION_OVERFLOW,
        UNKNOWN_REPLY,
        MALFORMED,
        SESSION_REFUSED
    }

    private final Map<Dropped, Counter> dropped = new EnumMap<>(Dropped.class);
    private final Counter sent;
    private final Counter received;
    private final Counter bytesSent;
    private final Counter bytesReceived;
    private final Counter links;

    MeshMetrics(MeterRegistry registry) {
        for (Dropped reason : Dropped.values()) {
            dropped.put(
                    reason,
                    Counter.builder("keymoot.mesh.dropped")
                            .description("Frames of peers that were thrown away")
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        sent = registry.counter("keymoot.mesh.frames", "direction", "sent");
        received = registry.counter("keymoot.mesh.frames", "direction", "received");
        bytesSent = registry.counter("keymoot.mesh.bytes", "direction", "sent");
        bytesReceived = registry.counter("keymoot.mesh.bytes", "direction", "received");
        links = registry.counter("keymoot.mesh.links.made");
    }

    void dropped(Dropped reason) {
        java.util.Objects.requireNonNull(dropped.get(reason)).increment();
    }

    void sent(int bytes) {
        sent.increment();
        bytesSent.increment(bytes);
    }

    void received(int bytes) {
        received.increment();
        bytesReceived.increment(bytes);
    }

    void linked() {
        links.increment();
    }
}

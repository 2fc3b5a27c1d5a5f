package org.keymoot.kms;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.OutcomeLabel;
import org.keymoot.access.Service;
import org.keymoot.access.ServiceAction;
import org.keymoot.platform.telemetry.RequestMeter;

/// What the endpoint counts: `keymoot.kms.requests` by service, action and outcome, and how long they took.
///
/// It keeps true: the label values come from closed lists, so no client can make new ones.
final class KmsMetrics {
    private final RequestMeter meter;

    KmsMetrics(MeterRegistry registry) {
        this.meter = new RequestMeter(registry, "keymoot.kms");
    }

    /// @param errorType empty for success
    void request(Service service, @Nullable ServiceAction action, String errorType, Duration took) {
        meter.record(
                service.prefix(),
                action == null ? OutcomeLabel.UNKNOWN_ACTION : action.aws(),
                OutcomeLabel.of(errorType),
                took);
    }
}

package org.keymoot.kms;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ServiceAction;

/// What the endpoint counts: `keymoot.kms.requests` by action and outcome.
///
/// It keeps true: the label values come from closed lists, so no client can make new ones.
final class KmsMetrics {
    private static final String SUCCESS = "Success";
    private static final String OTHER = "Other";

    private final MeterRegistry registry;

    KmsMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /// @param errorType empty for success
    void request(@Nullable ServiceAction action, String errorType, Duration took) {
        Timer.builder("keymoot.kms.requests")
                .description("Requests by action and outcome")
                .tag("action", action == null ? "Unknown" : action.aws())
                .tag("outcome", outcome(errorType))
                .register(registry)
                .record(took);
    }

    private static String outcome(String errorType) {
        if (errorType.isEmpty()) {
            return SUCCESS;
        }
        boolean plain = errorType.length() <= 64 && errorType.chars().allMatch(Character::isLetter);
        return plain ? errorType : OTHER;
    }
}

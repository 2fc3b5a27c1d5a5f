package org.keymoot.platform.audit;

import org.jspecify.annotations.Nullable;

/// A record could not be made durable in time, so what it would have recorded must not happen. The record may
/// still be found in the log later, if the disk was merely slow.
public final class AuditUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AuditUnavailable(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

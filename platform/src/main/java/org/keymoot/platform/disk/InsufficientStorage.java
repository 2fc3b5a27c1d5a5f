package org.keymoot.platform.disk;

import org.jspecify.annotations.Nullable;

/// There is no room, or no permission, to write: nothing was changed, reads go on, and writing works again as
/// soon as the cause is gone, without a restart.
public final class InsufficientStorage extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InsufficientStorage(@Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

package org.keymoot.control.ca;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A node was not let in, or would not go in; the message says why and what to do.
public final class JoinRefused extends IOException {
    private static final long serialVersionUID = 1L;

    JoinRefused(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

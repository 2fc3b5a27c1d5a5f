package org.keymoot.platform.store;

import org.jspecify.annotations.Nullable;

/// The store cannot do what was asked, for a reason that is not the caller's: it was closed, it is overloaded,
/// or its disk failed.
public final class StoreFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreFailed(@Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

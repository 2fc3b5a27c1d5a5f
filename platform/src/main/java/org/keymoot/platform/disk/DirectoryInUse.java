package org.keymoot.platform.disk;

import java.nio.file.Path;

/// Another process, or another part of this one, already works in a data directory.
public final class DirectoryInUse extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DirectoryInUse(Path directory, String holder) {
        super("data directory %s is in use by %s; stop it first, or give this one a directory of its own"
                .formatted(directory, holder));
    }
}

package org.keymoot.control.ca;

import java.io.IOException;
import java.nio.file.Path;

/// A private key does not open with the passphrase that was given.
public final class WrongPassphrase extends IOException {
    private static final long serialVersionUID = 1L;

    WrongPassphrase(Path file, Throwable cause) {
        super("%s does not open with this passphrase".formatted(file), cause);
    }
}

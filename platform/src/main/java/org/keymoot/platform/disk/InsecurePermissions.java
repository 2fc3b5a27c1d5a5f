package org.keymoot.platform.disk;

import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// A file that must be private can be read or changed by others, so it is not used.
public final class InsecurePermissions extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InsecurePermissions(Path path, Set<PosixFilePermission> found, String wanted) {
        super("%s has mode %s, but only its owner may have access to it; run: chmod %s '%s'"
                .formatted(path, PosixFilePermissions.toString(found), wanted, path));
    }
}

package org.keymoot.platform.store;

import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// What an error of SQLite says about the disk, since each kind is answered differently.
enum DiskFault {
    /// The disk is well; the statement itself was refused.
    NONE,
    /// No room or no permission to write: the transaction is lost, the store is not.
    NO_ROOM,
    /// A flush or a read failed or the file is damaged: nothing after it can be trusted.
    BROKEN;

    static DiskFault of(Throwable failure) {
        SQLiteErrorCode code = codeOf(failure);
        if (code == null) {
            return NONE;
        }
        String name = code.name();
        return switch (code) {
            case SQLITE_FULL, SQLITE_CANTOPEN, SQLITE_IOERR_WRITE, SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_SHMOPEN ->
                NO_ROOM;
            case SQLITE_NOTADB -> BROKEN;
            default -> {
                if (name.startsWith("SQLITE_READONLY") || name.startsWith("SQLITE_CANTOPEN_")) {
                    yield NO_ROOM;
                }
                yield name.startsWith("SQLITE_IOERR") || name.startsWith("SQLITE_CORRUPT") ? BROKEN : NONE;
            }
        };
    }

    private static @Nullable SQLiteErrorCode codeOf(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLiteException e) {
                return e.getResultCode();
            }
        }
        return null;
    }
}

package org.keymoot.platform.disk;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What to do when the disk can no longer be trusted.
///
/// A failed flush is not retried: the system may have dropped the unwritten pages and report success the next
/// time. The process stops, and what a restart reads from the disk is the truth.
@FunctionalInterface
public interface FailStop {
    /// Exit status of a process that stopped because its disk failed.
    int EXIT_STATUS = 74;

    /// Called at most once by each owner of a file, from its writing thread, after it has refused all work.
    void stop(String what, Throwable cause);

    /// Stops the process at once, without running shutdown hooks that would write to the same disk.
    static FailStop haltingProcess() {
        Logger logger = LoggerFactory.getLogger(FailStop.class);
        return (what, cause) -> {
            logger.atError().setCause(cause).addKeyValue("what", what).log("disk failed, process stops");
            Runtime.getRuntime().halt(EXIT_STATUS);
        };
    }
}

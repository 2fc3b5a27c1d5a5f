package org.keymoot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// The process that holds a development cluster together, as other commands find it: by a file that names its
/// process id and start, so that a reused id is never mistaken for it.
final class Supervisor {
    private Supervisor() {}

    static void register(Path data) throws IOException {
        name(DevCluster.supervisorFile(data));
    }

    /// Writes into a file which process this is.
    static void name(Path file) throws IOException {
        ProcessHandle self = ProcessHandle.current();
        Files.writeString(file, self.pid() + " " + started(self) + "\n");
    }

    /// The running supervisor of this directory, if there is one.
    static Optional<ProcessHandle> find(Path data) throws IOException {
        return named(DevCluster.supervisorFile(data));
    }

    /// The running process that a file names, if there is one.
    static Optional<ProcessHandle> named(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String[] parts = Files.readString(file).strip().split(" ", 2);
        if (parts.length != 2 || !parts[0].matches("[0-9]{1,18}")) {
            return Optional.empty();
        }
        return ProcessHandle.of(Long.parseLong(parts[0]))
                .filter(ProcessHandle::isAlive)
                .filter(process -> started(process).equals(parts[1]));
    }

    /// Asks a process to end, waits, and ends it by force if it does not.
    ///
    /// @return false when force was needed
    static boolean stop(ProcessHandle process, Duration patience) throws InterruptedException {
        process.destroy();
        Instant deadline = Instant.now().plus(patience);
        while (process.isAlive() && Instant.now().isBefore(deadline)) {
            Thread.sleep(20);
        }
        if (!process.isAlive()) {
            return true;
        }
        process.destroyForcibly();
        return false;
    }

    private static String started(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toString).orElse("unknown");
    }
}

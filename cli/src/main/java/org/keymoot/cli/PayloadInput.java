package org.keymoot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Reads what is to be signed from a file, or from standard input where the file is `-`.
final class PayloadInput {
    /// Most bytes that are read.
    private static final int MAXIMUM = 1 << 20;

    private PayloadInput() {}

    static byte[] read(Path file) throws IOException {
        byte[] bytes;
        if (file.toString().equals("-")) {
            bytes = System.in.readNBytes(MAXIMUM + 1);
        } else {
            try (var in = Files.newInputStream(file)) {
                bytes = in.readNBytes(MAXIMUM + 1);
            }
        }
        if (bytes.length > MAXIMUM) {
            throw new CliFailure(
                    ExitCode.USAGE, "%s has more than %d bytes".formatted(file, MAXIMUM), "sign something shorter");
        }
        return bytes;
    }
}

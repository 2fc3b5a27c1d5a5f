package org.keymoot.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The caches of loaded and linked classes (JEP 483, JEP 514) beside the jars, with which a program starts in a
/// third of the time.
///
/// It keeps true: one process at a time is told to write the cache of a program, which it does when it ends; the JVM
/// checks what it reads against the jars and goes on without a cache that does not fit.
final class ClassCache {
    /// What the JVM would say about caches goes to the log of a program, where nobody could do anything about it.
    private static final String QUIET = "-Xlog:aot=off,cds=off";

    private final @Nullable Path folder;

    /// @param folder where the jars are; without it nothing is cached
    ClassCache(@Nullable Path folder) {
        this.folder = folder;
    }

    /// The caches of this installation.
    static ClassCache ofInstallation() {
        String lib = System.getenv("KEYMOOT_LIB");
        return new ClassCache(lib == null ? null : Path.of(lib));
    }

    /// The JVM's options for the next start of a program: to read its cache, or to write it if there is none.
    List<String> options(Program program) {
        if (folder == null) {
            return List.of();
        }
        Path cache = folder.resolve(program.name().toLowerCase(Locale.ROOT) + ".aot");
        try {
            if (Files.exists(cache) && fits(cache)) {
                return List.of(QUIET, "-XX:AOTCache=" + cache);
            }
            if (claim(folder.resolve(cache.getFileName() + ".writer"))) {
                Files.deleteIfExists(cache);
                return List.of(QUIET, "-XX:AOTCacheOutput=" + cache);
            }
            return List.of();
        } catch (IOException e) {
            // An installation that cannot be written to has no caches of its own.
            return List.of();
        }
    }

    /// Whether no jar is newer than the cache.
    private boolean fits(Path cache) throws IOException {
        FileTime written = Files.getLastModifiedTime(cache);
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(Objects.requireNonNull(folder), "*.jar")) {
            for (Path jar : jars) {
                if (Files.getLastModifiedTime(jar).compareTo(written) > 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Whether this process is the one whose child writes the cache: nobody else is, or whoever was has ended without.
    private static boolean claim(Path writer) throws IOException {
        if (Files.exists(writer) && Supervisor.named(writer).isEmpty()) {
            Files.delete(writer);
        }
        Path named = writer.resolveSibling(
                "%s.%d".formatted(writer.getFileName(), ProcessHandle.current().pid()));
        Supervisor.name(named);
        try {
            Files.createLink(writer, named);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } finally {
            Files.delete(named);
        }
    }
}

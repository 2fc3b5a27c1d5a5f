package org.keymoot.platform.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;

/// Reads and writes files that belong to one user alone.
///
/// It keeps true: a file appears under its name complete and durable or not at all, because it is written
/// beside its place, flushed, moved, and then the directory itself is flushed.
public final class PrivateFiles {
    private static final Set<PosixFilePermission> FILE_MODE =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    private static final Set<PosixFilePermission> DIRECTORY_MODE = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);
    private static final FileAttribute<?> AS_FILE = PosixFilePermissions.asFileAttribute(FILE_MODE);
    private static final FileAttribute<?> AS_DIRECTORY = PosixFilePermissions.asFileAttribute(DIRECTORY_MODE);

    private PrivateFiles() {}

    /// Makes `directory`, with any missing parents, for its owner alone; one that exists must already be so.
    ///
    /// @throws InsecurePermissions when it exists and others have access
    public static Path createDirectory(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath();
        if (Files.isDirectory(absolute)) {
            requirePrivateDirectory(absolute);
            return absolute;
        }
        Path parent = absolute.getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            createDirectory(parent);
        }
        Files.createDirectory(absolute, AS_DIRECTORY);
        Files.setPosixFilePermissions(absolute, DIRECTORY_MODE);
        if (parent != null) {
            syncDirectory(parent);
        }
        return absolute;
    }

    /// Writes a file that must not exist yet.
    ///
    /// @throws FileAlreadyExistsException when it exists; it is left as it was
    public static void create(Path file, ByteBuffer content) throws IOException {
        Path beside = writeBeside(file, content);
        try {
            // A hard link, unlike a move, refuses to replace what is there.
            Files.createLink(file, beside);
        } finally {
            Files.deleteIfExists(beside);
        }
        syncDirectory(parentOf(file));
    }

    /// Writes a file, replacing what was there in one step.
    public static void replace(Path file, ByteBuffer content) throws IOException {
        Path beside = writeBeside(file, content);
        try {
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(beside);
        }
        syncDirectory(parentOf(file));
    }

    /// Reads a private file whole. The array is the only copy in this process: the JDK's own reading passes content
    /// through buffers that stay as they are.
    ///
    /// @throws InsecurePermissions when others have access to it
    public static byte[] read(Path file) throws IOException {
        requirePrivate(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                Arena arena = Arena.ofConfined()) {
            MemorySegment content = arena.allocate(Math.max(1, channel.size()));
            try {
                ByteBuffer buffer = content.asByteBuffer().limit(Math.toIntExact(channel.size()));
                while (buffer.hasRemaining()) {
                    if (channel.read(buffer) < 0) {
                        throw new IOException(file + " was cut short while it was read; try again");
                    }
                }
                byte[] bytes = new byte[buffer.flip().remaining()];
                buffer.get(bytes);
                return bytes;
            } finally {
                content.fill((byte) 0);
            }
        }
    }

    /// Opens a file for reading and appending, making it for its owner alone when it is missing.
    public static FileChannel openOrCreate(Path file) throws IOException {
        if (Files.exists(file)) {
            requirePrivate(file);
        }
        FileChannel channel = FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE), AS_FILE);
        syncDirectory(parentOf(file));
        return channel;
    }

    /// @throws InsecurePermissions when group or others have any access to `file`
    public static void requirePrivate(Path file) throws IOException {
        refuseForeignAccess(file, "600");
    }

    /// @throws InsecurePermissions when group or others have any access to `directory`
    public static void requirePrivateDirectory(Path directory) throws IOException {
        refuseForeignAccess(directory, "700");
    }

    /// Makes the content and the name of `file`, which another library wrote, durable.
    public static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        syncDirectory(parentOf(file));
    }

    /// Makes the names in `directory` durable; a flushed file whose name is lost is lost as well.
    public static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void refuseForeignAccess(Path path, String wanted) throws IOException {
        Set<PosixFilePermission> found = Files.getPosixFilePermissions(path, new LinkOption[0]);
        if (!DIRECTORY_MODE.containsAll(found)) {
            throw new InsecurePermissions(path, found, wanted);
        }
    }

    private static Path writeBeside(Path file, ByteBuffer content) throws IOException {
        Path beside = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".new");
        try (FileChannel channel =
                FileChannel.open(beside, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), AS_FILE)) {
            Files.setPosixFilePermissions(beside, FILE_MODE);
            ByteBuffer left = content.duplicate();
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(beside);
            throw e;
        }
        return beside;
    }

    private static Path parentOf(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }
}

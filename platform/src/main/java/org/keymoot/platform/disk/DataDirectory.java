package org.keymoot.platform.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A directory that one process at a time may work in, held by a lock that the system frees when the process
/// ends.
///
/// It keeps true: while it is open no second process, and no second caller in this one, opens the same
/// directory.
public final class DataDirectory implements AutoCloseable {
    private static final String LOCK_FILE = "lock";

    /// POSIX locks belong to the whole process and fall when any descriptor of the file closes, so a second
    /// attempt in this process must be refused before it opens the file. That makes this set process-wide by
    /// nature.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;
    private final FileLock lock;

    private DataDirectory(Path path, FileChannel channel, FileLock lock) {
        this.path = path;
        this.channel = channel;
        this.lock = lock;
    }

    /// Takes the directory, making it with mode 0700 when it is missing.
    ///
    /// @throws DirectoryInUse when someone else holds it
    /// @throws InsecurePermissions when others have access to it
    public static DataDirectory open(Path directory) throws IOException {
        Path path = PrivateFiles.createDirectory(directory).toRealPath();
        if (!HELD.add(path)) {
            throw new DirectoryInUse(path, "this process");
        }
        try {
            return lock(path);
        } catch (IOException | RuntimeException e) {
            HELD.remove(path);
            throw e;
        }
    }

    private static DataDirectory lock(Path path) throws IOException {
        Path file = path.resolve(LOCK_FILE);
        FileChannel channel = PrivateFiles.openOrCreate(file);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            String holder = Files.readString(file).strip();
            throw new DirectoryInUse(path, holder.isEmpty() ? "another process" : "process " + holder);
        }
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
        return new DataDirectory(path, channel, lock);
    }

    /// The directory's real, absolute path.
    public Path path() {
        return path;
    }

    public Path resolve(String name) {
        return path.resolve(name);
    }

    @Override
    public void close() throws IOException {
        try {
            lock.release();
            channel.close();
        } finally {
            HELD.remove(path);
        }
    }
}

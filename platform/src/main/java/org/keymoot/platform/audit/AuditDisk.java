package org.keymoot.platform.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.keymoot.platform.disk.PrivateFiles;

/// The file operations that the log needs, so that a test can make each of them fail.
interface AuditDisk {
    /// Opens a segment for appending, making it and its name durable when it is missing.
    Segment open(Path file) throws IOException;

    /// One open segment.
    interface Segment extends AutoCloseable {
        long size() throws IOException;

        /// Writes all of `content` at `position`.
        void write(ByteBuffer content, long position) throws IOException;

        void truncate(long size) throws IOException;

        void force() throws IOException;

        @Override
        void close() throws IOException;
    }

    /// The real disk.
    static AuditDisk real() {
        return file -> new ChannelSegment(PrivateFiles.openOrCreate(file));
    }

    /// A segment in a file.
    record ChannelSegment(FileChannel channel) implements Segment {
        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void write(ByteBuffer content, long position) throws IOException {
            long at = position;
            while (content.hasRemaining()) {
                at += channel.write(content, at);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}

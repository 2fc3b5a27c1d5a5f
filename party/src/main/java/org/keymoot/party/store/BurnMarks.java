package org.keymoot.party.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.keymoot.party.mesh.Membership;
import org.keymoot.platform.disk.PrivateFiles;

/// Pairs that are burned although the database could not take that, one byte for each peer in a file of fixed size.
///
/// It keeps true: a mark that was set is on disk; setting one needs no room on the disk, since the file's bytes are
/// there from the start.
final class BurnMarks {
    private static final int SIZE = Membership.MAX_PARTIES + 1;

    private final Path file;
    private final byte[] marks = new byte[SIZE];

    private BurnMarks(Path file) {
        this.file = file;
    }

    static BurnMarks open(Path file) throws IOException {
        BurnMarks opened = new BurnMarks(file);
        try (FileChannel channel = PrivateFiles.openOrCreate(file)) {
            ByteBuffer known = ByteBuffer.wrap(opened.marks);
            while (known.hasRemaining() && channel.read(known) >= 0) {
                // The rest of a file that a crash left short is zero.
            }
            if (channel.size() < SIZE) {
                ByteBuffer rest = ByteBuffer.wrap(opened.marks);
                while (rest.hasRemaining()) {
                    channel.write(rest, rest.position());
                }
                channel.force(true);
            }
        }
        return opened;
    }

    synchronized boolean has(int peer) {
        return marks[peer] != 0;
    }

    synchronized void set(int peer) {
        write(peer, (byte) 1);
        marks[peer] = 1;
    }

    synchronized void clear(int peer) {
        if (marks[peer] != 0) {
            write(peer, (byte) 0);
            marks[peer] = 0;
        }
    }

    private void write(int peer, byte mark) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            while (channel.write(ByteBuffer.wrap(new byte[] {mark}), peer) == 0) {
                // A byte is written whole or not at all.
            }
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be written".formatted(file), e);
        }
    }
}

package org.keymoot.cli.fund;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.ethereum.Hex;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;
import org.keymoot.cli.Output;
import org.keymoot.platform.disk.PrivateFiles;
import tools.jackson.databind.JsonNode;

/// What a run has paid and is about to pay.
///
/// It keeps true: when [#put] returns, the change is on the disk; and one process at a time has the file.
public final class Journal implements AutoCloseable {
    private static final int FORMAT = 1;

    private final Path file;
    private final FileChannel lockFile;
    private final String id;
    private final BigInteger chainId;
    private final Address from;
    private final String reason;
    private final List<Payment> payments;

    private Journal(
            Path file,
            FileChannel lockFile,
            String id,
            BigInteger chainId,
            Address from,
            String reason,
            List<Payment> payments) {
        this.file = file;
        this.lockFile = lockFile;
        this.id = id;
        this.chainId = chainId;
        this.from = from;
        this.reason = reason;
        this.payments = new ArrayList<>(payments);
    }

    /// Takes the file for this process alone until the channel is closed.
    public static FileChannel lock(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        FileChannel channel = FileChannel.open(
                file.resolveSibling(file.getFileName() + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw inUse(file);
        }
        channel.close();
        throw inUse(file);
    }

    private static CliFailure inUse(Path file) {
        return new CliFailure(
                ExitCode.CONFLICT,
                "another run is using the journal " + file,
                "wait until it ends; two runs must not pay from one list");
    }

    /// The journal of a run that is not finished; null when there is none.
    public static @Nullable Journal open(Path file, FileChannel lock) throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        try {
            JsonNode node = JsonReader.read(Files.readAllBytes(file));
            if (node.path("format").asInt(0) != FORMAT) {
                throw new InvalidEthereumData("it is of another format");
            }
            List<Payment> payments = new ArrayList<>();
            for (JsonNode payment : node.path("payments")) {
                payments.add(Payment.read(payment));
            }
            Journal journal = new Journal(
                    file,
                    lock,
                    node.path("id").asString(""),
                    Hex.quantity(node.path("chainId").asString("")),
                    Address.parse(node.path("from").asString("")),
                    node.path("reason").asString(""),
                    payments);
            return journal.finished() ? null : journal;
        } catch (InvalidJsonException | InvalidEthereumData | IllegalArgumentException e) {
            throw new CliFailure(
                    ExitCode.INTEGRITY,
                    "the journal %s cannot be read: %s".formatted(file, e.getMessage()),
                    "see which payments were made at a block explorer before you remove it",
                    e);
        }
    }

    /// Begins a run. A finished journal of this name is kept beside it.
    public static Journal create(
            Path file, FileChannel lock, BigInteger chainId, Address from, String reason, List<Payment> payments)
            throws IOException {
        String id = UUID.randomUUID().toString();
        if (Files.exists(file)) {
            Files.move(file, file.resolveSibling(file.getFileName() + "." + id + ".done"));
        }
        Journal journal = new Journal(file, lock, id, chainId, from, reason, payments);
        journal.write();
        return journal;
    }

    public String id() {
        return id;
    }

    public BigInteger chainId() {
        return chainId;
    }

    public Address from() {
        return from;
    }

    public List<Payment> payments() {
        return List.copyOf(payments);
    }

    boolean finished() {
        return payments.stream().allMatch(payment -> switch (payment.state()) {
            case PAID, FAILED -> true;
            case PLANNED, SIGNED, DISPLACED -> false;
        });
    }

    /// Replaces the payment to the same address.
    void put(int index, Payment payment) throws IOException {
        payments.set(index, payment);
        write();
    }

    private void write() throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put("id", id);
        json.put("chainId", chainId.toString());
        json.put("from", from.checksummed());
        json.put("reason", reason);
        json.put("payments", payments.stream().map(Payment::json).toList());
        PrivateFiles.replace(file, ByteBuffer.wrap((Output.toJson(json) + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}

package org.keymoot.platform.audit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One line of the log: the canonical JSON of what happened, and its SHA-256, which the next record names.
public final class AuditRecord {
    static final String SEQUENCE = "sequence";
    static final String PREVIOUS = "previous";
    static final String ACKNOWLEDGED = "acknowledged";
    private static final int HASH_DIGITS = 64;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final byte[] json;
    private final byte[] hash;
    private final JsonNode tree;

    private AuditRecord(byte[] json, byte[] hash, JsonNode tree) {
        this.json = json;
        this.hash = hash;
        this.tree = tree;
    }

    /// Takes the JSON of a record that another party sent; its hash is computed here, never believed.
    ///
    /// @throws IllegalArgumentException when it is no record
    public static AuditRecord of(byte[] json) {
        AuditRecord record = read(json.clone());
        if (record == null) {
            throw new IllegalArgumentException("no audit record: " + json.length + " bytes without its fixed members");
        }
        return record;
    }

    /// Reads a line, without its line break; null when it is no record or its hash is not that of its content.
    static @Nullable AuditRecord parse(byte[] line) {
        if (line.length < HASH_DIGITS + 2 || line[HASH_DIGITS] != ' ') {
            return null;
        }
        byte[] json = Arrays.copyOfRange(line, HASH_DIGITS + 1, line.length);
        String stated = new String(line, 0, HASH_DIGITS, StandardCharsets.ISO_8859_1);
        if (!stated.equals(HexFormat.of().formatHex(AuditChain.sha256(json)))) {
            return null;
        }
        return read(json);
    }

    private static @Nullable AuditRecord read(byte[] json) {
        try {
            JsonNode tree = JSON.readTree(json);
            boolean complete = tree.path(SEQUENCE).isIntegralNumber()
                    && tree.path(PREVIOUS).isString()
                    && tree.path(ACKNOWLEDGED).isIntegralNumber();
            return complete ? new AuditRecord(json, AuditChain.sha256(json), tree) : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    ByteBuffer line() {
        String hex = HexFormat.of().formatHex(hash);
        return ByteBuffer.allocate(HASH_DIGITS + json.length + 2)
                .put(hex.getBytes(StandardCharsets.US_ASCII))
                .put((byte) ' ')
                .put(json)
                .put((byte) '\n')
                .flip();
    }

    /// Counts from 1 without gaps.
    public long sequence() {
        return tree.path(SEQUENCE).longValue();
    }

    /// The hash of the record before this one, in hexadecimal.
    public String previous() {
        return tree.path(PREVIOUS).stringValue();
    }

    /// The last record that was known to be on disk when this one was written.
    long acknowledged() {
        return tree.path(ACKNOWLEDGED).longValue();
    }

    /// The canonical JSON, in ASCII, exactly as it is hashed.
    public byte[] json() {
        return json.clone();
    }

    /// The SHA-256 of [#json()].
    public byte[] hash() {
        return hash.clone();
    }

    /// The content, for a reader who looks for a field.
    public JsonNode content() {
        return tree;
    }

    @Override
    public String toString() {
        return new String(json, StandardCharsets.US_ASCII);
    }
}

package org.keymoot.platform.seal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.keymoot.platform.disk.PrivateFiles;

/// The key-encryption keys of one node, each with a version; the highest seals, all open.
///
/// It keeps true: the file is private, complete and undamaged, or the ring does not load. The JDK's cipher
/// keeps its keys on the heap; that is the one residual copy, and it lives as long as the process needs it.
public final class KeyRing {
    static final int KEY_BYTES = 32;
    private static final byte[] MAGIC = "keymoot-kek-1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int CHECKSUM_BYTES = 32;
    private static final int ENTRY_BYTES = Integer.BYTES + KEY_BYTES;
    private static final int MAXIMUM_KEYS = 1024;

    private final TreeMap<Integer, SecretKey> keys;

    private KeyRing(TreeMap<Integer, SecretKey> keys) {
        this.keys = keys;
    }

    /// Makes a ring with one fresh key in a file that must not exist yet.
    public static KeyRing create(Path file, SecureRandom random) throws IOException {
        KeyRing ring = new KeyRing(new TreeMap<>(Map.of(1, freshKey(random))));
        ring.write(file, false);
        return ring;
    }

    /// @throws org.keymoot.platform.disk.InsecurePermissions when others can read the file
    /// @throws SealBroken when the file is damaged
    public static KeyRing load(Path file) throws IOException {
        byte[] content = PrivateFiles.read(file);
        try {
            return parse(file, content);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    /// Adds a fresh key, which seals from now on, and replaces the file; older keys keep opening what they
    /// sealed.
    public KeyRing rotate(Path file, SecureRandom random) throws IOException {
        TreeMap<Integer, SecretKey> more = new TreeMap<>(keys);
        more.put(keys.lastKey() + 1, freshKey(random));
        KeyRing ring = new KeyRing(more);
        ring.write(file, true);
        return ring;
    }

    /// The version that seals.
    public int currentVersion() {
        return keys.lastKey();
    }

    /// @throws SealBroken when the ring has no such key
    SecretKey key(int version) {
        SecretKey key = keys.get(version);
        if (key == null) {
            throw new SealBroken(
                    "sealed under key version %d, but the key file holds versions %d to %d; restore the key file that sealed it"
                            .formatted(version, keys.firstKey(), keys.lastKey()));
        }
        return key;
    }

    private static KeyRing parse(Path file, byte[] content) {
        int body = content.length - CHECKSUM_BYTES;
        boolean wellFormed = body >= MAGIC.length + ENTRY_BYTES
                && (body - MAGIC.length) % ENTRY_BYTES == 0
                && (body - MAGIC.length) / ENTRY_BYTES <= MAXIMUM_KEYS
                && Arrays.equals(content, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
                && MessageDigest.isEqual(checksum(content, body), Arrays.copyOfRange(content, body, content.length));
        if (!wellFormed) {
            throw new SealBroken(
                    "key file %s is damaged or is no key file; restore it from its backup, without it nothing sealed opens"
                            .formatted(file));
        }
        TreeMap<Integer, SecretKey> keys = new TreeMap<>();
        ByteBuffer in = ByteBuffer.wrap(content, MAGIC.length, body - MAGIC.length);
        while (in.hasRemaining()) {
            int version = in.getInt();
            keys.put(version, new SecretKeySpec(content, in.position(), KEY_BYTES, "AES"));
            in.position(in.position() + KEY_BYTES);
        }
        return new KeyRing(keys);
    }

    private void write(Path file, boolean replace) throws IOException {
        int body = MAGIC.length + keys.size() * ENTRY_BYTES;
        ByteBuffer out = ByteBuffer.allocate(body + CHECKSUM_BYTES).put(MAGIC);
        keys.forEach((version, key) -> {
            byte[] raw = key.getEncoded();
            out.putInt(version).put(raw);
            Arrays.fill(raw, (byte) 0);
        });
        out.put(checksum(out.array(), body)).flip();
        try {
            if (replace) {
                PrivateFiles.replace(file, out);
            } else {
                PrivateFiles.create(file, out);
            }
        } finally {
            Arrays.fill(out.array(), (byte) 0);
        }
    }

    private static SecretKey freshKey(SecureRandom random) {
        byte[] raw = new byte[KEY_BYTES];
        random.nextBytes(raw);
        SecretKey key = new SecretKeySpec(raw, "AES");
        Arrays.fill(raw, (byte) 0);
        return key;
    }

    private static byte[] checksum(byte[] content, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(content, 0, length);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}

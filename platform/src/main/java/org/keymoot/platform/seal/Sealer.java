package org.keymoot.platform.seal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;

/// Seals records with AES-256-GCM, each under a key of its own.
///
/// A node seals every presignature that it makes, which passes within a year the 2^32 records that one key
/// allows with random 96-bit nonces. So each record draws a 256-bit salt, HKDF-SHA-256 derives the record's key
/// from it and the key-encryption key, and that key is used once, with a fixed nonce. Against a wrapped random
/// key this saves 28 bytes a record and leaves one secret fewer in memory; the price is that [#rewrap] opens
/// and seals the content again.
///
/// The layout is: format (1 byte), key version (4, big-endian), salt (32), ciphertext, tag (16). Format and key
/// version are authenticated with the caller's associated data. Safe for use by many threads.
public final class Sealer {
    private static final byte FORMAT = 1;
    private static final int SALT_BYTES = 32;
    private static final int HEADER_BYTES = 1 + Integer.BYTES + SALT_BYTES;
    private static final int TAG_BYTES = 16;
    private static final byte[] NONCE = new byte[12];
    private static final byte[] INFO = "keymoot seal record 1".getBytes(StandardCharsets.US_ASCII);

    /// What sealing adds to the length of the content.
    public static final int OVERHEAD_BYTES = HEADER_BYTES + TAG_BYTES;

    private final KeyRing keys;
    private final SecureRandom random;

    public Sealer(KeyRing keys, SecureRandom random) {
        this.keys = keys;
        this.random = random;
    }

    /// Seals the bytes of `plain`, bound to `associatedData`, which must be given again to open them.
    public byte[] seal(MemorySegment plain, byte[] associatedData) {
        byte[] sealed = new byte[Math.addExact(Math.toIntExact(plain.byteSize()), OVERHEAD_BYTES)];
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        int version = keys.currentVersion();
        ByteBuffer.wrap(sealed).put(FORMAT).putInt(version).put(salt);
        byte[] staged = plain.toArray(ValueLayout.JAVA_BYTE);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, version, salt, associatedData);
            cipher.doFinal(staged, 0, staged.length, sealed, HEADER_BYTES);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM refused to seal " + plain.byteSize() + " bytes", e);
        } finally {
            Arrays.fill(staged, (byte) 0);
        }
    }

    /// As the other, for content that is no secret in memory.
    public byte[] seal(byte[] plain, byte[] associatedData) {
        return seal(MemorySegment.ofArray(plain), associatedData);
    }

    /// Opens into the first bytes of `target` and returns how many they are; [#openedLength] says so
    /// beforehand.
    ///
    /// @throws SealBroken when the bytes were changed, sealed with other associated data, or under an unknown
    ///     key; `target` then holds zeros
    public int open(byte[] sealed, byte[] associatedData, MemorySegment target) {
        int length = openedLength(sealed);
        if (target.byteSize() < length) {
            throw new IllegalArgumentException(
                    "the content has %d bytes but the target only %d".formatted(length, target.byteSize()));
        }
        ByteBuffer in = ByteBuffer.wrap(sealed);
        in.get();
        int version = in.getInt();
        byte[] salt = new byte[SALT_BYTES];
        in.get(salt);
        MemorySegment content = target.asSlice(0, length);
        byte[] staged = new byte[length];
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, version, salt, associatedData);
            cipher.doFinal(sealed, HEADER_BYTES, sealed.length - HEADER_BYTES, staged, 0);
            MemorySegment.copy(staged, 0, content, ValueLayout.JAVA_BYTE, 0, length);
            return length;
        } catch (AEADBadTagException e) {
            content.fill((byte) 0);
            throw new SealBroken(
                    "the sealed record does not open under key version %d: it was changed, or it belongs to another place; restore it from a peer or a backup"
                            .formatted(version));
        } catch (GeneralSecurityException e) {
            content.fill((byte) 0);
            throw new IllegalStateException("AES-GCM refused to open " + sealed.length + " bytes", e);
        } finally {
            Arrays.fill(staged, (byte) 0);
        }
    }

    /// As the other, for content that is no secret in memory.
    public byte[] open(byte[] sealed, byte[] associatedData) {
        byte[] plain = new byte[openedLength(sealed)];
        open(sealed, associatedData, MemorySegment.ofArray(plain));
        return plain;
    }

    /// How long the content of `sealed` is.
    ///
    /// @throws SealBroken when it is too short to be sealed, or of an unknown format
    public int openedLength(byte[] sealed) {
        if (sealed.length < OVERHEAD_BYTES) {
            throw new SealBroken(
                    "a sealed record has at least %d bytes, this one has %d".formatted(OVERHEAD_BYTES, sealed.length));
        }
        if (sealed[0] != FORMAT) {
            throw new SealBroken(
                    "a sealed record begins with format %d, this one with %d; a newer release may have written it"
                            .formatted(FORMAT, sealed[0]));
        }
        return sealed.length - OVERHEAD_BYTES;
    }

    /// The key version that `sealed` needs.
    public int keyVersion(byte[] sealed) {
        openedLength(sealed);
        return ByteBuffer.wrap(sealed, 1, Integer.BYTES).getInt();
    }

    /// Seals the content again under the newest key; returns `sealed` itself when it already is. The content
    /// passes through memory outside the heap that is erased before the call returns.
    public byte[] rewrap(byte[] sealed, byte[] associatedData) {
        if (keyVersion(sealed) == keys.currentVersion()) {
            return sealed;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment plain = arena.allocate(openedLength(sealed));
            try {
                open(sealed, associatedData, plain);
                return seal(plain, associatedData);
            } finally {
                plain.fill((byte) 0);
            }
        }
    }

    private Cipher cipher(int mode, int version, byte[] salt, byte[] associatedData) throws GeneralSecurityException {
        SecretKey recordKey = KDF.getInstance("HKDF-SHA256")
                .deriveKey(
                        "AES",
                        HKDFParameterSpec.ofExtract()
                                .addIKM(keys.key(version))
                                .addSalt(salt)
                                .thenExpand(INFO, KeyRing.KEY_BYTES));
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, recordKey, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, NONCE));
        cipher.updateAAD(ByteBuffer.allocate(1 + Integer.BYTES)
                .put(FORMAT)
                .putInt(version)
                .flip());
        cipher.updateAAD(associatedData);
        return cipher;
    }
}

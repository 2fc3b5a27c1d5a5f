package org.keymoot.access.encryption;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// What Encrypt gives and Decrypt takes: which key and material it is under, and the sealed content.
///
/// It keeps true: the nonce follows from the request that asked for the encryption, so nobody can have the
/// parties evaluate for an old ciphertext except by asking to decrypt it; the content opens only under the
/// very header, context and key it was sealed with. The numbers in comments are steps of
/// docs/protocols/encryption.md.
public final class Ciphertext {
    /// The longest content, in bytes.
    public static final int MAXIMUM_PLAINTEXT_BYTES = 4096;

    private static final byte[] MAGIC = {'K', 'M', 'T', 1};
    private static final int ID_BYTES = 32;
    private static final int NONCE_BYTES = 32;
    private static final int SALT_BYTES = 32;
    private static final int COMMITMENT_BYTES = 32;
    private static final int CHECK_BYTES = 8;
    private static final int KEY_BYTES = 32;
    private static final int IV_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,64}");
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    private static final Pattern KEY_ID = Pattern.compile("[a-z0-9-]{1,64}");

    private final Address address;
    private final byte[] nonce;
    private final byte[] salt;
    private final byte[] commitment;
    private final byte[] sealed;

    private Ciphertext(Address address, byte[] nonce, byte[] salt, byte[] commitment, byte[] sealed) {
        this.address = address;
        this.nonce = nonce;
        this.salt = salt;
        this.commitment = commitment;
        this.sealed = sealed;
    }

    /// Which key, and which of its materials, a ciphertext is under.
    ///
    /// @param region where it was made; a multi-Region key opens it elsewhere too
    /// @param materialId 64 hexadecimal digits
    public record Address(String region, String account, String keyId, String materialId) {
        public Address {
            if (!REGION.matcher(region).matches()
                    || !ACCOUNT.matcher(account).matches()
                    || !KEY_ID.matcher(keyId).matches()
                    || materialId.length() != 2 * ID_BYTES) {
                throw new IllegalArgumentException(
                        "this names no key: %s %s %s %s".formatted(region, account, keyId, materialId));
            }
        }
    }

    /// The nonce of what a request asks to encrypt. (1.1)
    public static byte[] nonce(String requestDigest) {
        return Transcript.start(Tag.ENCRYPTION_NONCE).text(requestDigest).hash();
    }

    /// Where the function is evaluated for a ciphertext. (1.2) The Region is no part of it, because the
    /// replicas of a key open one another's ciphertexts.
    public static byte[] input(Address address, byte[] nonce, EncryptionContext context) {
        return Transcript.start(Tag.ENCRYPTION_INPUT)
                .text(address.account())
                .text(address.keyId())
                .text(address.materialId())
                .bytes(nonce)
                .bytes(context.hash())
                .hash();
    }

    /// Seals content. (2)
    ///
    /// @param output of the function at [#input]
    /// @param salt as [#salt] draws it
    public static byte[] seal(
            Address address, byte[] nonce, EncryptionContext context, byte[] output, byte[] salt, byte[] plaintext) {
        byte[] keys = keys(address, nonce, salt, context, output);
        try {
            byte[] commitment = Arrays.copyOfRange(keys, KEY_BYTES + IV_BYTES, keys.length);
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, keys, header(address, nonce, salt, context))
                    .doFinal(plaintext);
            return new Ciphertext(address, nonce, salt, commitment, sealed).encode();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the platform has AES-256 in Galois counter mode", e);
        } finally {
            Arrays.fill(keys, (byte) 0);
        }
    }

    /// Fresh randomness for one result. (2.1) Two equal requests have the same output, so it is this that
    /// keeps their keys apart.
    public static byte[] salt(RandomSource random) {
        return random.bytes(SALT_BYTES);
    }

    /// A data key of this many bytes. (3)
    public static byte[] dataKey(
            Address address, byte[] nonce, EncryptionContext context, byte[] output, byte[] salt, int length) {
        return Expansion.derive(output, salt, Tag.ENCRYPTION_DATA_KEY, header(address, nonce, salt, context), length);
    }

    /// What the private key of a data key pair is made from. (3)
    public static byte[] pairSeed(
            Address address, byte[] nonce, EncryptionContext context, byte[] output, byte[] salt) {
        return Expansion.derive(
                output, salt, Tag.ENCRYPTION_DATA_KEY_PAIR, header(address, nonce, salt, context), SALT_BYTES);
    }

    /// Reads a ciphertext; null when it is none. (4.1)
    public static @Nullable Ciphertext parse(byte[] blob) {
        int length = blob.length - CHECK_BYTES;
        if (length < 0
                || !Arrays.equals(check(Arrays.copyOf(blob, length)), Arrays.copyOfRange(blob, length, blob.length))) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(blob, 0, length);
        try {
            if (!Arrays.equals(take(in, MAGIC.length), MAGIC)) {
                return null;
            }
            String region = text(in);
            String account = text(in);
            String keyId = text(in);
            Address address = new Address(region, account, keyId, HexFormat.of().formatHex(take(in, ID_BYTES)));
            byte[] nonce = take(in, NONCE_BYTES);
            byte[] salt = take(in, SALT_BYTES);
            byte[] commitment = take(in, COMMITMENT_BYTES);
            byte[] sealed = take(in, in.remaining());
            return sealed.length < TAG_BYTES ? null : new Ciphertext(address, nonce, salt, commitment, sealed);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return null;
        }
    }

    public Address address() {
        return address;
    }

    /// Where the function is evaluated to open this. (4.2)
    public byte[] input(EncryptionContext context) {
        return input(address, nonce, context);
    }

    /// Opens the content; null when key, context or content are not the ones it was sealed with. (4.3, 4.4)
    ///
    /// @param output of the function at [#input]
    public byte @Nullable [] open(EncryptionContext context, byte[] output) {
        byte[] keys = keys(address, nonce, salt, context, output);
        try {
            byte[] committed = Arrays.copyOfRange(keys, KEY_BYTES + IV_BYTES, keys.length);
            if (!MessageDigest.isEqual(committed, commitment)) {
                return null;
            }
            return cipher(Cipher.DECRYPT_MODE, keys, header(address, nonce, salt, context))
                    .doFinal(sealed);
        } catch (AEADBadTagException e) {
            return null;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the platform has AES-256 in Galois counter mode", e);
        } finally {
            Arrays.fill(keys, (byte) 0);
        }
    }

    private static byte[] header(Address address, byte[] nonce, byte[] salt, EncryptionContext context) {
        return Transcript.start(Tag.ENCRYPTION_HEADER)
                .text(address.region())
                .text(address.account())
                .text(address.keyId())
                .text(address.materialId())
                .bytes(nonce)
                .bytes(salt)
                .bytes(context.hash())
                .hash();
    }

    /// Key, initialisation vector and commitment, one after the other.
    private static byte[] keys(Address address, byte[] nonce, byte[] salt, EncryptionContext context, byte[] output) {
        return Expansion.derive(
                output,
                salt,
                Tag.ENCRYPTION_KEYS,
                header(address, nonce, salt, context),
                KEY_BYTES + IV_BYTES + COMMITMENT_BYTES);
    }

    private static Cipher cipher(int mode, byte[] keys, byte[] header) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                mode,
                new SecretKeySpec(keys, 0, KEY_BYTES, "AES"),
                new GCMParameterSpec(Byte.SIZE * TAG_BYTES, keys, KEY_BYTES, IV_BYTES));
        cipher.updateAAD(header);
        return cipher;
    }

    private byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(1024 + sealed.length);
        out.put(MAGIC);
        put(out, address.region());
        put(out, address.account());
        put(out, address.keyId());
        out.put(HexFormat.of().parseHex(address.materialId()));
        out.put(nonce).put(salt).put(commitment).put(sealed);
        byte[] body = Arrays.copyOf(out.array(), out.position());
        out.put(check(body));
        return Arrays.copyOf(out.array(), out.position());
    }

    /// Tells accidents apart from ciphertexts before any party is asked; it protects against nothing else.
    private static byte[] check(byte[] body) {
        return Arrays.copyOf(Transcript.start(Tag.ENCRYPTION_CHECK).bytes(body).hash(), CHECK_BYTES);
    }

    private static void put(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        out.put((byte) bytes.length).put(bytes);
    }

    private static String text(ByteBuffer in) {
        return new String(take(in, Byte.toUnsignedInt(in.get())), StandardCharsets.US_ASCII);
    }

    private static byte[] take(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}

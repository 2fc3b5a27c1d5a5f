package org.keymoot.access.imported;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.keymoot.access.KeySpec;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.group.WeierstrassPoint;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;

/// Which scalar key material stands for: the private key itself for elliptic curves, and for symmetric keys a scalar
/// that the bytes are hashed to.
///
/// It keeps true: equal material of one spec is the same scalar anywhere and at any time; the scalar is not zero; and a
/// private key that carries its public key fits it.
public final class ImportedKey {
    private static final String EC = "2a8648ce3d0201";
    private static final String SECP256K1 = "2b8104000a";
    private static final String P256 = "2a8648ce3d030107";
    private static final String ED25519 = "2b6570";
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTETS = 0x04;
    private static final int OBJECT_ID = 0x06;
    private static final int SEQUENCE = 0x30;
    private static final int FIRST_OF_CONTEXT = 0xa0;
    private static final int SECOND_OF_CONTEXT = 0xa1;
    private static final int SCALAR_BYTES = 32;

    private ImportedKey() {}

    /// What is wrong with key material, in words that tell nothing of it.
    public static final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;

        public Unfit(String what) {
            super(what);
        }
    }

    /// How many bytes symmetric material has.
    ///
    /// @throws IllegalArgumentException for a spec of key pairs
    public static int lengthOf(KeySpec spec) {
        return switch (spec) {
            case HMAC_224 -> 28;
            case SYMMETRIC_DEFAULT, HMAC_256 -> 32;
            case HMAC_384 -> 48;
            case HMAC_512 -> 64;
            case ECC_SECG_P256K1, ECC_NIST_P256, ECC_NIST_EDWARDS25519, RSA_2048, RSA_3072, RSA_4096 ->
                throw new IllegalArgumentException(spec + " has no length of its own");
        };
    }

    /// Whether the parties can hold a key of this spec that was made elsewhere: all but RSA keys, whose primes have to
    /// be made for it.
    public static boolean isPossible(KeySpec spec) {
        return !spec.isRsa();
    }

    /// @param material as AWS wants it: the bytes of a symmetric key, the PKCS #8 in DER of a private one; it stays the
    ///     caller's to erase
    /// @throws Unfit when it is no material of this spec
    public static SecretScalar scalar(KeySpec spec, byte[] material, SecretScope scope) throws Unfit {
        return nonZero(spec, spec.isSymmetric() ? hashed(spec, material, scope) : ofPair(spec, material, scope));
    }

    /// @param der an elliptic curve's private key without the frame of PKCS #8 (RFC 5915), as some tools write it
    /// @throws Unfit when it is no private key of this spec
    public static SecretScalar scalarOfBareKey(KeySpec spec, byte[] der, SecretScope scope) throws Unfit {
        if (spec.isSymmetric() || spec.isRsa() || spec.group() == GroupId.ED25519) {
            throw new Unfit("A key of " + spec + " has no such form.");
        }
        try {
            return nonZero(spec, onCurve(spec, new Der(der).only(SEQUENCE), scope));
        } catch (Der.Damaged e) {
            throw new Unfit("The key material is not a private key, DER-encoded.");
        }
    }

    /// @param bytes the 32 bytes of a private key: of an elliptic curve the number, big-endian, of Ed25519 the seed
    /// @throws Unfit when they are none of this spec
    public static SecretScalar scalarOfBytes(KeySpec spec, byte[] bytes, SecretScope scope) throws Unfit {
        if (spec.isSymmetric() || spec.isRsa() || bytes.length != SCALAR_BYTES) {
            throw new Unfit("A private key of " + spec + " is not " + bytes.length + " bytes.");
        }
        try {
            return nonZero(
                    spec,
                    spec.group() == GroupId.ED25519
                            ? edwards(new Der(bytes), scope)
                            : number(spec, new Der(bytes), scope));
        } catch (Der.Damaged e) {
            throw new Unfit("The private key is too long.");
        }
    }

    private static SecretScalar nonZero(KeySpec spec, SecretScalar scalar) throws Unfit {
        if (scalar.isZero()) {
            throw new Unfit("The key material is not valid for " + spec + ".");
        }
        return scalar;
    }

    private static SecretScalar hashed(KeySpec spec, byte[] material, SecretScope scope) throws Unfit {
        if (material.length != lengthOf(spec)) {
            throw new Unfit(
                    "Key material of " + spec + " has " + lengthOf(spec) + " bytes, not " + material.length + ".");
        }
        return SecretTranscript.start(Tag.IMPORT_SCALAR)
                .text(spec.name())
                .secret(MemorySegment.ofArray(material))
                .scalar(Group.of(spec.group()).scalars(), scope);
    }

    private static SecretScalar ofPair(KeySpec spec, byte[] der, SecretScope scope) throws Unfit {
        try {
            Der info = new Der(der).only(SEQUENCE);
            info.element(INTEGER);
            Der algorithm = info.element(SEQUENCE);
            String kind = algorithm.element(OBJECT_ID).hex();
            return switch (spec.group()) {
                case SECP256K1, P256 -> {
                    String curve = algorithm.element(OBJECT_ID).hex();
                    if (!kind.equals(EC) || !curve.equals(spec.group() == GroupId.P256 ? P256 : SECP256K1)) {
                        throw new Unfit("The private key is not of the curve of " + spec + ".");
                    }
                    yield onCurve(spec, info.element(OCTETS).only(SEQUENCE), scope);
                }
                case ED25519 -> {
                    if (!kind.equals(ED25519)) {
                        throw new Unfit("The private key is not an Ed25519 key.");
                    }
                    yield edwards(info.element(OCTETS).only(OCTETS), scope);
                }
                case RISTRETTO255 -> throw new IllegalArgumentException(spec + " has no key pairs");
            };
        } catch (Der.Damaged e) {
            throw new Unfit("The key material is not a private key in PKCS #8, DER-encoded.");
        }
    }

    /// RFC 5915.
    private static SecretScalar onCurve(KeySpec spec, Der key, SecretScope scope) throws Unfit, Der.Damaged {
        key.element(INTEGER);
        SecretScalar scalar = number(spec, key.element(OCTETS), scope);
        if (key.next() == FIRST_OF_CONTEXT) {
            key.element(FIRST_OF_CONTEXT);
        }
        if (key.next() == SECOND_OF_CONTEXT && !scalar.isZero()) {
            byte[] stated = key.element(SECOND_OF_CONTEXT).only(BIT_STRING).bytes();
            Point point = Group.of(spec.group()).multiplyBase(scalar);
            byte[] own = ((WeierstrassPoint) point).encodeUncompressed();
            if (!Arrays.equals(stated, 1, stated.length, own, 0, own.length)
                    && !Arrays.equals(stated, 1, stated.length, point.encode(), 0, point.encode().length)) {
                throw new Unfit("The private key does not belong to the public key beside it.");
            }
        }
        return scalar;
    }

    private static SecretScalar number(KeySpec spec, Der number, SecretScope scope) throws Unfit, Der.Damaged {
        byte[] padded = new byte[SCALAR_BYTES];
        try {
            number.copyRight(padded);
            return Group.of(spec.group()).scalars().decodeSecret(scope, MemorySegment.ofArray(padded));
        } catch (InvalidEncodingException e) {
            throw new Unfit("The private key is not a number below the order of the curve of " + spec + ".");
        } finally {
            Arrays.fill(padded, (byte) 0);
        }
    }

    /// RFC 8032: the scalar that the seed's hash begins with, by which the public key is made. Signatures of the
    /// parties verify under that key; their nonces are not those that the seed's owner would have taken.
    private static SecretScalar edwards(Der seed, SecretScope scope) throws Unfit {
        if (seed.length() != SCALAR_BYTES) {
            throw new Unfit("An Ed25519 private key has 32 bytes, not " + seed.length() + ".");
        }
        byte[] bytes = seed.bytes();
        byte[] hash = new byte[0];
        try {
            hash = MessageDigest.getInstance("SHA-512").digest(bytes);
            hash[0] &= (byte) 0xf8;
            hash[31] &= 0x7f;
            hash[31] |= 0x40;
            ScalarField field = Group.of(GroupId.ED25519).scalars();
            SecretScalar scalar = field.secretZero(scope);
            MemorySegment wide = scope.allocate(SCALAR_BYTES).segment(Disclosure.I_TAKE_THE_SECRET_OUT);
            MemorySegment.copy(hash, 0, wide, ValueLayout.JAVA_BYTE, 0, SCALAR_BYTES);
            field.rawReduce(scalar.segment(Disclosure.I_TAKE_THE_SECRET_OUT), 0, wide, 0, SCALAR_BYTES);
            return scalar;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-512", e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
            Arrays.fill(hash, (byte) 0);
        }
    }

    /// A reader of the few forms of DER that private keys have. It copies nothing but what it is asked for.
    private static final class Der {
        private final byte[] all;
        private int at;
        private final int end;

        Der(byte[] all) {
            this(all, 0, all.length);
        }

        private Der(byte[] all, int from, int end) {
            this.all = all;
            this.at = from;
            this.end = end;
        }

        static final class Damaged extends Exception {
            private static final long serialVersionUID = 1L;
        }

        /// The tag of the next element, -1 at the end.
        int next() {
            return at < end ? all[at] & 0xff : -1;
        }

        Der element(int tag) throws Damaged {
            if (next() != tag || at + 1 >= end) {
                throw new Damaged();
            }
            int length = all[at + 1] & 0xff;
            int from = at + 2;
            if (length > 0x80) {
                int bytes = length - 0x80;
                if (bytes > 2 || from + bytes > end) {
                    throw new Damaged();
                }
                length = 0;
                for (int i = 0; i < bytes; i++) {
                    length = length << 8 | all[from++] & 0xff;
                }
            } else if (length == 0x80) {
                throw new Damaged();
            }
            if (length > end - from) {
                throw new Damaged();
            }
            at = from + length;
            return new Der(all, from, at);
        }

        /// The one element that there is.
        Der only(int tag) throws Damaged {
            Der element = element(tag);
            if (at != end) {
                throw new Damaged();
            }
            return element;
        }

        int length() {
            return end - at;
        }

        byte[] bytes() {
            return Arrays.copyOfRange(all, at, end);
        }

        String hex() {
            return HexFormat.of().formatHex(all, at, end);
        }

        /// Copies a big-endian number to the right end of `target`.
        void copyRight(byte[] target) throws Damaged {
            int from = at;
            while (end - from > target.length && all[from] == 0) {
                from++;
            }
            if (end - from > target.length) {
                throw new Damaged();
            }
            System.arraycopy(all, from, target, target.length - (end - from), end - from);
        }
    }
}

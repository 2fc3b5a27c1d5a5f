package org.keymoot.access.ethereum;

import java.math.BigInteger;
import java.util.Arrays;
import org.keymoot.crypto.ecdsa.Ecdsa;
import org.keymoot.crypto.ecdsa.EcdsaSignature;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.ScalarField;

/// A signature over secp256k1 from which the signer's key follows.
///
/// It keeps true: s is in the lower half, as EIP-2 demands, and the parity is 0 or 1.
public record RecoverableSignature(BigInteger r, BigInteger s, int yParity) {
    private static final Group GROUP = Group.of(GroupId.SECP256K1);
    private static final BigInteger HALF = GROUP.scalars().order().shiftRight(1);

    public RecoverableSignature {
        if (r.signum() <= 0 || r.compareTo(GROUP.scalars().order()) >= 0) {
            throw new IllegalArgumentException("expected r between 1 and the order");
        }
        if (s.signum() <= 0 || s.compareTo(HALF) > 0) {
            throw new IllegalArgumentException("expected s in the lower half of the order (EIP-2)");
        }
        if (yParity != 0 && yParity != 1) {
            throw new IllegalArgumentException("expected a parity of 0 or 1 but found " + yParity);
        }
    }

    /// The recoverable form of a signature that verifies under `publicKey`; a high s is exchanged for the low one.
    ///
    /// @throws InvalidEthereumData when it does not verify, or cannot be told by one bit (once in 2^127 signatures)
    public static RecoverableSignature of(Point publicKey, byte[] digest, EcdsaSignature signature)
            throws InvalidEthereumData {
        EcdsaSignature low = signature.withLowS();
        int id;
        try {
            id = Ecdsa.recoveryId(publicKey, digest, low);
        } catch (IllegalArgumentException e) {
            throw new InvalidEthereumData("expected a signature that verifies under the key's public key");
        }
        if (id > 1) {
            throw new InvalidEthereumData("expected a nonce point with x below the order; sign again");
        }
        return new RecoverableSignature(low.r().toBigInteger(), low.s().toBigInteger(), id);
    }

    /// The recoverable form of a signature as KMS answers it.
    public static RecoverableSignature ofDer(Point publicKey, byte[] digest, byte[] der) throws InvalidEthereumData {
        try {
            return of(publicKey, digest, EcdsaSignature.decodeDer(GROUP.scalars(), der));
        } catch (InvalidEncodingException e) {
            throw new InvalidEthereumData(String.valueOf(e.getMessage()));
        }
    }

    /// Reads r ‖ s ‖ v with v of 0, 1, 27 or 28.
    public static RecoverableSignature decode(byte[] encoded) throws InvalidEthereumData {
        if (encoded.length != 65) {
            throw new InvalidEthereumData("expected a signature of 65 bytes but found " + encoded.length);
        }
        int v = encoded[64] & 0xff;
        return checked(
                new BigInteger(1, Arrays.copyOf(encoded, 32)),
                new BigInteger(1, Arrays.copyOfRange(encoded, 32, 64)),
                v >= 27 ? v - 27 : v);
    }

    static RecoverableSignature checked(BigInteger r, BigInteger s, int yParity) throws InvalidEthereumData {
        try {
            return new RecoverableSignature(r, s, yParity);
        } catch (IllegalArgumentException e) {
            throw new InvalidEthereumData(String.valueOf(e.getMessage()));
        }
    }

    /// r ‖ s ‖ v with v of 27 or 28, as messages and typed data carry it.
    public byte[] encode() {
        byte[] out = new byte[65];
        put(out, 0, r);
        put(out, 32, s);
        out[64] = (byte) (27 + yParity);
        return out;
    }

    private static void put(byte[] out, int at, BigInteger value) {
        byte[] bytes = value.toByteArray();
        int length = Math.min(bytes.length, 32);
        System.arraycopy(bytes, bytes.length - length, out, at + 32 - length, length);
    }

    /// Who signed.
    public Address signer(byte[] digest) throws InvalidEthereumData {
        ScalarField field = GROUP.scalars();
        try {
            return Address.of(Ecdsa.recover(GROUP, digest, new EcdsaSignature(field.of(r), field.of(s)), yParity));
        } catch (InvalidEncodingException e) {
            throw new InvalidEthereumData("expected a signature from which a key follows");
        }
    }
}

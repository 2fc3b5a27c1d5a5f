package org.keymoot.protocol.ecdsa;

import java.math.BigInteger;
import java.util.List;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.math.ec.ECPoint;
import org.keymoot.crypto.group.GroupId;

/// The signing equations of DKLs23 and plain ECDSA in `BigInteger`, written from the paper with no thought of speed or
/// secrecy and sharing no code with the protocol: the oracle of its tests.
final class SlowEcdsa {
    final BigInteger q;
    private final ECDomainParameters domain;

    SlowEcdsa(GroupId group) {
        X9ECParameters named = SECNamedCurves.getByName(
                switch (group) {
                    case SECP256K1 -> "secp256k1";
                    case P256 -> "secp256r1";
                    case ED25519, RISTRETTO255 -> throw new IllegalArgumentException(group + " has no ECDSA");
                });
        domain = new ECDomainParameters(named.getCurve(), named.getG(), named.getN(), named.getH());
        q = domain.getN();
    }

    /// What a party brings to step 3.7: everything is a number.
    record Party(BigInteger r, BigInteger phi, BigInteger sk, List<Counterparty> others) {}

    /// A party's values with one counterparty: ψ that it received, and its four product shares.
    record Counterparty(BigInteger psi, BigInteger cu, BigInteger du, BigInteger cv, BigInteger dv) {}

    BigInteger u(Party i) {
        return share(i, i.r(), i.others().stream().map(o -> o.cu().add(o.du())).toList());
    }

    BigInteger v(Party i) {
        return share(i, i.sk(), i.others().stream().map(o -> o.cv().add(o.dv())).toList());
    }

    private BigInteger share(Party i, BigInteger input, List<BigInteger> products) {
        BigInteger mask = i.phi();
        for (Counterparty other : i.others()) {
            mask = mask.add(other.psi());
        }
        BigInteger sum = input.multiply(mask);
        for (BigInteger product : products) {
            sum = sum.add(product);
        }
        return sum.mod(q);
    }

    BigInteger w(BigInteger m, BigInteger phi, BigInteger rx, BigInteger v) {
        return m.multiply(phi).add(rx.multiply(v)).mod(q);
    }

    /// Plain ECDSA with a known key and nonce, with low s: (r, s, recovery id).
    Signed sign(BigInteger d, BigInteger k, byte[] digest) {
        ECPoint R = domain.getG().multiply(k.mod(q)).normalize();
        BigInteger x = R.getAffineXCoord().toBigInteger();
        BigInteger r = x.mod(q);
        BigInteger s = new BigInteger(1, digest)
                .add(r.multiply(d))
                .multiply(k.modInverse(q))
                .mod(q);
        boolean high = s.compareTo(q.shiftRight(1)) > 0;
        int odd = R.getAffineYCoord().toBigInteger().testBit(0) ? 1 : 0;
        int id = (high ? 1 - odd : odd) + (x.compareTo(q) >= 0 ? 2 : 0);
        return new Signed(r, high ? q.subtract(s) : s, id);
    }

    record Signed(BigInteger r, BigInteger s, int recoveryId) {}

    byte[] publicKey(BigInteger d) {
        return domain.getG().multiply(d.mod(q)).getEncoded(true);
    }

    boolean verifies(byte[] publicKey, byte[] digest, BigInteger r, BigInteger s) {
        ECDSASigner verifier = new ECDSASigner();
        verifier.init(false, new ECPublicKeyParameters(domain.getCurve().decodePoint(publicKey), domain));
        return verifier.verifySignature(digest, r, s);
    }

    /// The public key that a signature and its recovery id determine (SEC 1, section 4.1.6).
    byte[] recover(byte[] digest, Signed signature) {
        BigInteger x = signature.recoveryId() >= 2 ? signature.r().add(q) : signature.r();
        byte[] encoded = new byte[33];
        encoded[0] = (byte) (2 + (signature.recoveryId() & 1));
        byte[] xBytes = x.toByteArray();
        int length = Math.min(32, xBytes.length);
        System.arraycopy(xBytes, xBytes.length - length, encoded, 33 - length, length);
        ECPoint R = domain.getCurve().decodePoint(encoded);
        BigInteger inverse = signature.r().modInverse(q);
        ECPoint sR = R.multiply(signature.s());
        ECPoint mG = domain.getG().multiply(new BigInteger(1, digest).mod(q));
        return sR.subtract(mG).multiply(inverse).normalize().getEncoded(true);
    }

    /// The secret at 0 of the polynomial through the given points.
    BigInteger interpolate(List<Integer> indices, List<BigInteger> values) {
        BigInteger sum = BigInteger.ZERO;
        for (int i = 0; i < indices.size(); i++) {
            BigInteger term = values.get(i);
            for (int j = 0; j < indices.size(); j++) {
                if (j != i) {
                    BigInteger xj = BigInteger.valueOf(indices.get(j));
                    BigInteger difference = xj.subtract(BigInteger.valueOf(indices.get(i)));
                    term = term.multiply(xj).multiply(difference.modInverse(q)).mod(q);
                }
            }
            sum = sum.add(term);
        }
        return sum.mod(q);
    }
}

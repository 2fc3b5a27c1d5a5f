package org.keymoot.protocol.key;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.message.MessageReader;

/// A share that was read from storage and not yet compared with its public key.
public final class UncheckedKeyShare implements AutoCloseable {
    private static final int MAX_ROW_BYTES = 16 << 10;
    private static final int SECRET_BYTES = 32;

    private final PublicShares publicShares;
    private final int self;
    private final SecretScalar secret;
    private final SecretScope scope;

    private UncheckedKeyShare(PublicShares publicShares, int self, SecretScalar secret, SecretScope scope) {
        this.publicShares = publicShares;
        this.self = self;
        this.secret = secret;
        this.scope = scope;
    }

    /// Reads a row that [KeyShare#encode] made; the row stays the caller's to erase.
    ///
    /// @throws Malformed when it is not such a row
    public static UncheckedKeyShare decode(MemorySegment row) throws Malformed {
        long publicLength = row.byteSize() - SECRET_BYTES;
        if (publicLength < 1 || row.byteSize() > MAX_ROW_BYTES) {
            throw new Malformed("a share's row has at most " + MAX_ROW_BYTES + " bytes and holds a secret of "
                    + SECRET_BYTES + ", this one has " + row.byteSize());
        }
        MessageReader in = new MessageReader(row.asSlice(0, publicLength).toArray(ValueLayout.JAVA_BYTE));
        int format = in.u8();
        if (format != KeyShare.FORMAT) {
            throw new Malformed("a share's row has format " + KeyShare.FORMAT + ", this one has " + format);
        }
        PublicShares publicShares = PublicShares.read(in);
        int self = in.u8(1, publicShares.terms().parties(), "party's index");
        in.end();
        SecretScope scope = new SecretScope();
        try {
            SecretScalar secret =
                    publicShares.terms().group().scalars().decodeSecret(scope, row.asSlice(publicLength, SECRET_BYTES));
            return new UncheckedKeyShare(publicShares, self, secret, scope);
        } catch (InvalidEncodingException e) {
            scope.close();
            throw new Malformed("the secret of the share's row is not a scalar below the group's order");
        }
    }

    /// The key that the row says it belongs to.
    public KeyTerms terms() {
        return publicShares.terms();
    }

    /// Checks the secret against the verification share and the verification shares against the public key.
    ///
    /// @throws InvalidKeyShareException when the share must not be used; restore it from the other parties
    public KeyShare validate() throws InvalidKeyShareException {
        if (!KeyShare.fits(publicShares, self, secret)) {
            throw new InvalidKeyShareException("the secret share of P" + self + " does not fit its verification share ("
                    + publicShares.terms() + ")");
        }
        if (!publicShares.areConsistent()) {
            throw new InvalidKeyShareException(
                    "the verification shares do not fit the public key (" + publicShares.terms() + ")");
        }
        return new KeyShare(publicShares, self, secret);
    }

    @Override
    public void close() {
        scope.close();
    }

    @Override
    public String toString() {
        return "[redacted unchecked share of P" + self + ", " + publicShares.terms() + "]";
    }
}

package org.keymoot.crypto.vole;

import java.util.List;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.ot.CheckFailedException;
import org.keymoot.crypto.ot.ExtensionContext;
import org.keymoot.crypto.ot.ExtensionReceiverSeed;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.SecretScope;

/// Bob in the random vector OLE of DKLs23 (section 5.2): his input `b` is random, and for each of the sender's
/// inputs `aᵢ` he ends with `dᵢ` so that `cᵢ + dᵢ = aᵢ·b`.
///
/// It keeps true: it finishes at most once, and gives no output from a reply that fails its check. It lives
/// within one session and is never stored.
public final class RvoleReceiver implements AutoCloseable {
    private final RvoleRequest request;

    private RvoleReceiver(RvoleRequest request) {
        this.request = request;
    }

    public static RvoleReceiver start(
            ExtensionContext context, ExtensionReceiverSeed seed, ScalarField field, RandomSource random) {
        throw new UnsupportedOperationException(context.toString() + seed + field + random);
    }

    /// What to send to the sender.
    public RvoleRequest request() {
        return request;
    }

    /// A copy of the random input `b` (χ in the signing protocol).
    public SecretScalar input(SecretScope scope) {
        throw new UnsupportedOperationException(scope.toString());
    }

    /// The shares `d`, one for each of the sender's two inputs.
    ///
    /// @throws CheckFailedException when the reply is not consistent ([CheckFailedException.Check#RVOLE]): burn
    ///     the pair's set-up
    /// @throws InvalidEncodingException never for a reply decoded with this field
    /// @throws IllegalStateException when called a second time
    public List<SecretScalar> finish(RvoleReply reply, SecretScope scope)
            throws CheckFailedException, InvalidEncodingException {
        throw new UnsupportedOperationException(reply.toString() + scope);
    }

    @Override
    public void close() {}
}

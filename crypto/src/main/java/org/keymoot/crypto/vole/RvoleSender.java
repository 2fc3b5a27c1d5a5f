package org.keymoot.crypto.vole;

import java.util.List;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.ot.CheckFailedException;
import org.keymoot.crypto.ot.ExtensionContext;
import org.keymoot.crypto.ot.ExtensionSenderSeed;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.SecretScope;

/// Alice in the random vector OLE of DKLs23 (section 5.2): for each of her inputs `aᵢ` she ends with `cᵢ` so
/// that `cᵢ + dᵢ = aᵢ·b` with the receiver's random `b`.
public final class RvoleSender {
    private RvoleSender() {}

    /// The message to send, and the shares `c`, one for each input; they belong to the scope that was given.
    public record Result(RvoleReply reply, List<SecretScalar> shares) {
        public Result {
            shares = List.copyOf(shares);
        }
    }

    /// @param inputs exactly two scalars of one field
    /// @throws CheckFailedException when the request is not consistent ([CheckFailedException.Check#COTE]):
    ///     burn the pair's set-up
    public static Result respond(
            ExtensionContext context,
            ExtensionSenderSeed seed,
            RvoleRequest request,
            List<SecretScalar> inputs,
            RandomSource random,
            SecretScope scope)
            throws CheckFailedException {
        throw new UnsupportedOperationException(context.toString() + seed + request + inputs + random + scope);
    }
}

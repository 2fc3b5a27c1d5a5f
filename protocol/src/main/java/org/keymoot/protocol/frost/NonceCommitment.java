package org.keymoot.protocol.frost;

import org.keymoot.crypto.group.Point;

/// What a signer publishes in the first round: its hiding and its binding nonce, each times the generator.
///
/// @param identifier the signer's index, from 1
public record NonceCommitment(int identifier, Point hiding, Point binding) {
    public NonceCommitment {
        if (identifier < 1) {
            throw new IllegalArgumentException("identifiers count from 1, not " + identifier);
        }
        if (hiding.isIdentity() || binding.isIdentity()) {
            throw new IllegalArgumentException("a nonce's commitment is not the identity");
        }
    }
}

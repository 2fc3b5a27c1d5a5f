/// Proofs of knowledge of discrete logarithms and of their equality, made non-interactive by hashing. It keeps
/// true: a proof's challenge covers the session, the prover, the whole statement and the place in it. Start at
/// [org.keymoot.crypto.proof.SchnorrProof].
@NullMarked
package org.keymoot.crypto.proof;

import org.jspecify.annotations.NullMarked;

/// Commitments by hashing, for values that are sent now and shown later. It keeps true: a commitment is bound
/// to its session, party and purpose and cannot be replayed elsewhere. Start at
/// [org.keymoot.crypto.commit.HashCommitment].
@NullMarked
package org.keymoot.crypto.commit;

import org.jspecify.annotations.NullMarked;

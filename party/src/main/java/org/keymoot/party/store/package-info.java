/// What a party keeps on disk: shares, pair set-ups, presignatures and clients' access keys, each sealed.
/// It keeps true: a secret is written only sealed and bound to what it belongs to, and a state that permits its use
/// changes in one durable step before anything is done with it.
/// Start at [org.keymoot.party.store.NodeStore].
@NullMarked
package org.keymoot.party.store;

import org.jspecify.annotations.NullMarked;

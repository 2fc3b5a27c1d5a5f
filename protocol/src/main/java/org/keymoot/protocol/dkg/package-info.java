/// Distributed key generation: parties make a key that none of them ever holds.
/// It keeps true: a key is returned only after every party has proven that it holds its share durably and that it saw
/// the same public values.
/// Start at [org.keymoot.protocol.dkg.Dkg], beside `docs/protocols/dkg.md`.
@NullMarked
package org.keymoot.protocol.dkg;

import org.jspecify.annotations.NullMarked;

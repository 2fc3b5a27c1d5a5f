/// Sharing a key that exists already among the parties, by one of them or by its owner.
/// It keeps true: a share is handed out only when every party has confirmed, of its own share, that it fits the same
/// public values and is durable.
/// Start at [org.keymoot.protocol.dealing.Dealing].
@NullMarked
package org.keymoot.protocol.dealing;

import org.jspecify.annotations.NullMarked;

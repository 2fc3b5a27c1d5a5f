/// The embedded SQL database of one node. It keeps true: a write that returned is on disk, a write that threw
/// changed nothing, writers never see each other's half-done work, and after a failed flush nothing more is
/// written. Start at [org.keymoot.platform.store.Store].
@NullMarked
package org.keymoot.platform.store;

import org.jspecify.annotations.NullMarked;

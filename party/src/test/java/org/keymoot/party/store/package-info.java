/// Tests of what a party keeps on disk.
/// It keeps true: every test uses a real database in a directory of its own.
/// Start at [org.keymoot.party.store.NodeStoreTest].
@NullMarked
package org.keymoot.party.store;

import org.jspecify.annotations.NullMarked;

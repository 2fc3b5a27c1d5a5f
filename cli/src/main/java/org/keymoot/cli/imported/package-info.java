/// Splitting a key that was made elsewhere, so that no party ever has it whole.
/// It keeps true: what is read of a key is erased before the command ends, and a share is encrypted only to a party
/// that
/// the cluster's authority vouches for.
/// Start at [org.keymoot.cli.imported.SplitKey].
@NullMarked
package org.keymoot.cli.imported;

import org.jspecify.annotations.NullMarked;

/// Keys for the agents of a bridge: which there should be, making those that are missing, and what is made from them.
/// It keeps true: nothing is ever deleted or changed, and a run that is repeated makes no key twice.
/// Start at [org.keymoot.cli.provision.Provisioning].
@NullMarked
package org.keymoot.cli.provision;

import org.jspecify.annotations.NullMarked;

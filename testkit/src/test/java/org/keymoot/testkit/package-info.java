/// Checks of the whole system: the rules of the house, and whole clusters driven by outside clients.
/// It keeps true: every rule here fails when it is broken on purpose.
/// Start at [org.keymoot.testkit.HouseRulesTest].
@NullMarked
package org.keymoot.testkit;

import org.jspecify.annotations.NullMarked;

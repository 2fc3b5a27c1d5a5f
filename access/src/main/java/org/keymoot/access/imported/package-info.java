/// Key material that clients bring: how it is wrapped on its way, what tokens go with it, and which scalar it stands
/// for.
/// It keeps true: functions of their arguments only; what they take of a secret stays the caller's to erase, and no
/// refusal says more of a secret than that it does not fit.
/// Start at [org.keymoot.access.imported.ImportedKey].
@NullMarked
package org.keymoot.access.imported;

import org.jspecify.annotations.NullMarked;

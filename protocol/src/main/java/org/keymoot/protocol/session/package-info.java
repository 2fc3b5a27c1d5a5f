/// What every protocol is written against: a session among fixed parties, with broadcast, exchange, children, blame and
/// stages.
/// It keeps true: a value is used only after the step that checks it, and a failure is either [Silent] or names
/// culprits.
/// Start at [org.keymoot.protocol.session.Session].
@NullMarked
package org.keymoot.protocol.session;

import org.jspecify.annotations.NullMarked;

/// What two parties prepare once for each epoch, so that making keys and signing are cheap: base transfers in both
/// directions and a common seed for shares of zero.
/// It keeps true: a set-up whose peer failed a check is never used again, in any session, for any key.
/// Start at [org.keymoot.protocol.pairsetup.PairSetupProtocol], beside `docs/protocols/pair-setup.md`.
@NullMarked
package org.keymoot.protocol.pairsetup;

import org.jspecify.annotations.NullMarked;

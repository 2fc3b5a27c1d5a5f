/// Oblivious transfer: base transfers once for each pair of parties, and their extension for each signature. It
/// keeps true: every message is checked before its result is used, every hash names the epoch, pair, key and
/// session. Start at [org.keymoot.crypto.ot.ExtensionSenderSetup].
@NullMarked
package org.keymoot.crypto.ot;

import org.jspecify.annotations.NullMarked;

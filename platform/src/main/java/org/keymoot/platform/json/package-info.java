/// JSON with exactly one spelling for each value, for what is hashed or compared. It keeps true: equal values
/// give equal bytes, the bytes are plain ASCII on one line, and no character of them can move a terminal's
/// cursor or turn its text around. Start at [org.keymoot.platform.json.CanonicalJson].
@NullMarked
package org.keymoot.platform.json;

import org.jspecify.annotations.NullMarked;

/// JSON in and out: strict bounded reading of requests, canonical writing of registers and answers. It keeps true:
/// a text that two readers could understand differently (duplicate members, NaN, trailing characters, invalid
/// UTF-8) is refused, and equal contents are written as equal texts. Start at
/// [org.keymoot.access.json.JsonReader].
@NullMarked
package org.keymoot.access.json;

import org.jspecify.annotations.NullMarked;

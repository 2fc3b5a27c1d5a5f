/// Hash inputs without ambiguity: a domain tag, then typed values each with its length. It keeps true: two
/// different sequences of inputs never give the same bytes to the hash, and no two uses share a tag. Start at
/// [org.keymoot.crypto.transcript.Transcript].
@NullMarked
package org.keymoot.crypto.transcript;

import org.jspecify.annotations.NullMarked;

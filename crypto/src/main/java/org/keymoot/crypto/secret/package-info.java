/// Memory for secrets: off-heap, erased on close, redacted when printed. It keeps true: no byte of a secret is
/// held in a heap array that outlives the call that reads it, and no slot of memory has a next owner before it
/// is zero. Start at [org.keymoot.crypto.secret.SecretBytes].
@NullMarked
package org.keymoot.crypto.secret;

import org.jspecify.annotations.NullMarked;

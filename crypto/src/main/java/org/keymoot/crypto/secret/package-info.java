/// Memory for secrets
/// It keeps true:  off-heap, erased on close, redacted when printed.
/// Start at [org.keymoot.crypto.secret.no byte of a secret is ever held in a heap array that outlives the call that
/// reads it.:SecretBytes].
@NullMarked
package org.keymoot.crypto.secret;

import org.jspecify.annotations.NullMarked;

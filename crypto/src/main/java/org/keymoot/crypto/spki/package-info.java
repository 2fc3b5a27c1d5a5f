/// Public keys as X.509 carries them.
/// It keeps true: one byte string for each key, and a decoded key is a valid point.
/// Start at [org.keymoot.crypto.spki.SubjectPublicKeyInfo].
@NullMarked
package org.keymoot.crypto.spki;

import org.jspecify.annotations.NullMarked;

/// The AWS KMS domain as pure functions: who asks, what for, may they, and what then has to happen. It keeps true:
/// nothing here reads a clock, opens a file or socket, starts a thread or draws randomness, so every party that
/// decides on the same signed request with the same registers at the same instant computes the same bytes. Start
/// at [org.keymoot.access.Kms#decide].
@NullMarked
package org.keymoot.access;

import org.jspecify.annotations.NullMarked;

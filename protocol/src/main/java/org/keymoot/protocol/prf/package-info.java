/// Evaluation of a shared key at inputs that a client chose: a pseudo-random function, and Diffie-Hellman
/// agreement. It keeps true: a partial result is combined only after its proof verified under its party's
/// verification share, and one party alone learns the output. Start at
/// [org.keymoot.protocol.prf.Evaluation].
@NullMarked
package org.keymoot.protocol.prf;

import org.jspecify.annotations.NullMarked;

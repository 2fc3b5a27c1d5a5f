/// Multiplication of one party's secrets with another's random secret, giving additive shares of the products.
/// It keeps true: a reply that does not belong to one consistent input fails its check. Start at
/// [org.keymoot.crypto.vole.RvoleReceiver].
@NullMarked
package org.keymoot.crypto.vole;

import org.jspecify.annotations.NullMarked;

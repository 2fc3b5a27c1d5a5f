/// What Ethereum's clients sign, as values: addresses, transactions, personal messages, typed data and attestations.
/// It keeps true: a byte string decodes in its one canonical form only, and every digest is computed from a value that
/// was understood whole.
/// Start at [org.keymoot.access.ethereum.Transaction].
@NullMarked
package org.keymoot.access.ethereum;

import org.jspecify.annotations.NullMarked;

/// Paying gas money to agents' addresses.
/// It keeps true: a payment is written down, signed, before it is sent, and is never signed for a second nonce while
/// the
/// first may still be carried out; so a run that is repeated after any crash pays each address once.
/// Start at [org.keymoot.cli.fund.Funding].
@NullMarked
package org.keymoot.cli.fund;

import org.jspecify.annotations.NullMarked;

/// Exact binary encodings of the messages that parties send each other and of the rows they store.
/// It keeps true: one message has one encoding, every length is bounded before memory is taken, and every byte is
/// accounted for.
/// Start at [org.keymoot.protocol.message.Codec].
@NullMarked
package org.keymoot.protocol.message;

import org.jspecify.annotations.NullMarked;

/// Threshold ECDSA by DKLs23: presigning, signing from a presignature, and both in one session.
/// It keeps true: a signature is returned only after it verifies, a presignature gives its secrets once, and a failed
/// check of a multiplication burns the pair's set-up before anything else leaves.
/// Start at [org.keymoot.protocol.ecdsa.EcdsaSign], beside `docs/protocols/ecdsa-presign.md`.
@NullMarked
package org.keymoot.protocol.ecdsa;

import org.jspecify.annotations.NullMarked;

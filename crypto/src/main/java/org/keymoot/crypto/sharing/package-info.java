/// Shamir's secret sharing with Feldman's commitments. It keeps true: party indices are 1 to 255, a commitment
/// has exactly as many points as shares are needed, and coefficients are secrets. Start at
/// [org.keymoot.crypto.sharing.SharingPolynomial].
@NullMarked
package org.keymoot.crypto.sharing;

import org.jspecify.annotations.NullMarked;

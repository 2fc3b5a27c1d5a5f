/// Tests of [org.keymoot.crypto.keccak.Keccak256].
@NullMarked
package org.keymoot.crypto.keccak;

import org.jspecify.annotations.NullMarked;

/// Tests of the endpoint over real HTTP and gRPC, in front of parties that decide as real ones do and hold whole
/// keys.
@NullMarked
package org.keymoot.kms;

import org.jspecify.annotations.NullMarked;

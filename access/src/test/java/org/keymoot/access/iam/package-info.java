/// Tests of IAM and STS.
@NullMarked
package org.keymoot.access.iam;

import org.jspecify.annotations.NullMarked;

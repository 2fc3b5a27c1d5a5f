/// A small client of KMS for the commands: credentials as AWS's own clients read them, signed requests, typed errors.
/// It keeps true: a secret access key is never shown or logged, and a request that is repeated is the same signed
/// request, so that what it makes is made once.
/// Start at [org.keymoot.cli.aws.KmsClient].
@NullMarked
package org.keymoot.cli.aws;

import org.jspecify.annotations.NullMarked;

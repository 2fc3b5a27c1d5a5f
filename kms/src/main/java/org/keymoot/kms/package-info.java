/// The AWS-KMS-compatible endpoint: takes clients' HTTP requests and hands them, as the clients signed them, to
/// the parties. It keeps true: it holds no secret and decides nothing about keys, so whoever takes it over signs
/// nothing. Start at [org.keymoot.kms.KmsEndpoint].
@NullMarked
package org.keymoot.kms;

import org.jspecify.annotations.NullMarked;

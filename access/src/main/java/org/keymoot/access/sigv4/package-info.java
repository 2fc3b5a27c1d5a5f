/// AWS Signature Version 4, with HMAC-SHA-256, and 4A, with ECDSA on P-256: canonical forms, and verification of
/// headers and presigned queries.
/// It keeps true: a request is accepted only when the signature covers its method, path, query, host, target and
/// body, and no two different requests share a canonical form. Start at
/// [org.keymoot.access.sigv4.SignatureVerifier].
@NullMarked
package org.keymoot.access.sigv4;

import org.jspecify.annotations.NullMarked;

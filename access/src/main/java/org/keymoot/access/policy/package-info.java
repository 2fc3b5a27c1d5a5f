/// AWS's policy language: reading documents, and deciding what all that bear on a request allow together. It keeps
/// true: a document holds nothing that is not enforced, a deny overrides every allow, what is not allowed is denied,
/// and what cannot be evaluated denies. Start at [org.keymoot.access.policy.Authorisation].
@NullMarked
package org.keymoot.access.policy;

import org.jspecify.annotations.NullMarked;

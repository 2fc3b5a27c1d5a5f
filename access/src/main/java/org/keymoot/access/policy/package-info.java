/// Key policies: reading them, and deciding what they allow. It keeps true: a document holds nothing that is not
/// enforced, a deny overrides every allow, and what is not allowed is denied. Start at
/// [org.keymoot.access.policy.KeyPolicy].
@NullMarked
package org.keymoot.access.policy;

import org.jspecify.annotations.NullMarked;

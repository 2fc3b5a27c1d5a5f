/// Identity tokens of OpenID Connect: what an outside provider says of whom. It keeps true: a token counts only when a
/// key that was registered for its issuer signed it with an algorithm on the list, and no key is ever fetched or taken
/// from the token itself. Start at [org.keymoot.access.oidc.IdToken].
@NullMarked
package org.keymoot.access.oidc;

import org.jspecify.annotations.NullMarked;

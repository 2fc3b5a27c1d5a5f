package org.keymoot.access.oidc;

import java.util.Base64;

/// Base64url as JOSE writes it (RFC 7515 section 2): without padding, in the one form that each byte string has.
final class Base64Url {
    private Base64Url() {}

    static byte[] decode(String text) throws InvalidTokenException {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            if (Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw new InvalidTokenException("a part is not Base64url", e);
        }
        throw new InvalidTokenException("a part is not Base64url without padding");
    }
}

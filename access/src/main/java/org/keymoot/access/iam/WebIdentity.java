package org.keymoot.access.iam;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.access.AwsException;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.Service;
import org.keymoot.access.oidc.IdToken;
import org.keymoot.access.oidc.InvalidTokenException;
import org.keymoot.access.oidc.JsonWebKeys;

/// An identity that a provider of an account vouches for.
///
/// It keeps true: the token was signed by a key that the account's register has for its issuer, is for an audience that
/// the register names, and was valid at the time in question.
///
/// @param provider as the register has it
record WebIdentity(IdToken token, OidcProviderRecord provider) {
    /// How far in the future a token may have been issued, by the provider's clock.
    private static final long MAXIMUM_SKEW_SECONDS = 300;

    /// Checks a token.
    ///
    /// @param account whose providers count
    /// @param at the time at which it has to be valid
    /// @throws AwsException in AWS's words when it is not
    static WebIdentity verified(DirectoryView view, String account, String text, Instant at) {
        IdToken token = read(text);
        OidcProviderRecord provider = OidcProviders.find(view, account, token.issuer());
        if (provider == null) {
            throw invalid("No OpenIDConnect provider found in your account for " + shown(token.issuer()));
        }
        JsonWebKeys keys = keys(provider);
        if (keys == null || !token.hasKeyIn(keys)) {
            throw invalid("Couldn't retrieve verification key from your identity provider, please reference"
                    + " AssumeRoleWithWebIdentity documentation for requirements. Keymoot's parties fetch no keys:"
                    + " give them the provider's with `keymoot iam oidc-keys`.");
        }
        if (!token.isSignedBy(keys)) {
            throw invalid("The signature of the ID Token does not verify under the key that it names");
        }
        if (token.audiences().stream().noneMatch(provider.clientIds()::contains)) {
            throw invalid("Incorrect token audience");
        }
        requireTime(token, at.getEpochSecond());
        return new WebIdentity(token, provider);
    }

    /// Reads a token that was checked before.
    static IdToken read(String text) {
        try {
            return IdToken.read(text);
        } catch (IdToken.MissingClaim e) {
            throw invalid("Missing a required claim: " + e.getMessage());
        } catch (InvalidTokenException e) {
            throw invalid(
                    "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token): "
                            + e.getMessage());
        }
    }

    private static @Nullable JsonWebKeys keys(OidcProviderRecord provider) {
        try {
            return provider.keys() == null ? null : JsonWebKeys.read(provider.keys());
        } catch (InvalidTokenException e) {
            throw new IllegalStateException("a register holds a damaged key set", e);
        }
    }

    private static void requireTime(IdToken token, long now) {
        if (now >= token.expiresAt()) {
            throw new AwsException(AwsError.of(
                    "ExpiredTokenException",
                    Service.EXPIRED_IDENTITY + "current date/time " + now + " must be before the expiration date/time "
                            + token.expiresAt()));
        }
        Long notBefore = token.notBefore();
        long earliest = Math.max(token.issuedAt(), notBefore == null ? 0 : notBefore);
        if (earliest > now + MAXIMUM_SKEW_SECONDS) {
            throw new AwsException(new AwsError(
                    403,
                    "IDPRejectedClaim",
                    "The token is not valid yet: current date/time " + now + " must not be before " + earliest));
        }
    }

    private static AwsException invalid(String message) {
        return new AwsException(AwsError.of("InvalidIdentityToken", message));
    }

    private static String shown(String text) {
        return text.length() <= 255 ? text : text.substring(0, 255) + "…";
    }

    /// The condition keys that a token sets: those of its issuer, and which provider it is.
    static Map<String, List<String>> conditions(IdToken token, String account) {
        String issuer = token.issuer().substring("https://".length());
        Map<String, List<String>> conditions = new TreeMap<>();
        conditions.put("aws:FederatedProvider", List.of(OidcProviderRecord.arn(account, issuer)));
        conditions.put(issuer + ":sub", List.of(token.subject()));
        conditions.put(issuer + ":aud", token.audiences());
        if (!token.methods().isEmpty()) {
            conditions.put(issuer + ":amr", token.methods());
        }
        return conditions;
    }
}

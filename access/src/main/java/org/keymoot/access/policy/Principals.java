package org.keymoot.access.policy;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.keymoot.access.Principal;
import org.keymoot.access.policy.Verdict.Effect;

/// Whom a statement is about.
///
/// It keeps true: identities are compared letter by letter as whole ARNs; there are no wildcards but `*` for
/// everybody. Services and canonical users are never callers here, so naming one allows nobody and denies nobody.
///
/// @param everybody `*`
/// @param accounts numbers; the ARN of an account's root is its number
/// @param identities ARNs of users, roles and sessions
/// @param providers of federated identities, in trust policies
/// @param negated whether it is about all others instead
record Principals(
        boolean everybody, Set<String> accounts, Set<String> identities, Set<String> providers, boolean negated) {

    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    /// Longest name of a principal, in characters.
    private static final int MAXIMUM_NAME = 2048;
    /// The group takes all that it can: the matcher would otherwise go one call deeper for each label.
    private static final Pattern SERVICE = Pattern.compile("[a-z0-9-]++(?:\\.[a-z0-9-]++)++");
    private static final Pattern PROVIDER =
            Pattern.compile("arn:aws:iam::[0-9]{12}:(saml-provider|oidc-provider)/[\\x21-\\x7e]+|[a-z0-9.-]{1,253}");
    private static final Pattern CANONICAL_USER = Pattern.compile("[0-9a-f]{64}");

    Principals {
        accounts = Set.copyOf(accounts);
        identities = Set.copyOf(identities);
        providers = Set.copyOf(providers);
    }

    /// Reads the lists of a Principal element by their type.
    ///
    /// @param everybody whether the element is the text `*`
    /// @param trust whether it is a trust policy, of which AWS names the principal that it does not take
    static Principals read(
            boolean everybody, Map<String, ? extends Iterable<String>> byType, boolean negated, boolean trust)
            throws MalformedPolicyException {
        boolean all = everybody;
        Set<String> accounts = new HashSet<>();
        Set<String> identities = new HashSet<>();
        Set<String> providers = new HashSet<>();
        for (var entry : byType.entrySet()) {
            for (String text : entry.getValue()) {
                boolean valid = switch (entry.getKey()) {
                    case "AWS" -> {
                        all |= text.equals("*");
                        yield text.equals("*") || identity(text, accounts, identities);
                    }
                    case "Federated" -> provider(text, providers);
                    case "Service" -> SERVICE.matcher(text).matches();
                    case "CanonicalUser" -> CANONICAL_USER.matcher(text).matches();
                    default -> false;
                };
                if (!valid || text.length() > MAXIMUM_NAME) {
                    throw invalid(trust, entry.getKey(), text);
                }
            }
        }
        return new Principals(all, accounts, identities, providers, negated);
    }

    /// Adds an account or an identity; false when the text is neither.
    private static boolean identity(String text, Set<String> accounts, Set<String> identities) {
        if (ACCOUNT.matcher(text).matches()) {
            accounts.add(text);
            return true;
        }
        String[] arn = text.split(":", 6);
        if (arn.length < 6 || !ACCOUNT.matcher(arn[4]).matches() || text.contains("*") || text.contains("?")) {
            return false;
        }
        if (text.equals(Principal.rootArn(arn[4]))) {
            accounts.add(arn[4]);
            return true;
        }
        boolean iam = arn[2].equals("iam") && (arn[5].startsWith("user/") || arn[5].startsWith("role/"));
        boolean sts =
                arn[2].equals("sts") && (arn[5].startsWith("assumed-role/") || arn[5].startsWith("federated-user/"));
        if (!iam && !sts) {
            return false;
        }
        try {
            identities.add(new Principal(arn[4], text).arn());
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean provider(String text, Set<String> providers) {
        providers.add(text);
        return PROVIDER.matcher(text).matches();
    }

    private static MalformedPolicyException invalid(boolean trust, String type, String text) {
        return new MalformedPolicyException(
                trust
                        ? "Invalid principal in policy: \"" + Text.shown(type) + "\":\"" + Text.shown(text) + "\""
                        : "Policy contains a statement with one or more invalid principals.");
    }

    /// What an allowing statement about these allows the caller: itself, its role, its account, or nothing.
    Effect allows(Identity caller) {
        String account = caller.principal().account();
        String arn = caller.principal().arn();
        String issuer = caller.issuerArn();
        if (negated) {
            boolean named = everybody
                    || accounts.contains(account)
                    || identities.contains(arn)
                    || (issuer != null && identities.contains(issuer));
            return named ? Effect.SILENT : Effect.ALLOWS;
        }
        if (everybody || identities.contains(arn) || (caller.principal().isRoot() && accounts.contains(account))) {
            return Effect.ALLOWS;
        }
        if (issuer != null && identities.contains(issuer)) {
            return caller.kind() == Identity.Kind.ROLE_SESSION ? Effect.ALLOWS_ROLE : Effect.ALLOWS_ACCOUNT;
        }
        return accounts.contains(account) ? Effect.ALLOWS_ACCOUNT : Effect.SILENT;
    }

    /// Whether a denying statement about these denies the caller. All others than those named are denied unless each
    /// name of the caller is there, its account's included; a caller with a boundary always is.
    boolean denies(Identity caller) {
        String account = caller.principal().account();
        String arn = caller.principal().arn();
        String issuer = caller.issuerArn();
        if (negated) {
            boolean exempt = caller.policies().boundary() == null
                    && (everybody
                            || (accounts.contains(account)
                                    && (caller.principal().isRoot() || identities.contains(arn))
                                    && (issuer == null || identities.contains(issuer))));
            return !exempt;
        }
        return everybody
                || accounts.contains(account)
                || identities.contains(arn)
                || (issuer != null && identities.contains(issuer));
    }

    /// Whether a federated identity of this provider is among them.
    boolean includesProvider(String provider) {
        return (everybody || providers.contains(provider)) != negated;
    }
}

package org.keymoot.access.iam;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Decision;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RegisterWrite;
import org.keymoot.access.oidc.InvalidTokenException;
import org.keymoot.access.oidc.JsonWebKeys;

/// The identity providers of an account.
///
/// It keeps true: the parties fetch nothing. AWS follows a provider's URL to its keys and checks the way by
/// thumbprints; here whoever manages the provider hands its keys over in a signed request, so that every party has the
/// same ones and decides alike.
final class OidcProviders {
    /// The parameter and the action that AWS has not.
    static final String KEY_SET = "JsonWebKeySet";

    private static final int MOST_PROVIDERS = 100;
    private static final int MOST_CLIENT_IDS = 100;
    private static final int MOST_THUMBPRINTS = 5;
    private static final String SCHEME = "https://";
    /// What a register's name can hold of a URL; no query, no fragment.
    private static final Pattern ISSUER =
            Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9.-]*(:[0-9]{1,5})?(/[a-zA-Z0-9+=,.@:/_-]*)?");
    private static final Pattern THUMBPRINT = Pattern.compile("[0-9a-fA-F]{40}");
    private static final Pattern ARN = Pattern.compile("arn:aws:iam::([0-9]{12}):oidc-provider/(.+)");

    private OidcProviders() {}

    /// A provider and the version of its register.
    private record Stored(OidcProviderRecord record, long version) {
        RegisterWrite write(OidcProviderRecord next) {
            return new RegisterWrite(record.register(), version, next.json());
        }
    }

    /// The live provider of an issuer; null when the account has none.
    ///
    /// @param url with its scheme, as tokens name it
    static @Nullable OidcProviderRecord find(DirectoryView view, String account, String url) {
        if (!url.startsWith(SCHEME)) {
            return null;
        }
        Stored found = stored(view, account, url.substring(SCHEME.length()));
        return found == null || found.record().deleted() ? null : found.record();
    }

    private static @Nullable Stored stored(DirectoryView view, String account, String issuer) {
        if (!ISSUER.matcher(issuer).matches() || issuer.length() > 255) {
            return null;
        }
        RegisterName register = OidcProviderRecord.register(account, issuer);
        RegisterValue value = view.read(register);
        return value == null ? null : new Stored(OidcProviderRecord.decode(register, value.json()), value.version());
    }

    static Decision create(IamCall call) {
        String url = call.form().required("Url", 1, 255, null);
        List<String> clientIds = distinct(call.form().texts("ClientIDList", 1, 255));
        List<String> thumbprints = thumbprints(call);
        Map<String, String> tags = call.form().tags("Tags", false);
        String keys = call.form().text(KEY_SET, 1, JsonWebKeys.MAXIMUM_LENGTH, null);
        call.form().check();
        IdentityActions.requireFewTags(tags);
        if (!url.startsWith(SCHEME)
                || !ISSUER.matcher(url.substring(SCHEME.length())).matches()) {
            throw IamCall.refuse(
                    "ValidationError",
                    "Invalid Open ID Connect Provider URL: it must begin with https:// and have neither query nor"
                            + " fragment.");
        }
        String issuer = url.substring(SCHEME.length());
        String arn = OidcProviderRecord.arn(call.account(), issuer);
        call.withTags(tags).authorise(arn);
        if (!tags.isEmpty()) {
            call.authorise(arn, "iam:TagOpenIDConnectProvider");
        }
        if (keys != null) {
            call.authorise(arn, IamAction.PUT_OIDC_KEYS.permission());
        }
        requireFew(clientIds);
        String keySet = keys == null ? null : keySet(keys);
        Stored present = stored(call.view(), call.account(), issuer);
        if (present != null && !present.record().deleted()) {
            if (present.record().requestDigest().equals(call.requestDigest())) {
                return call.answer(made(present.record()));
            }
            throw IamCall.conflict("EntityAlreadyExists", "Provider with url " + url + " already exists.");
        }
        if (call.all(RegisterName.Kind.OIDCPROVIDER).size() >= MOST_PROVIDERS) {
            throw IamCall.quota("OpenIdConnectProvidersPerAccount", MOST_PROVIDERS);
        }
        OidcProviderRecord next = new OidcProviderRecord(
                call.account(),
                issuer,
                clientIds,
                thumbprints,
                new TreeMap<>(tags),
                call.now(),
                keySet,
                false,
                call.requestDigest());
        return call.change(
                new RegisterWrite(next.register(), present == null ? 0 : present.version(), next.json()), made(next));
    }

    private static Xml made(OidcProviderRecord provider) {
        Xml xml = new Xml().put("OpenIDConnectProviderArn", provider.arn());
        if (!provider.tags().isEmpty()) {
            IdentityActions.putTags(xml, provider.tags());
        }
        return xml;
    }

    private static List<String> distinct(List<String> texts) {
        return List.copyOf(new LinkedHashSet<>(texts));
    }

    private static List<String> thumbprints(IamCall call) {
        List<String> thumbprints = call.form().texts("ThumbprintList", 40, 40);
        call.form().check();
        if (thumbprints.size() > MOST_THUMBPRINTS) {
            throw IamCall.refuse("InvalidInput", "Thumbprint list must contain fewer than 5 entries.");
        }
        if (!thumbprints.stream().allMatch(each -> THUMBPRINT.matcher(each).matches())) {
            throw IamCall.refuse("InvalidInput", "A thumbprint is 40 hexadecimal digits.");
        }
        return thumbprints;
    }

    private static void requireFew(List<String> clientIds) {
        if (clientIds.size() > MOST_CLIENT_IDS) {
            throw IamCall.quota("ClientIdsPerOpenIdConnectProvider", MOST_CLIENT_IDS);
        }
    }

    private static String keySet(String document) {
        try {
            return JsonWebKeys.read(document).json();
        } catch (InvalidTokenException e) {
            throw IamCall.refuse("InvalidInput", "The " + KEY_SET + " cannot be used: " + e.getMessage() + ".");
        }
    }

    /// The provider that a request names, once the caller may do this with it; null when there is none.
    private static @Nullable Stored named(IamCall call) {
        String arn = call.form().required("OpenIDConnectProviderArn", 20, 2048, null);
        call.form().check();
        var matcher = ARN.matcher(arn);
        if (!matcher.matches()) {
            throw IamCall.refuse("ValidationError", "Invalid ARN: " + arn);
        }
        Stored found =
                matcher.group(1).equals(call.account()) ? stored(call.view(), call.account(), matcher.group(2)) : null;
        if (found != null && !found.record().deleted()) {
            call.withResourceTags(found.record().tags());
        }
        call.authorise(arn);
        return found;
    }

    private static Stored target(IamCall call) {
        Stored found = named(call);
        if (found == null || found.record().deleted()) {
            throw IamCall.noSuchEntity(
                    "OpenIDConnect Provider not found for arn " + call.form().raw("OpenIDConnectProviderArn"));
        }
        return found;
    }

    static Decision get(IamCall call) {
        OidcProviderRecord provider = target(call).record();
        Xml xml = new Xml()
                .put("Url", provider.issuer())
                .texts("ClientIDList", provider.clientIds())
                .texts("ThumbprintList", provider.thumbprints())
                .put("CreateDate", provider.createdAt());
        if (!provider.tags().isEmpty()) {
            IdentityActions.putTags(xml, provider.tags());
        }
        return call.answer(xml);
    }

    static Decision list(IamCall call) {
        call.authorise("arn:aws:iam::" + call.account() + ":oidc-provider/*");
        List<OidcProviderRecord> all = call.all(RegisterName.Kind.OIDCPROVIDER).stream()
                .map(entry ->
                        OidcProviderRecord.decode(entry.name(), entry.value().json()))
                .toList();
        return call.answer(
                new Xml().list("OpenIDConnectProviderList", all, (xml, provider) -> xml.put("Arn", provider.arn())));
    }

    /// Deleting what is not there succeeds, as in AWS.
    static Decision delete(IamCall call) {
        Stored found = named(call);
        return found == null || found.record().deleted()
                ? call.done()
                : call.change(found.write(found.record().removed(call.requestDigest())));
    }

    static Decision addClientId(IamCall call) {
        String id = clientId(call);
        Stored found = target(call);
        if (found.record().clientIds().contains(id)) {
            return call.done();
        }
        List<String> next = new ArrayList<>(found.record().clientIds());
        next.add(id);
        requireFew(next);
        return call.change(found.write(found.record().withClientIds(next, call.requestDigest())));
    }

    static Decision removeClientId(IamCall call) {
        String id = clientId(call);
        Stored found = target(call);
        if (!found.record().clientIds().contains(id)) {
            return call.done();
        }
        List<String> next = new ArrayList<>(found.record().clientIds());
        next.remove(id);
        return call.change(found.write(found.record().withClientIds(next, call.requestDigest())));
    }

    private static String clientId(IamCall call) {
        String id = call.form().required("ClientID", 1, 255, null);
        call.form().check();
        return id;
    }

    static Decision updateThumbprints(IamCall call) {
        List<String> thumbprints = thumbprints(call);
        Stored found = target(call);
        return call.change(found.write(found.record().withThumbprints(thumbprints, call.requestDigest())));
    }

    /// Takes the key set of a provider in place of the one before. Sessions that stand on a token of a key that is gone
    /// end with it.
    static Decision putKeys(IamCall call) {
        String keys = call.form().required(KEY_SET, 1, JsonWebKeys.MAXIMUM_LENGTH, null);
        call.form().check();
        Stored found = target(call);
        return call.change(found.write(found.record().withKeys(keySet(keys), call.requestDigest())));
    }

    static Decision tag(IamCall call) {
        Map<String, String> added = call.form().tags("Tags", true);
        call.form().check();
        call.withTags(added);
        Stored found = target(call);
        return call.change(found.write(
                found.record().withTags(IdentityActions.tagged(found.record().tags(), added), call.requestDigest())));
    }

    static Decision untag(IamCall call) {
        List<String> keys = call.form().texts("TagKeys", 1, 128);
        call.form().check();
        call.withTagKeys(keys);
        Stored found = target(call);
        return call.change(found.write(
                found.record().withTags(IdentityActions.untagged(found.record().tags(), keys), call.requestDigest())));
    }

    static Decision listTags(IamCall call) {
        return call.answer(IdentityActions.tagPage(call, target(call).record().tags()));
    }
}

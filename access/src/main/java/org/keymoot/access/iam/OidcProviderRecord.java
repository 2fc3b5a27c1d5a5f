package org.keymoot.access.iam;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.RegisterName;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// An identity provider of OpenID Connect that an account trusts, as its register holds it, with the keys that its
/// tokens are signed with.
///
/// @param issuer its URL without `https://`
/// @param clientIds audiences that tokens may be for
/// @param thumbprints as the client gave them; nothing here stands on them
/// @param keys its key set, as [org.keymoot.access.oidc.JsonWebKeys#json] writes it; null until it was given
record OidcProviderRecord(
        String account,
        String issuer,
        List<String> clientIds,
        List<String> thumbprints,
        SortedMap<String, String> tags,
        Instant createdAt,
        @Nullable String keys,
        boolean deleted,
        String requestDigest) {
    OidcProviderRecord {
        clientIds = List.copyOf(clientIds);
        thumbprints = List.copyOf(thumbprints);
        tags = new TreeMap<>(tags);
    }

    static RegisterName register(String account, String issuer) {
        return RegisterName.of(RegisterName.Kind.OIDCPROVIDER, account, RegisterName.GLOBAL, issuer);
    }

    RegisterName register() {
        return register(account, issuer);
    }

    static String arn(String account, String issuer) {
        return "arn:aws:iam::" + account + ":oidc-provider/" + issuer;
    }

    String arn() {
        return arn(account, issuer);
    }

    OidcProviderRecord withClientIds(List<String> next, String request) {
        return copy(next, thumbprints, tags, keys, false, request);
    }

    OidcProviderRecord withThumbprints(List<String> next, String request) {
        return copy(clientIds, next, tags, keys, false, request);
    }

    OidcProviderRecord withTags(SortedMap<String, String> next, String request) {
        return copy(clientIds, thumbprints, next, keys, false, request);
    }

    OidcProviderRecord withKeys(String next, String request) {
        return copy(clientIds, thumbprints, tags, next, false, request);
    }

    OidcProviderRecord removed(String request) {
        return copy(clientIds, thumbprints, tags, keys, true, request);
    }

    private OidcProviderRecord copy(
            List<String> clientIds,
            List<String> thumbprints,
            SortedMap<String, String> tags,
            @Nullable String keys,
            boolean deleted,
            String request) {
        return new OidcProviderRecord(account, issuer, clientIds, thumbprints, tags, createdAt, keys, deleted, request);
    }

    /// The register's content.
    String json() {
        CanonicalJson.ObjectBuilder object = CanonicalJson.object()
                .put("clientIds", clientIds)
                .put("created", createdAt.toEpochMilli())
                .put("request", requestDigest)
                .put("thumbprints", thumbprints);
        if (!tags.isEmpty()) {
            object.put("tags", tags);
        }
        if (keys != null) {
            object.put("keys", keys);
        }
        if (deleted) {
            object.put("deleted", true);
        }
        return object.text();
    }

    static OidcProviderRecord decode(RegisterName register, String json) {
        JsonNode node = JsonReader.stored(json);
        JsonNode keys = node.get("keys");
        return new OidcProviderRecord(
                register.account(),
                register.last(),
                texts(node.required("clientIds")),
                texts(node.required("thumbprints")),
                IdentityRecord.texts(node.get("tags")),
                Instant.ofEpochMilli(node.required("created").longValue()),
                keys == null ? null : keys.stringValue(),
                node.has("deleted"),
                node.required("request").stringValue());
    }

    private static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        node.forEach(element -> texts.add(element.stringValue()));
        return texts;
    }
}

package org.keymoot.access;

import java.time.Instant;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// A name for a key, as its register holds it.
///
/// It keeps true: the register's name says which alias it is; the target is a key of the same account and Region.
///
/// @param name with its prefix, `alias/…`
/// @param deleted true for a tombstone
/// @param requestDigest the signed request that wrote this version, so that its exact retry is recognised
public record AliasRecord(
        String account,
        String region,
        String name,
        String targetKeyId,
        Instant createdAt,
        Instant updatedAt,
        boolean deleted,
        String requestDigest) {

    public RegisterName register() {
        return RegisterName.alias(account, region, name);
    }

    public String arn() {
        return "arn:aws:kms:" + region + ":" + account + ":" + name;
    }

    public RegisterName target() {
        return RegisterName.key(account, region, targetKeyId);
    }

    AliasRecord retargeted(String keyId, Instant now, String request) {
        return new AliasRecord(account, region, name, keyId, createdAt, now, false, request);
    }

    AliasRecord removed(Instant now, String request) {
        return new AliasRecord(account, region, name, targetKeyId, createdAt, now, true, request);
    }

    /// The register's content.
    public String json() {
        CanonicalJson.ObjectBuilder object = CanonicalJson.object()
                .put("created", createdAt.toEpochMilli())
                .put("request", requestDigest)
                .put("target", targetKeyId)
                .put("updated", updatedAt.toEpochMilli());
        if (deleted) {
            object.put("deleted", true);
        }
        return object.text();
    }

    public static AliasRecord decode(RegisterName register, String json) {
        JsonNode node = JsonReader.stored(json);
        return new AliasRecord(
                register.account(),
                register.region(),
                "alias/" + register.last(),
                node.required("target").stringValue(),
                Instant.ofEpochMilli(node.required("created").longValue()),
                Instant.ofEpochMilli(node.required("updated").longValue()),
                node.has("deleted"),
                node.required("request").stringValue());
    }
}

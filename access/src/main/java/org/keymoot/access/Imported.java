package org.keymoot.access;

import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.CanonicalJson;
import tools.jackson.databind.JsonNode;

/// What is known of material because a client brought it.
///
/// @param epoch the version of the key's register at which it was shared among the parties; each import shares anew
/// @param sharing 64 hexadecimal digits that tell this sharing from every other of the same material
/// @param present false once it is deleted or has expired: no party has a share of it any more
/// @param validTo when it expires; null for never
/// @param description the client's, possibly empty
/// @param dealer the party that had the key whole while it shared it; 0 where the client did that, so that none had
public record Imported(
        long epoch,
        String sharing,
        boolean present,
        @Nullable Instant validTo,
        String description,
        int dealer) {
    private static final Pattern SHARING = Pattern.compile("[0-9a-f]{64}");

    public Imported {
        if (epoch < 1 || !SHARING.matcher(sharing).matches()) {
            throw new IllegalArgumentException("imported material has a sharing of its own, not '" + sharing + "'");
        }
    }

    boolean isExpired(Instant now) {
        return present && validTo != null && !now.isBefore(validTo);
    }

    Imported gone() {
        return new Imported(epoch, sharing, false, null, description, dealer);
    }

    CanonicalJson.ObjectBuilder json() {
        CanonicalJson.ObjectBuilder object =
                CanonicalJson.object().put("dealer", dealer).put("epoch", epoch).put("sharing", sharing);
        if (!present) {
            object.put("gone", true);
        }
        if (validTo != null) {
            object.put("validTo", validTo.toEpochMilli());
        }
        if (!description.isEmpty()) {
            object.put("description", description);
        }
        return object;
    }

    static Imported decode(JsonNode node) {
        JsonNode validTo = node.get("validTo");
        JsonNode description = node.get("description");
        return new Imported(
                node.required("epoch").longValue(),
                node.required("sharing").stringValue(),
                !node.has("gone"),
                validTo == null ? null : Instant.ofEpochMilli(validTo.longValue()),
                description == null ? "" : description.stringValue(),
                node.required("dealer").intValue());
    }

    /// False only for a key none of whose materials can expire; told from the text alone.
    static boolean mayExpire(String json) {
        return json.contains("\"validTo\":");
    }
}

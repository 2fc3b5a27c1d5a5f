package org.keymoot.access.ethereum;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What another library computed (`testkit/tools/ethereum/vectors.mjs`).
final class Published {
    private Published() {}

    static List<JsonNode> vectors(String kind) {
        try (InputStream file = Published.class.getResourceAsStream("/ethereum-vectors.json")) {
            JsonNode all = JsonMapper.builder().build().readTree(java.util.Objects.requireNonNull(file));
            return List.copyOf(all.required(kind).values());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(JsonNode vector, String member) {
        return vector.required(member).stringValue();
    }

    static byte[] bytes(JsonNode vector, String member) throws InvalidEthereumData {
        return Hex.bytes(text(vector, member));
    }

    static Point publicKey(JsonNode vector) throws InvalidEthereumData, InvalidEncodingException {
        return Group.of(GroupId.SECP256K1).decode(bytes(vector, "publicKey"));
    }
}

package org.keymoot.access;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// The members of a request's JSON body, checked as AWS's model describes them.
///
/// It keeps true: a member of a wrong type fails at once with SerializationException; breaches of constraints are
/// collected and reported together by [#check], so nothing that was read may be used before that call. Members
/// that the model does not have are ignored, as AWS does.
final class Input {
    /// Most elements of a list of tags or of their keys. AWS's model has no limit; a key has 50 tags at most.
    static final int MAXIMUM_TAGS = 200;

    private final JsonNode body;
    private final String parent;
    private final Breaches breaches;

    private Input(JsonNode body, String parent, Breaches breaches) {
        this.body = body;
        this.parent = parent;
        this.breaches = breaches;
    }

    /// One tag of a request.
    record Tag(String key, String value) {}

    static Input read(byte[] json) {
        JsonNode body;
        try {
            body = JsonReader.read(json);
        } catch (InvalidJsonException e) {
            throw new AwsException(AwsError.serialization("The request body is not valid JSON: " + e.getMessage()));
        }
        if (!body.isObject()) {
            throw new AwsException(AwsError.serialization("The request body must be a JSON object"));
        }
        return new Input(body, "", new Breaches());
    }

    /// All members, unchecked.
    JsonNode body() {
        return body;
    }

    /// Reports what is wrong with what was read so far.
    void check() {
        String message = breaches.message();
        if (message != null) {
            throw new AwsException(AwsError.validation(message));
        }
    }

    String requiredText(String member, int minimum, int maximum, @Nullable Pattern pattern) {
        String text = text(member, minimum, maximum, pattern);
        if (text == null) {
            breaches.absent(path(member));
            return "";
        }
        return text;
    }

    @Nullable String text(String member, int minimum, int maximum, @Nullable Pattern pattern) {
        JsonNode node = member(member);
        if (node == null) {
            return null;
        }
        String text = string(node);
        breaches.constrain(text, path(member), minimum, maximum, pattern);
        return text;
    }

    String requiredChoice(String member, List<String> values) {
        String text = choice(member, values);
        if (text == null) {
            breaches.absent(path(member));
            return "";
        }
        return text;
    }

    @Nullable String choice(String member, List<String> values) {
        JsonNode node = member(member);
        if (node == null) {
            return null;
        }
        String text = string(node);
        if (!values.contains(text)) {
            breaches.add(text, path(member), "Member must satisfy enum value set: " + values);
        }
        return text;
    }

    byte[] requiredBlob(String member, int minimum, int maximum) {
        JsonNode node = member(member);
        if (node == null) {
            breaches.absent(path(member));
            return new byte[0];
        }
        byte[] blob;
        String text = string(node);
        try {
            if (text.length() % 4 != 0) {
                throw new IllegalArgumentException("the length of Base64 is a multiple of four");
            }
            blob = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new AwsException(AwsError.serialization("The member '" + path(member) + "' is not valid Base64"));
        }
        if (blob.length < minimum) {
            breaches.add(null, path(member), "Member must have length greater than or equal to " + minimum);
        } else if (blob.length > maximum) {
            breaches.add(null, path(member), "Member must have length less than or equal to " + maximum);
        }
        return blob;
    }

    @Nullable Integer number(String member, int minimum, int maximum) {
        JsonNode node = member(member);
        if (node == null) {
            return null;
        }
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw wrongType(node, "an Integer");
        }
        int value = node.intValue();
        if (value < minimum) {
            breaches.add(
                    Integer.toString(value),
                    path(member),
                    "Member must have value greater than or equal to " + minimum);
        } else if (value > maximum) {
            breaches.add(
                    Integer.toString(value), path(member), "Member must have value less than or equal to " + maximum);
        }
        return value;
    }

    /// An instant, which AWS sends as seconds since 1970 with a fraction; here in whole milliseconds.
    @Nullable Instant timestamp(String member) {
        JsonNode node = member(member);
        if (node == null) {
            return null;
        }
        if (!node.isNumber()) {
            throw wrongType(node, "a Timestamp");
        }
        double millis = node.doubleValue() * 1000;
        if (!(Math.abs(millis) < 1e15)) {
            throw wrongType(node, "a Timestamp");
        }
        return Instant.ofEpochMilli(Math.round(millis));
    }

    boolean flag(String member) {
        JsonNode node = member(member);
        if (node == null) {
            return false;
        }
        if (!node.isBoolean()) {
            throw wrongType(node, "a Boolean");
        }
        return node.booleanValue();
    }

    List<Tag> tags(String member, boolean required) {
        JsonNode node = member(member);
        if (node == null) {
            if (required) {
                breaches.absent(path(member));
            }
            return List.of();
        }
        List<Tag> tags = new ArrayList<>();
        for (JsonNode element : elements(node)) {
            if (!element.isObject()) {
                throw wrongType(element, "a structure");
            }
            String where = path(member) + "." + (tags.size() + 1) + ".member.";
            JsonNode key = present(element.get("TagKey"));
            JsonNode value = present(element.get("TagValue"));
            if (key == null) {
                breaches.absent(where + "tagKey");
            }
            if (value == null) {
                breaches.absent(where + "tagValue");
            }
            String keyText = key == null ? "" : string(key);
            String valueText = value == null ? "" : string(value);
            if (key != null) {
                breaches.constrain(keyText, where + "tagKey", 1, 128, null);
            }
            breaches.constrain(valueText, where + "tagValue", 0, 256, null);
            tags.add(new Tag(keyText, valueText));
        }
        requireFew(tags, member, MAXIMUM_TAGS);
        return tags;
    }

    List<String> texts(String member, boolean required, int maximumCount, int minimum, int maximum) {
        JsonNode node = member(member);
        if (node == null) {
            if (required) {
                breaches.absent(path(member));
            }
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : elements(node)) {
            String text = string(element);
            breaches.constrain(text, path(member) + "." + (texts.size() + 1) + ".member", minimum, maximum, null);
            texts.add(text);
        }
        requireFew(texts, member, maximumCount);
        return texts;
    }

    private void requireFew(List<?> list, String member, int maximumCount) {
        if (list.size() > maximumCount) {
            breaches.add(null, path(member), "Member must have length less than or equal to " + maximumCount);
        }
    }

    /// A list of values of an enumeration.
    List<String> choices(String member, boolean required, List<String> values) {
        JsonNode node = member(member);
        if (node == null) {
            if (required) {
                breaches.absent(path(member));
            }
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : elements(node)) {
            texts.add(string(element));
        }
        if (!values.containsAll(texts)) {
            breaches.add(
                    texts.toString(),
                    path(member),
                    "Member must satisfy constraint: [Member must satisfy enum value set: " + values + "]");
        }
        return texts;
    }

    /// The members of a structure within the body; what is wrong with them is reported with the rest.
    @Nullable Input structure(String member) {
        JsonNode node = member(member);
        if (node == null) {
            return null;
        }
        if (!node.isObject()) {
            throw wrongType(node, "a structure");
        }
        return new Input(node, path(member) + ".", breaches);
    }

    /// A map from text to text.
    @Nullable Map<String, String> textMap(String member) {
        JsonNode node = member(member);
        if (node == null) {
            return null;
        }
        if (!node.isObject()) {
            throw wrongType(node, "a map");
        }
        Map<String, String> map = new TreeMap<>();
        node.properties().forEach(pair -> map.put(pair.getKey(), string(pair.getValue())));
        return map;
    }

    private @Nullable JsonNode member(String name) {
        return present(body.get(name));
    }

    private static @Nullable JsonNode present(@Nullable JsonNode node) {
        return node == null || node.isNull() ? null : node;
    }

    private static String string(JsonNode node) {
        if (!node.isString()) {
            throw wrongType(node, "a String");
        }
        return node.stringValue();
    }

    private static JsonNode elements(JsonNode node) {
        if (!node.isArray()) {
            throw wrongType(node, "a list");
        }
        return node;
    }

    private static AwsException wrongType(JsonNode node, String expected) {
        if (node.isObject()) {
            return new AwsException(AwsError.serialization("Start of structure or map found where not expected."));
        }
        if (node.isArray()) {
            return new AwsException(AwsError.serialization("Start of list found where not expected"));
        }
        String found = node.isNumber()
                ? "NUMBER_VALUE"
                : node.isBoolean() ? (node.booleanValue() ? "TRUE_VALUE" : "FALSE_VALUE") : "STRING_VALUE";
        return new AwsException(AwsError.serialization(found + " can not be converted to " + expected));
    }

    /// A member's name as AWS shows it in messages: with a small first letter.
    private String path(String member) {
        return parent + member.substring(0, 1).toLowerCase(Locale.ROOT) + member.substring(1);
    }
}

package org.keymoot.access.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads JSON strictly: RFC 8259 without any leniency, valid UTF-8, each member once, no unpaired surrogates,
/// nothing after the value, and bounded depth, size and count of tokens.
public final class JsonReader {
    /// Deepest nesting that is read.
    public static final int MAXIMUM_DEPTH = 32;
    /// Most tokens that are read.
    public static final int MAXIMUM_TOKENS = 100_000;
    /// Longest text that is read, in characters.
    public static final int MAXIMUM_LENGTH = 2 << 20;
    /// Longest number, in characters; no member of any request needs more.
    public static final int MAXIMUM_NUMBER_LENGTH = 32;
    /// Longest member name, in characters.
    public static final int MAXIMUM_NAME_LENGTH = 512;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAXIMUM_DEPTH)
                            .maxTokenCount(MAXIMUM_TOKENS)
                            .maxDocumentLength(MAXIMUM_LENGTH)
                            .maxStringLength(MAXIMUM_LENGTH)
                            .maxNumberLength(MAXIMUM_NUMBER_LENGTH)
                            .maxNameLength(MAXIMUM_NAME_LENGTH)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private JsonReader() {}

    /// Reads bytes from outside.
    public static JsonNode read(byte[] utf8) throws InvalidJsonException {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InvalidJsonException("the text is not valid UTF-8");
        }
        return read(text);
    }

    /// Reads a text from outside.
    public static JsonNode read(String text) throws InvalidJsonException {
        if (text.length() > MAXIMUM_LENGTH) {
            throw new InvalidJsonException("the text is longer than " + MAXIMUM_LENGTH + " characters");
        }
        JsonNode node;
        try {
            node = MAPPER.readTree(text);
        } catch (JacksonException e) {
            throw new InvalidJsonException(describe(e));
        }
        if (node == null || node.isMissingNode()) {
            throw new InvalidJsonException("the text is empty");
        }
        refuseUnpairedSurrogates(node);
        return node;
    }

    /// Reads a register's content, which this software wrote.
    ///
    /// @throws IllegalStateException when it is not JSON: the store is damaged
    public static JsonNode stored(String json) {
        try {
            return read(json);
        } catch (InvalidJsonException e) {
            throw new IllegalStateException("a register holds damaged content: " + e.getMessage(), e);
        }
    }

    /// What is wrong, in words that repeat nothing of the text: it may be a plaintext, and the words reach logs.
    private static String why(JacksonException e) {
        String message = String.valueOf(e.getOriginalMessage());
        if (e instanceof StreamConstraintsException) {
            return "it is larger than what is read";
        }
        if (message.startsWith("Duplicate")) {
            return "a member occurs twice";
        }
        return message.startsWith("Unexpected end-of-input") ? "it ends too early" : "it is not well-formed";
    }

    private static String describe(JacksonException e) {
        @Nullable TokenStreamLocation location = e.getLocation();
        String where =
                location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
        return why(e) + where;
    }

    private static void refuseUnpairedSurrogates(JsonNode node) throws InvalidJsonException {
        if (node.isString()) {
            refuseUnpairedSurrogates(node.stringValue());
        } else if (node.isObject()) {
            for (var member : node.properties()) {
                refuseUnpairedSurrogates(member.getKey());
                refuseUnpairedSurrogates(member.getValue());
            }
        } else if (node.isArray()) {
            for (JsonNode element : node) {
                refuseUnpairedSurrogates(element);
            }
        }
    }

    private static void refuseUnpairedSurrogates(String text) throws InvalidJsonException {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new InvalidJsonException("a string holds half of a surrogate pair");
            }
        }
    }
}

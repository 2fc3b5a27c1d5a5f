package org.keymoot.access.iam;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;

/// Writes the XML of the Query protocol.
///
/// It keeps true: whatever text goes in, what comes out is well-formed XML 1.0; characters that XML cannot carry
/// become U+FFFD.
public final class Xml {
    private final StringBuilder out = new StringBuilder();

    /// A whole answer around the content of its result.
    ///
    /// @param result null for no result element
    public static String answer(String namespace, String action, @Nullable String result, String requestId) {
        String body = result == null ? "" : "  <" + action + "Result>" + result + "</" + action + "Result>\n";
        return "<" + action + "Response xmlns=\"" + namespace + "\">\n" + body + "  <ResponseMetadata>\n    <RequestId>"
                + escaped(requestId) + "</RequestId>\n  </ResponseMetadata>\n</" + action + "Response>\n";
    }

    /// A whole refusal.
    public static String error(String namespace, AwsError error, String requestId) {
        String message = Objects.requireNonNullElse(error.message(), "");
        return "<ErrorResponse xmlns=\"" + namespace + "\">\n  <Error>\n    <Type>"
                + (error.status() < 500 ? "Sender" : "Receiver") + "</Type>\n    <Code>" + escaped(error.type())
                + "</Code>\n    <Message>" + escaped(message) + "</Message>\n  </Error>\n  <RequestId>"
                + escaped(requestId) + "</RequestId>\n</ErrorResponse>\n";
    }

    Xml put(String name, String value) {
        out.append('<').append(name).append('>');
        out.append(escaped(value));
        out.append("</").append(name).append('>');
        return this;
    }

    Xml putIfPresent(String name, @Nullable String value) {
        return value == null ? this : put(name, value);
    }

    Xml put(String name, long value) {
        return put(name, Long.toString(value));
    }

    Xml put(String name, boolean value) {
        return put(name, Boolean.toString(value));
    }

    Xml put(String name, Instant value) {
        return put(name, value.truncatedTo(ChronoUnit.SECONDS).toString());
    }

    Xml put(String name, Xml content) {
        out.append('<').append(name).append('>');
        out.append(content.out);
        out.append("</").append(name).append('>');
        return this;
    }

    /// Adds text.
    Xml putText(String text) {
        out.append(escaped(text));
        return this;
    }

    /// Adds elements as they are.
    Xml put(Xml content) {
        out.append(content.out);
        return this;
    }

    /// A list, whose elements AWS calls `member`.
    <T> Xml list(String name, Collection<T> elements, BiConsumer<Xml, T> writer) {
        Xml members = new Xml();
        elements.forEach(element -> members.member(element, writer));
        return put(name, members);
    }

    /// One element of such a list.
    <T> Xml member(T element, BiConsumer<Xml, T> writer) {
        Xml member = new Xml();
        writer.accept(member, element);
        return put("member", member);
    }

    /// The same with texts as elements.
    Xml texts(String name, Collection<String> elements) {
        Xml members = new Xml();
        elements.forEach(element -> members.put("member", element));
        return put(name, members);
    }

    int length() {
        return out.length();
    }

    String text() {
        return out.toString();
    }

    private static String escaped(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                case '\r' -> out.append("&#13;");
                default -> out.appendCodePoint(isLegal(c) ? c : 0xfffd);
            }
        });
        return out.toString();
    }

    /// XML 1.0, production 2.
    private static boolean isLegal(int c) {
        return c == '\t'
                || c == '\n'
                || (c >= 0x20 && c <= 0xd7ff)
                || (c >= 0xe000 && c <= 0xfffd)
                || (c >= 0x10000 && c <= 0x10ffff);
    }
}

package org.keymoot.access.iam;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.access.AwsException;
import org.keymoot.access.Breaches;

/// The parameters of a question in the Query protocol, checked as AWS's model describes them.
///
/// It keeps true: each parameter occurs once and is valid UTF-8; breaches of constraints are collected and reported
/// together by [#check], so nothing that was read may be used before that call. Parameters that the model does not
/// have are ignored, as AWS does.
public final class Form {
    /// Most parameters of one question.
    static final int MAXIMUM_PARAMETERS = 2000;

    private final Map<String, String> parameters;
    private final Breaches breaches = new Breaches();

    private Form(Map<String, String> parameters) {
        this.parameters = parameters;
    }

    /// Reads a form.
    ///
    /// @throws AwsException when it is none
    public static Form read(byte[] body) {
        Map<String, String> parameters = new TreeMap<>();
        String raw = new String(body, StandardCharsets.ISO_8859_1);
        for (String pair : raw.split("&", MAXIMUM_PARAMETERS + 2)) {
            if (pair.isEmpty()) {
                continue;
            }
            if (parameters.size() == MAXIMUM_PARAMETERS) {
                throw malformed("it has more than " + MAXIMUM_PARAMETERS + " parameters");
            }
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
            if (parameters.putIfAbsent(name, value) != null) {
                throw malformed("a parameter occurs more than once");
            }
        }
        return new Form(parameters);
    }

    private static String decode(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '+') {
                out.write(' ');
            } else if (c != '%') {
                out.write(c);
            } else if (i + 2 < text.length()
                    && HexFormat.isHexDigit(text.charAt(i + 1))
                    && HexFormat.isHexDigit(text.charAt(i + 2))) {
                out.write(HexFormat.fromHexDigit(text.charAt(i + 1)) << 4 | HexFormat.fromHexDigit(text.charAt(i + 2)));
                i += 2;
            } else {
                throw malformed("it has a broken percent escape");
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(out.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed("it is not valid UTF-8");
        }
    }

    private static AwsException malformed(String why) {
        return new AwsException(AwsError.of("MalformedInput", "The form cannot be read: " + why + "."));
    }

    /// All parameters, unchecked.
    Map<String, String> parameters() {
        return Collections.unmodifiableMap(parameters);
    }

    /// The value as it came; null when the parameter is absent.
    @Nullable String raw(String name) {
        return parameters.get(name);
    }

    /// Reports what is wrong with what was read so far.
    void check() {
        String message = breaches.message();
        if (message != null) {
            throw new AwsException(AwsError.of("ValidationError", message));
        }
    }

    String required(String name, int minimum, int maximum, @Nullable Pattern pattern) {
        String text = text(name, minimum, maximum, pattern);
        if (text == null) {
            breaches.absent(path(name));
            return "";
        }
        return text;
    }

    @Nullable String text(String name, int minimum, int maximum, @Nullable Pattern pattern) {
        String text = parameters.get(name);
        if (text != null) {
            breaches.constrain(text, path(name), minimum, maximum, pattern);
        }
        return text;
    }

    String choice(String name, List<String> values, @Nullable String standard) {
        String text = parameters.get(name);
        if (text == null) {
            if (standard == null) {
                breaches.absent(path(name));
                return "";
            }
            return standard;
        }
        if (!values.contains(text)) {
            breaches.add(text, path(name), "Member must satisfy enum value set: " + values);
        }
        return text;
    }

    int number(String name, int minimum, int maximum, int standard) {
        String text = parameters.get(name);
        if (text == null) {
            return standard;
        }
        if (!text.matches("-?[0-9]{1,9}")) {
            throw malformed("the value of " + name + " is no number");
        }
        int value = Integer.parseInt(text);
        if (value < minimum) {
            breaches.add(text, path(name), "Member must have value greater than or equal to " + minimum);
        } else if (value > maximum) {
            breaches.add(text, path(name), "Member must have value less than or equal to " + maximum);
        }
        return value;
    }

    boolean flag(String name) {
        String text = parameters.get(name);
        if (text == null) {
            return false;
        }
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw malformed("the value of " + name + " is neither true nor false");
        };
    }

    /// The texts `name.member.1`, `name.member.2` and so on.
    List<String> texts(String name, int minimum, int maximum) {
        return members(name, prefix -> {
            String text = parameters.get(prefix);
            if (text != null) {
                breaches.constrain(text, path(prefix), minimum, maximum, null);
            }
            return text;
        });
    }

    /// The elements `name.member.1…` as long as `reader` finds one.
    ///
    /// @param reader given an element's prefix, without the last dot; null when there is no such element
    <T> List<T> members(String name, Function<String, @Nullable T> reader) {
        List<T> members = new ArrayList<>();
        while (members.size() < MAXIMUM_PARAMETERS) {
            T member = reader.apply(name + ".member." + (members.size() + 1));
            if (member == null) {
                return members;
            }
            members.add(member);
        }
        return members;
    }

    /// The tags of a request, of which none may repeat in any case of letters.
    Map<String, String> tags(String name, boolean required) {
        Map<String, String> tags = new TreeMap<>();
        List<String> keys = members(name, prefix -> {
            String key = parameters.get(prefix + ".Key");
            String value = parameters.get(prefix + ".Value");
            if (key == null && value == null) {
                return null;
            }
            if (key == null) {
                breaches.absent(path(prefix) + ".key");
                return "";
            }
            breaches.constrain(key, path(prefix) + ".key", 1, 128, TAG);
            if (value == null) {
                breaches.absent(path(prefix) + ".value");
            } else {
                breaches.constrain(value, path(prefix) + ".value", 0, 256, TAG);
            }
            tags.put(key, value == null ? "" : value);
            return key;
        });
        if (keys.isEmpty() && required) {
            breaches.absent(path(name));
        }
        long distinct = keys.stream()
                .map(key -> key.toLowerCase(java.util.Locale.ROOT))
                .distinct()
                .count();
        if (distinct != keys.size()) {
            throw new AwsException(AwsError.of(
                    "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive."));
        }
        return tags;
    }

    private static final Pattern TAG = Pattern.compile("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*");

    /// A parameter's name as AWS shows it in messages: with a small first letter.
    private static String path(String name) {
        return name.isEmpty() ? name : Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }
}

package org.keymoot.platform.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations as they are written in a file: a whole number with its unit, `250ms`, `30s`, `15m`, `12h`, `90d`.
public final class Durations {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)");

    private Durations() {}

    /// @throws IllegalArgumentException when it is not a whole number with a unit
    public static Duration parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "a duration is a whole number with its unit, such as 250ms, 30s, 15m, 12h or 90d");
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    /// The shortest spelling that [#parse] reads back.
    public static String format(Duration duration) {
        if (duration.toMillis() % 1000 != 0) {
            return duration.toMillis() + "ms";
        }
        long seconds = duration.toSeconds();
        if (seconds % 86_400 == 0 && seconds > 0) {
            return duration.toDays() + "d";
        }
        if (seconds % 3600 == 0 && seconds > 0) {
            return duration.toHours() + "h";
        }
        return seconds % 60 == 0 && seconds > 0 ? duration.toMinutes() + "m" : seconds + "s";
    }
}

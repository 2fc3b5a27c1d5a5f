package org.keymoot.access.policy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Instants as policies write them: ISO 8601 from the year down to nanoseconds, or seconds since 1970.
final class Dates {
    private static final Pattern EPOCH = Pattern.compile("[0-9]{1,19}");
    private static final Pattern ISO = Pattern.compile("(-?[0-9]{1,9})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?"
            + "(?:[Tt](?:([0-9]{1,2})(?::([0-9]{1,2})(?::([0-9]{1,2})(?:\\.([0-9]{1,9}))?)?)?"
            + "([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?)?");

    private Dates() {}

    /// @return null when the text is neither; a text of digits only is a number of seconds, not a year
    static @Nullable Instant parse(String text) {
        if (EPOCH.matcher(text).matches()) {
            try {
                return Instant.ofEpochSecond(Math.min(Long.parseLong(text), Instant.MAX.getEpochSecond()));
            } catch (NumberFormatException e) {
                return null;
            }
        }
        Matcher iso = ISO.matcher(text);
        if (!iso.matches()) {
            return null;
        }
        try {
            LocalDate date = LocalDate.of(number(iso.group(1), 0), number(iso.group(2), 1), number(iso.group(3), 1));
            int nanos = iso.group(7) == null ? 0 : Integer.parseInt((iso.group(7) + "00000000").substring(0, 9));
            LocalTime time =
                    LocalTime.of(number(iso.group(4), 0), number(iso.group(5), 0), number(iso.group(6), 0), nanos);
            return date.atTime(time).toInstant(ZoneOffset.UTC).minusSeconds(offset(iso.group(8)));
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static int number(@Nullable String digits, int absent) {
        return digits == null ? absent : Integer.parseInt(digits);
    }

    private static int offset(@Nullable String text) {
        if (text == null || text.equalsIgnoreCase("Z")) {
            return 0;
        }
        int hours = Integer.parseInt(text.substring(1, 3));
        int minutes = text.length() > 3 ? Integer.parseInt(text.substring(text.length() - 2)) : 0;
        if (hours > 23 || minutes > 59) {
            throw new DateTimeException("an offset of more than a day");
        }
        int seconds = (hours * 60 + minutes) * 60;
        return text.charAt(0) == '-' ? -seconds : seconds;
    }
}

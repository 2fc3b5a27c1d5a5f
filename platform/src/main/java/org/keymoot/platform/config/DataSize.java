package org.keymoot.platform.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A number of bytes that is written with its unit: `512B`, `64KiB`, `10MiB`, `2GiB`.
public record DataSize(long bytes) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,15})\\s*(B|KiB|MiB|GiB|TiB)");

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size is not negative: " + bytes);
        }
    }

    /// @throws IllegalArgumentException when it is not a whole number with a unit
    public static DataSize parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "a size is a whole number with its unit, such as 512B, 64KiB, 10MiB or 2GiB");
        }
        int shift = switch (matcher.group(2)) {
            case "B" -> 0;
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> 40;
        };
        return new DataSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift));
    }

    @Override
    public String toString() {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        long amount = bytes;
        while (unit < units.length - 1 && amount > 0 && amount % 1024 == 0) {
            amount /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%d%s", amount, units[unit]);
    }
}

package org.keymoot.cli.ethereum;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;

/// Amounts of Ethereum's currency as people write them: `0.5`, `0.5ether`, `20gwei`, `1000wei`.
public final class Amounts {
    private static final Pattern SHAPE = Pattern.compile("([0-9]{1,40}(?:\\.[0-9]{1,18})?) ?(ether|eth|gwei|wei)?");
    private static final Map<String, Integer> DECIMALS = Map.of("ether", 18, "eth", 18, "gwei", 9, "wei", 0);

    private Amounts() {}

    /// @param unit what a bare number is in: `ether`, `gwei` or `wei`
    public static BigInteger parse(String text, String unit) {
        Matcher matcher = SHAPE.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (matcher.matches()) {
            String given = matcher.group(2) == null ? unit : matcher.group(2);
            try {
                return new BigDecimal(matcher.group(1))
                        .movePointRight(DECIMALS.getOrDefault(given, 0))
                        .toBigIntegerExact();
            } catch (ArithmeticException e) {
                throw new CliFailure(
                        ExitCode.USAGE, "'%s' is less than one wei exact".formatted(text), "write fewer decimals", e);
            }
        }
        throw new CliFailure(
                ExitCode.USAGE, "'%s' is no amount".formatted(text), "write it like 0.5, 0.5ether, 20gwei or 1000wei");
    }

    /// In ether, without zeros at the end.
    public static String ether(BigInteger wei) {
        BigDecimal ether = new BigDecimal(wei).movePointLeft(18).stripTrailingZeros();
        return (ether.scale() < 0 ? ether.setScale(0) : ether).toPlainString();
    }
}

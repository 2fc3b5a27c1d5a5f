package org.keymoot.access.policy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The operators of conditions, without the words before and after them.
///
/// It keeps true: a value of a policy that its operator cannot compare is refused when the document is read, and a
/// value of a request that it cannot compare is a fault, never a silent no.
enum Operator {
    STRING_EQUALS("StringEquals", false),
    STRING_NOT_EQUALS("StringNotEquals", true),
    STRING_EQUALS_IGNORE_CASE("StringEqualsIgnoreCase", false),
    STRING_NOT_EQUALS_IGNORE_CASE("StringNotEqualsIgnoreCase", true),
    STRING_LIKE("StringLike", false),
    STRING_NOT_LIKE("StringNotLike", true),
    NUMERIC_EQUALS("NumericEquals", false),
    NUMERIC_NOT_EQUALS("NumericNotEquals", true),
    NUMERIC_LESS_THAN("NumericLessThan", false),
    NUMERIC_LESS_THAN_EQUALS("NumericLessThanEquals", false),
    NUMERIC_GREATER_THAN("NumericGreaterThan", false),
    NUMERIC_GREATER_THAN_EQUALS("NumericGreaterThanEquals", false),
    DATE_EQUALS("DateEquals", false),
    DATE_NOT_EQUALS("DateNotEquals", true),
    DATE_LESS_THAN("DateLessThan", false),
    DATE_LESS_THAN_EQUALS("DateLessThanEquals", false),
    DATE_GREATER_THAN("DateGreaterThan", false),
    DATE_GREATER_THAN_EQUALS("DateGreaterThanEquals", false),
    BOOL("Bool", false),
    BINARY_EQUALS("BinaryEquals", false),
    IP_ADDRESS("IpAddress", false),
    NOT_IP_ADDRESS("NotIpAddress", true),
    ARN_EQUALS("ArnEquals", false),
    ARN_LIKE("ArnLike", false),
    ARN_NOT_EQUALS("ArnNotEquals", true),
    ARN_NOT_LIKE("ArnNotLike", true),
    NULL("Null", false);

    private static final Map<String, Operator> BY_NAME =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(Operator::aws, operator -> operator));
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,30}(\\.[0-9]{1,30})?");

    private final String aws;
    private final boolean negated;

    Operator(String aws, boolean negated) {
        this.aws = aws;
        this.negated = negated;
    }

    static @Nullable Operator find(String aws) {
        return BY_NAME.get(aws);
    }

    String aws() {
        return aws;
    }

    /// Whether it holds when no value matches, instead of when one does.
    boolean negated() {
        return negated;
    }

    /// Compares one value of a request with one value of the policy, without the negation.
    @FunctionalInterface
    interface Test {
        Answer holds(String found, RequestValues values);
    }

    /// Reads a value of a policy.
    ///
    /// @param variables whether the document's version knows policy variables
    Test read(String wanted, boolean variables) throws MalformedPolicyException {
        return switch (this) {
            case STRING_EQUALS, STRING_NOT_EQUALS -> {
                Glob glob = Glob.compile(wanted, new Glob.Syntax(false, variables));
                yield pattern(glob, glob::matches);
            }
            case STRING_EQUALS_IGNORE_CASE, STRING_NOT_EQUALS_IGNORE_CASE -> {
                Glob glob = Glob.compile(wanted, new Glob.Syntax(false, variables));
                yield pattern(glob, glob::matchesIgnoringCase);
            }
            case STRING_LIKE, STRING_NOT_LIKE -> {
                Glob glob = Glob.compile(wanted, new Glob.Syntax(true, variables));
                yield pattern(glob, glob::matches);
            }
            case ARN_EQUALS, ARN_LIKE, ARN_NOT_EQUALS, ARN_NOT_LIKE -> {
                Glob glob = Glob.compile(wanted, new Glob.Syntax(true, variables));
                if (!glob.mayBeArn()) {
                    throw MalformedPolicyException.legacy();
                }
                yield pattern(glob, glob::matchesArn);
            }
            case NUMERIC_EQUALS, NUMERIC_NOT_EQUALS -> ordered(wanted, Operator::number, order -> order == 0);
            case NUMERIC_LESS_THAN -> ordered(wanted, Operator::number, order -> order < 0);
            case NUMERIC_LESS_THAN_EQUALS -> ordered(wanted, Operator::number, order -> order <= 0);
            case NUMERIC_GREATER_THAN -> ordered(wanted, Operator::number, order -> order > 0);
            case NUMERIC_GREATER_THAN_EQUALS -> ordered(wanted, Operator::number, order -> order >= 0);
            case DATE_EQUALS, DATE_NOT_EQUALS -> ordered(wanted, Operator::date, order -> order == 0);
            case DATE_LESS_THAN -> ordered(wanted, Operator::date, order -> order < 0);
            case DATE_LESS_THAN_EQUALS -> ordered(wanted, Operator::date, order -> order <= 0);
            case DATE_GREATER_THAN -> ordered(wanted, Operator::date, order -> order > 0);
            case DATE_GREATER_THAN_EQUALS -> ordered(wanted, Operator::date, order -> order >= 0);
            case BOOL, NULL -> same(wanted, Operator::truth);
            case BINARY_EQUALS -> {
                byte[] expected = required(bytes(wanted));
                yield (found, values) -> {
                    byte[] actual = bytes(found);
                    return actual == null ? Answer.FAULT : Answer.of(Arrays.equals(expected, actual));
                };
            }
            case IP_ADDRESS, NOT_IP_ADDRESS -> {
                AddressRange range = required(AddressRange.parse(wanted));
                yield (found, values) -> {
                    AddressRange address = AddressRange.parse(found);
                    return address == null || !address.isSingle() ? Answer.FAULT : Answer.of(range.contains(address));
                };
            }
        };
    }

    private static Test pattern(Glob glob, BiPredicate<String, RequestValues> matches) {
        return (found, values) -> glob.isUnclear(values) ? Answer.FAULT : Answer.of(matches.test(found, values));
    }

    private interface Order {
        boolean holds(int order);
    }

    private static <T extends Comparable<T>> Test ordered(
            String wanted, Function<String, @Nullable T> reader, Order order) throws MalformedPolicyException {
        T expected = required(reader.apply(wanted));
        return (found, values) -> {
            T actual = reader.apply(found);
            return actual == null ? Answer.FAULT : Answer.of(order.holds(actual.compareTo(expected)));
        };
    }

    private static <T> Test same(String wanted, Function<String, @Nullable T> reader) throws MalformedPolicyException {
        T expected = required(reader.apply(wanted));
        return (found, values) -> {
            T actual = reader.apply(found);
            return actual == null ? Answer.FAULT : Answer.of(actual.equals(expected));
        };
    }

    private static <T> T required(@Nullable T value) throws MalformedPolicyException {
        if (value == null) {
            throw MalformedPolicyException.legacy();
        }
        return value;
    }

    private static @Nullable BigDecimal number(String text) {
        return NUMBER.matcher(text).matches() ? new BigDecimal(text) : null;
    }

    private static @Nullable Instant date(String text) {
        return Dates.parse(text);
    }

    static @Nullable Boolean truth(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> null;
        };
    }

    private static byte @Nullable [] bytes(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}

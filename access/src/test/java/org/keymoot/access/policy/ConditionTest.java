package org.keymoot.access.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each operator on values that match, do not match, are absent, empty or several.
final class ConditionTest {
    private static Answer answer(String operator, String wanted, String found) throws MalformedPolicyException {
        Condition condition = Condition.read(operator, "x:Key", list(wanted), true);
        RequestValues values =
                new RequestValues().put("x:Name", "alice").put("x:Star", "a*c").put("x:Two", List.of("a", "b"));
        if (!found.equals("absent")) {
            values.put("X:kEY", list(found));
        }
        return condition.holds(values);
    }

    private static List<String> list(String text) {
        return text.equals("none") ? List.of() : List.of(text.split(";", -1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "StringEquals | a | a | YES",
                "StringEquals | a | A | NO",
                "StringEquals | a;b | b | YES",
                "StringEquals | a* | ab | NO",
                "StringEquals | a* | a* | YES",
                "StringEquals | '' | '' | YES",
                "StringEquals | none | a | NO",
                "StringNotEquals | a | b | YES",
                "StringNotEquals | a | a | NO",
                "StringNotEquals | a;b | b | NO",
                "StringNotEquals | a;b | c | YES",
                "StringNotEquals | none | a | YES",
                "StringEqualsIgnoreCase | aBc | AbC | YES",
                "StringEqualsIgnoreCase | abc | abd | NO",
                "StringEqualsIgnoreCase | k | \u212A | NO",
                "StringEqualsIgnoreCase | i | \u0131 | NO",
                "StringEqualsIgnoreCase | é | É | YES",
                "StringNotEqualsIgnoreCase | abc | ABC | NO",
                "StringNotEqualsIgnoreCase | abc | ABD | YES",
                "StringLike | a*c | abbc | YES",
                "StringLike | a*c | ac | YES",
                "StringLike | a?c | abc | YES",
                "StringLike | a?c | ac | NO",
                "StringLike | a?c | a😀c | YES",
                "StringLike | A* | abc | NO",
                "StringLike | *;x | abc | YES",
                "StringLike | a.c | abc | NO",
                "StringLike | [a]* | abc | NO",
                "StringLike | а | a | NO",
                "StringNotLike | a* | abc | NO",
                "StringNotLike | a*;b* | cbc | YES",
                "StringNotLike | a*;b* | bbc | NO",
                "NumericEquals | 10 | 10.0 | YES",
                "NumericEquals | 10 | 11 | NO",
                "NumericEquals | 10 | ten | FAULT",
                "NumericNotEquals | 10 | 11 | YES",
                "NumericNotEquals | 10 | 10 | NO",
                "NumericNotEquals | 10 | ten | FAULT",
                "NumericLessThan | 10 | 9 | YES",
                "NumericLessThan | 10 | 10 | NO",
                "NumericLessThan | 10 | -10.5 | YES",
                "NumericLessThanEquals | 10 | 10 | YES",
                "NumericLessThanEquals | 10 | 10.1 | NO",
                "NumericLessThanEquals | 5;10 | 7 | YES",
                "NumericGreaterThan | 10 | 11 | YES",
                "NumericGreaterThan | 9 | 10 | YES",
                "NumericGreaterThan | 10 | 10 | NO",
                "NumericGreaterThanEquals | 10 | 10 | YES",
                "NumericGreaterThanEquals | 10 | 9.99 | NO",
                "NumericLessThan | 10 | 1e1 | FAULT",
                "NumericLessThan | 10 | 0x1 | FAULT",
                "NumericLessThan | 10 | '' | FAULT",
                "DateEquals | 2026-11-22T12:00:00Z | 2026-11-22T14:00:00+02:00 | YES",
                "DateEquals | 2026-11-22T12:00:00Z | 1795348800 | YES",
                "DateEquals | 2026-11-22 | 2026-11-22T00:00:00Z | YES",
                "DateNotEquals | 2026-11-22T12:00:00Z | 2026-11-22T12:00:01Z | YES",
                "DateNotEquals | 2026-11-22T12:00:00Z | 2026-11-22T12:00:00Z | NO",
                "DateLessThan | 2026-11-22T12:00:00Z | 2026-11-22T11:59:59.999Z | YES",
                "DateLessThan | 2026-11-22T12:00:00Z | 2026-11-22T12:00:00Z | NO",
                "DateLessThanEquals | 2026-11-22T12:00:00Z | 2026-11-22T12:00:00Z | YES",
                "DateLessThanEquals | 2026-11-22T12:00:00Z | 2026-11-22T12:00:01Z | NO",
                "DateGreaterThan | 1700000000 | 2026-11-22T12:00:00Z | YES",
                "DateGreaterThan | 2026-11-22T12:00:00Z | 1700000000 | NO",
                "DateGreaterThanEquals | 1700000000 | 1700000000 | YES",
                "DateGreaterThanEquals | 9223372036854775807 | 2026-11-22T12:00:00Z | NO",
                "DateGreaterThan | 2026-11-22T12:00:00Z | soon | FAULT",
                "DateGreaterThan | 2026-11-22T12:00:00Z | 2026-02-30T00:00:00Z | FAULT",
                "Bool | true | true | YES",
                "Bool | TRUE | true | YES",
                "Bool | false | true | NO",
                "Bool | true;false | true | YES",
                "Bool | true | yes | FAULT",
                "BinaryEquals | QUI= | QUI= | YES",
                "BinaryEquals | QUI= | QUM= | NO",
                "BinaryEquals | QUI= | ! | FAULT",
                "IpAddress | 203.0.113.0/24 | 203.0.113.77 | YES",
                "IpAddress | 203.0.113.0/24 | 203.0.114.1 | NO",
                "IpAddress | 203.0.113.9/24 | 203.0.113.77 | YES",
                "IpAddress | 203.0.113.5 | 203.0.113.5 | YES",
                "IpAddress | 203.0.113.5 | 203.0.113.6 | NO",
                "IpAddress | 0.0.0.0/0 | 198.51.100.1 | YES",
                "IpAddress | 0.0.0.0/0 | 2001:db8::1 | NO",
                "IpAddress | ::/0 | 2001:db8::1 | YES",
                "IpAddress | ::/0 | 198.51.100.1 | NO",
                "IpAddress | 2001:db8::/32 | 2001:0DB8:0:0:1:2:3:4 | YES",
                "IpAddress | 2001:db8::/33 | 2001:db8:8000::1 | NO",
                "IpAddress | 203.0.113.0/24 | ::ffff:203.0.113.7 | YES",
                "IpAddress | ::ffff:203.0.113.0/120 | 203.0.113.7 | YES",
                "IpAddress | 203.0.113.0/24 | 203.0.113.7:443 | FAULT",
                "IpAddress | 203.0.113.0/24 | localhost | FAULT",
                "IpAddress | 203.0.113.0/24 | 203.0.113.0/24 | FAULT",
                "IpAddress | 10.0.0.0/8 | 012.0.0.1 | FAULT",
                "NotIpAddress | 203.0.113.0/24 | 203.0.113.77 | NO",
                "NotIpAddress | 203.0.113.0/24;198.51.100.0/24 | 198.51.100.1 | NO",
                "NotIpAddress | 203.0.113.0/24;198.51.100.0/24 | 192.0.2.1 | YES",
                "NotIpAddress | 203.0.113.0/24 | nowhere | FAULT",
                "ArnEquals | arn:aws:iam::1:role/* | arn:aws:iam::1:role/a:b | YES",
                "ArnLike | arn:aws:iam::*:role/x | arn:aws:iam::1:role/x | YES",
                "ArnLike | arn:aws:iam::*:role/x | arn:aws:iam::1:role/y:2:role/x | NO",
                "ArnLike | arn:aws:*:role/x | arn:aws:iam::1:role/x | REFUSED",
                "ArnLike | arn:aws:iam:::user/? | arn:aws:iam:::user/a | YES",
                "ArnLike | arn:aws:iam::1:role/x | role/x | NO",
                "ArnLike | ARN:aws:iam::1:role/x | arn:aws:iam::1:role/x | NO",
                "ArnNotEquals | arn:aws:iam::1:role/x | arn:aws:iam::1:role/x | NO",
                "ArnNotLike | arn:aws:iam::1:role/x | arn:aws:iam::2:role/x | YES",
                "ArnNotLike | arn:aws:iam::1:role/x | rubbish | YES",
                "Null | true | absent | YES",
                "Null | true | none | YES",
                "Null | true | a | NO",
                "Null | false | absent | NO",
                "Null | false | a | YES",
                "Null | false | '' | YES",
                // Absent keys
                "StringEquals | a | absent | NO",
                "StringNotEquals | a | absent | YES",
                "StringLike | * | absent | NO",
                "StringNotLike | * | absent | YES",
                "NumericLessThan | 1 | absent | NO",
                "NumericNotEquals | 1 | absent | YES",
                "DateNotEquals | 2026 | absent | YES",
                "Bool | false | absent | NO",
                "IpAddress | 0.0.0.0/0 | absent | NO",
                "NotIpAddress | 10.0.0.0/8 | absent | YES",
                "ArnNotLike | arn:aws:iam::1:role/x | absent | YES",
                "StringEqualsIfExists | a | absent | YES",
                "StringEqualsIfExists | a | b | NO",
                "StringNotEqualsIfExists | a | absent | YES",
                "BoolIfExists | true | absent | YES",
                "BoolIfExists | true | false | NO",
                "IpAddressIfExists | 10.0.0.0/8 | 11.0.0.1 | NO",
                "StringEquals | a | none | NO",
                "StringNotEquals | a | none | YES",
                // Several values without a set operator
                "StringEquals | a | b;a | YES",
                "StringNotEquals | a | b;a | NO",
                "StringNotEquals | a | b;c | YES",
                // Sets
                "ForAnyValue:StringEquals | a;b | c;b | YES",
                "ForAnyValue:StringEquals | a;b | c;d | NO",
                "ForAnyValue:StringEquals | a | absent | NO",
                "ForAnyValue:StringEquals | a | none | NO",
                "ForAnyValue:StringLike | alias/staging-* | alias/x;alias/staging-y | YES",
                "ForAnyValue:StringNotEquals | a;b | a;c | YES",
                "ForAnyValue:StringNotEquals | a;b | a;b | NO",
                "ForAnyValue:StringNotEquals | a | absent | NO",
                "ForAnyValue:StringEqualsIfExists | a | absent | NO",
                "ForAllValues:StringEquals | a;b | a;b;a | YES",
                "ForAllValues:StringEquals | a;b | a;c | NO",
                "ForAllValues:StringEquals | a | absent | YES",
                "ForAllValues:StringEquals | a | none | YES",
                "ForAllValues:StringNotEquals | a;b | c;d | YES",
                "ForAllValues:StringNotEquals | a;b | c;a | NO",
                "ForAllValues:StringNotEquals | a | absent | YES",
                "ForAllValues:StringLikeIfExists | a* | ab;b | NO",
                "ForAnyValue:NumericEquals | 1 | x;1 | YES",
                "ForAnyValue:NumericEquals | 1 | x;2 | FAULT",
                "ForAllValues:NumericEquals | 1 | x;2 | NO",
                "ForAllValues:NumericEquals | 1 | x;1 | FAULT",
                // Variables
                "StringEquals | ${x:Name} | alice | YES",
                "StringEquals | ${X:nAME} | alice | YES",
                "StringEquals | ${x:None} | alice | NO",
                "StringNotEquals | ${x:None} | alice | YES",
                "StringEquals | '${x:None, ''alice''}' | alice | YES",
                "StringEquals | '${x:Name, ''bob''}' | bob | NO",
                "StringEquals | '${x:None,''}''}' | } | YES",
                "StringEquals | pre-${x:Name}-post | pre-alice-post | YES",
                "StringEquals | ${x:Two} | a | NO",
                "StringEqualsIgnoreCase | ${x:Name} | ALICE | YES",
                "StringLike | ${x:Name}* | alice2 | YES",
                "StringLike | ${x:Star} | abc | NO",
                "StringLike | ${x:Star} | a*c | YES",
                "StringLike | a${*}c | abc | NO",
                "StringLike | a${*}c | a*c | YES",
                "StringLike | a${?}c | abc | NO",
                "StringLike | ${$}{x:Name} | ${x:Name} | YES",
                "ArnLike | arn:aws:iam::1:user/${x:Name} | arn:aws:iam::1:user/alice | YES",
                "ArnNotLike | arn:aws:iam::1:user/${x:None} | arn:aws:iam::1:user/alice | YES",
                "Null | ${x:Name} | a | REFUSED",
                "NumericEquals | ${x:Name} | 1 | REFUSED",
                // Refused
                "NumericEquals | ten | 1 | REFUSED",
                "NumericEquals | 1e9 | 1 | REFUSED",
                "DateEquals | yesterday | 1 | REFUSED",
                "DateLessThan | 9223372036854775808 | 1 | REFUSED",
                "Bool | maybe | true | REFUSED",
                "BinaryEquals | not base64 | QUI= | REFUSED",
                "IpAddress | 10.0.0.0/33 | 10.0.0.1 | REFUSED",
                "IpAddress | 10.0.0/8 | 10.0.0.1 | REFUSED",
                "IpAddress | ::1::/8 | ::1 | REFUSED",
                "IpAddress | example.org | ::1 | REFUSED",
                "StringEquals | ${x:Name | alice | REFUSED",
                "StringEquals | ${} | alice | REFUSED",
                "StringEquals | '${x:Name, bob}' | alice | REFUSED",
                "NullIfExists | true | a | REFUSED",
                "ForAnyValue:Null | true | a | REFUSED",
                "stringequals | a | a | REFUSED",
                "StringEqualsIfExistsIfExists | a | a | REFUSED",
                "ForAnyValue::StringEquals | a | a | REFUSED",
                "ForAnyValue:ForAllValues:StringEquals | a | a | REFUSED",
                "StringMatches | a | a | REFUSED"
            })
    void holdsAsAwsDefinesIt(String operator, String wanted, String found, String expected)
            throws MalformedPolicyException {
        if (expected.equals("REFUSED")) {
            assertThatThrownBy(() -> answer(operator, wanted, found)).isInstanceOf(MalformedPolicyException.class);
        } else {
            assertThat(answer(operator, wanted, found)).isEqualTo(Answer.valueOf(expected));
        }
    }

    @Test
    void takesVariablesLiterallyInTheOlderVersion() throws MalformedPolicyException {
        Condition condition = Condition.read("StringLike", "x:Key", List.of("${x:Name}*"), false);
        RequestValues values = new RequestValues().put("x:Name", "alice");
        assertThat(condition.holds(values.copy().put("x:Key", "alice"))).isEqualTo(Answer.NO);
        assertThat(condition.holds(values.copy().put("x:Key", "${x:Name}!"))).isEqualTo(Answer.YES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"StringEquals", "StringNotEquals", "ForAnyValue:StringEquals", "ForAllValues:StringLike"})
    void cannotTellWhenTwoKeysDifferInCaseOnly(String operator) throws MalformedPolicyException {
        Condition condition = Condition.read(operator, "aws:ResourceTag/Env", List.of("prod"), true);
        RequestValues values =
                new RequestValues().put("aws:ResourceTag/Env", "prod").put("aws:ResourceTag/env", "staging");
        assertThat(condition.holds(values)).isEqualTo(Answer.FAULT);
    }

    @ParameterizedTest
    @CsvSource({
        "2026, REFUSED",
        "2026-11, 2026-11-01T00:00:00Z",
        "01T, 0001-01-01T00:00:00Z",
        "-0044-03-15, -0044-03-15T00:00:00Z",
        "2026-11-22t2:00:00.593194+23, 2026-11-21T03:00:00.593194Z",
        "2026-11-22T12:00, 2026-11-22T12:00:00Z",
        "2026-11-22T12:00-0130, 2026-11-22T13:30:00Z",
        "2026-13-01, REFUSED",
        "2026-11-22T24:00:00Z, REFUSED",
        "2026-11-22T12:00:60Z, REFUSED",
        "2026-11-22T12:00:00+1, REFUSED",
        "2026-11-22 12:00:00Z, REFUSED",
        "２０２６-11-22, REFUSED"
    })
    void readsDatesOfEachForm(String text, String expected) {
        String read = String.valueOf(Dates.parse(text));
        // Digits alone are seconds since 1970.
        String wanted = expected.equals("REFUSED") ? (text.equals("2026") ? "1970-01-01T00:33:46Z" : "null") : expected;
        assertThat(read).isEqualTo(wanted);
    }

    @Test
    void matchesHostilePatternsInBoundedTime() throws MalformedPolicyException {
        Condition condition = Condition.read("StringLike", "x:Key", List.of("a*".repeat(1000) + "b"), true);
        RequestValues values = new RequestValues().put("x:Key", "a".repeat(4000));
        assertThat(condition.holds(values)).isEqualTo(Answer.NO);
    }
}

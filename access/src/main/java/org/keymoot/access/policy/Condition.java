package org.keymoot.access.policy;

import java.util.List;
import org.keymoot.access.policy.Operator.Test;

/// One line of a condition block: an operator, a key, and the values that it is compared with.
///
/// It keeps true: several values of the policy are alternatives, and for a negated operator none of them may match.
/// A key that the request does not have satisfies a negated operator, `…IfExists` and `ForAllValues:`, and nothing
/// else.
final class Condition {
    private static final String ANY_VALUE = "ForAnyValue:";
    private static final String ALL_VALUES = "ForAllValues:";
    private static final String IF_EXISTS = "IfExists";

    private final Operator operator;
    private final Quantifier quantifier;
    private final boolean ifExists;
    private final String key;
    private final Test[] tests;

    private Condition(Operator operator, Quantifier quantifier, boolean ifExists, String key, Test[] tests) {
        this.operator = operator;
        this.quantifier = quantifier;
        this.ifExists = ifExists;
        this.key = Text.lowerAscii(key);
        this.tests = tests;
    }

    private enum Quantifier {
        /// The key has one value; of several, a positive operator asks for one and a negated one for all.
        NONE,
        ANY,
        ALL
    }

    /// @throws MalformedPolicyException when there is no such operator
    static void requireKnown(String name) throws MalformedPolicyException {
        read(name, "", List.of(), false);
    }

    /// @param name as the policy writes the operator, such as `ForAnyValue:StringLike`
    /// @param variables whether the document's version knows policy variables
    static Condition read(String name, String key, List<String> wanted, boolean variables)
            throws MalformedPolicyException {
        Quantifier quantifier = Quantifier.NONE;
        String rest = name;
        if (name.startsWith(ANY_VALUE)) {
            quantifier = Quantifier.ANY;
            rest = name.substring(ANY_VALUE.length());
        } else if (name.startsWith(ALL_VALUES)) {
            quantifier = Quantifier.ALL;
            rest = name.substring(ALL_VALUES.length());
        }
        boolean ifExists = rest.endsWith(IF_EXISTS);
        Operator operator = Operator.find(ifExists ? rest.substring(0, rest.length() - IF_EXISTS.length()) : rest);
        if (operator == null || (operator == Operator.NULL && (ifExists || quantifier != Quantifier.NONE))) {
            throw MalformedPolicyException.syntax();
        }
        Test[] tests = new Test[wanted.size()];
        for (int i = 0; i < tests.length; i++) {
            tests[i] = operator.read(wanted.get(i), variables);
        }
        return new Condition(operator, quantifier, ifExists, key, tests);
    }

    /// The condition key, in lower case.
    String key() {
        return key;
    }

    Answer holds(RequestValues values) {
        List<String> known = values.getFolded(key);
        List<String> found = known == null ? List.of() : known;
        if (operator == Operator.NULL) {
            return element(Boolean.toString(found.isEmpty()), values);
        }
        if (found.isEmpty()) {
            return switch (quantifier) {
                case NONE -> Answer.of(ifExists || operator.negated());
                case ANY -> Answer.NO;
                case ALL -> Answer.YES;
            };
        }
        if (values.isAmbiguousFolded(key)) {
            return Answer.FAULT;
        }
        boolean needsAll = quantifier == Quantifier.ALL || (quantifier == Quantifier.NONE && operator.negated());
        return needsAll ? all(found, values) : any(found, values);
    }

    private Answer any(List<String> found, RequestValues values) {
        Answer answer = Answer.NO;
        for (String value : found) {
            Answer one = element(value, values);
            if (one == Answer.YES) {
                return Answer.YES;
            }
            answer = one == Answer.FAULT ? Answer.FAULT : answer;
        }
        return answer;
    }

    private Answer all(List<String> found, RequestValues values) {
        Answer answer = Answer.YES;
        for (String value : found) {
            Answer one = element(value, values);
            if (one == Answer.NO) {
                return Answer.NO;
            }
            answer = one == Answer.FAULT ? Answer.FAULT : answer;
        }
        return answer;
    }

    /// One value of the request against all of the policy.
    private Answer element(String value, RequestValues values) {
        Answer answer = Answer.NO;
        for (Test test : tests) {
            Answer one = test.holds(value, values);
            if (one == Answer.YES) {
                answer = one;
                break;
            }
            answer = one == Answer.FAULT ? Answer.FAULT : answer;
        }
        return operator.negated() ? answer.not() : answer;
    }
}

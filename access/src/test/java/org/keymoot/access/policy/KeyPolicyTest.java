package org.keymoot.access.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.Principal;
import org.keymoot.access.policy.Verdict.Effect;

/// What key policies allow, and which documents are not taken.
final class KeyPolicyTest {
    private static final String ACCOUNT = "123456789012";
    private static final String KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final Principal ROOT = Principal.root(ACCOUNT);
    private static final Principal ALICE = new Principal(ACCOUNT, "arn:aws:iam::123456789012:user/alice");
    private static final Principal STRANGER = Principal.root("210987654321");

    private static Effect effect(String document, Principal principal, String action) throws MalformedPolicyException {
        return KeyPolicy.parse(document).evaluate(principal, action, KEY).effect();
    }

    private static String statement(String effect, String principal, String action, String resource) {
        return "{\"Effect\":\"" + effect + "\",\"Principal\":{\"AWS\":\"" + principal + "\"},\"Action\":\"" + action
                + "\",\"Resource\":\"" + resource + "\"}";
    }

    private static String document(String... statements) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[" + String.join(",", statements) + "]}";
    }

    @Test
    void defaultPolicyAllowsTheRootAndDelegatesTheRestToTheAccount() throws MalformedPolicyException {
        String document = KeyPolicy.defaultDocument(ACCOUNT);
        assertThat(effect(document, ROOT, "kms:Sign")).isEqualTo(Effect.ALLOWED);
        assertThat(effect(document, ALICE, "kms:Sign")).isEqualTo(Effect.DELEGATED);
        assertThat(effect(document, STRANGER, "kms:Sign")).isEqualTo(Effect.NOT_ALLOWED);
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:iam::123456789012:user/alice, ALLOWED",
        "arn:aws:iam::123456789012:user/Alice, NOT_ALLOWED",
        "arn:aws:iam::123456789012:user/alic, NOT_ALLOWED",
        "arn:aws:iam::123456789012:user/bob, NOT_ALLOWED",
        "arn:aws:iam::123456789012:root, DELEGATED",
        "123456789012, DELEGATED",
        "210987654321, NOT_ALLOWED",
        "*, ALLOWED"
    })
    void matchesPrincipalsExactly(String principal, Effect expected) throws MalformedPolicyException {
        assertThat(effect(document(statement("Allow", principal, "kms:Sign", "*")), ALICE, "kms:Sign"))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "kms:Sign, ALLOWED",
        "KMS:sIGN, ALLOWED",
        "kms:*, ALLOWED",
        "kms:S*n, ALLOWED",
        "kms:S?gn, ALLOWED",
        "*, ALLOWED",
        "kms:Sign*, ALLOWED",
        "kms:Sig, NOT_ALLOWED",
        "kms:?Sign, NOT_ALLOWED",
        "s3:*, NOT_ALLOWED",
        "kms:Verify, NOT_ALLOWED"
    })
    void matchesActionsWithoutRegardToCaseAndWithWildcards(String action, Effect expected)
            throws MalformedPolicyException {
        String document = document(statement("Allow", "arn:aws:iam::123456789012:user/alice", action, "*"));
        assertThat(effect(document, ALICE, "kms:Sign")).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "*, ALLOWED",
        "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab, ALLOWED",
        "arn:aws:kms:*:123456789012:key/*, ALLOWED",
        "arn:aws:kms:us-east-?:123456789012:key/1234*, ALLOWED",
        "ARN:AWS:KMS:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab, NOT_ALLOWED",
        "arn:aws:kms:us-east-1:123456789012:alias/*, NOT_ALLOWED",
        "arn:aws:kms:us-west-2:123456789012:key/*, NOT_ALLOWED"
    })
    void matchesResourcesByCaseAndWithWildcards(String resource, Effect expected) throws MalformedPolicyException {
        String document = document(statement("Allow", "arn:aws:iam::123456789012:user/alice", "kms:Sign", resource));
        assertThat(effect(document, ALICE, "kms:Sign")).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"arn:aws:iam::123456789012:user/alice", "*", "123456789012"})
    void denyOverridesAllowInEitherOrder(String denied) throws MalformedPolicyException {
        String allow = statement("Allow", "arn:aws:iam::123456789012:user/alice", "kms:*", "*");
        String deny = statement("Deny", denied, "kms:Sign", "*");
        for (String document : new String[] {document(allow, deny), document(deny, allow)}) {
            assertThat(effect(document, ALICE, "kms:Sign")).isEqualTo(Effect.DENIED);
            assertThat(effect(document, ALICE, "kms:Verify")).isEqualTo(Effect.ALLOWED);
        }
    }

    @Test
    void acceptsListsAndASingleStatement() throws MalformedPolicyException {
        String document = "{\"Statement\":{\"Sid\":\"both\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":["
                + "\"arn:aws:iam::123456789012:user/bob\",\"arn:aws:iam::123456789012:user/alice\"]},"
                + "\"Action\":[\"kms:Verify\",\"kms:Sign\"],\"Resource\":[\"*\"]}}";
        Verdict verdict = KeyPolicy.parse(document).evaluate(ALICE, "kms:Sign", KEY);
        assertThat(verdict).isEqualTo(new Verdict(Effect.ALLOWED, "key policy statement 'both'"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"true\"}}",
                "\"NotPrincipal\":{\"AWS\":\"*\"}",
                "\"NotAction\":\"kms:Sign\"",
                "\"NotResource\":\"*\""
            })
    void refusesToStoreWhatItDoesNotEvaluate(String element) {
        String plain = statement("Allow", "*", "kms:*", "*");
        String document = document(plain.substring(0, plain.length() - 1) + "," + element + "}");
        assertThatThrownBy(() -> KeyPolicy.parse(document))
                .isInstanceOf(MalformedPolicyException.class)
                .hasMessageContaining(element.substring(1, element.indexOf('"', 1)))
                .hasMessageContaining("does not evaluate");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"Statement\":[]}",
                "{\"Statement\":[1]}",
                "{\"Version\":\"2020-01-01\",\"Statement\":[]}",
                "{\"Statement\":[{\"Effect\":\"Allow\"}]}",
                "{\"Statement\":[{\"Effect\":\"allow\",\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}",
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"Sign\",\"Resource\":\"*\"}]}",
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":[],\"Resource\":\"*\"}]}",
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"kms:*\"}]}",
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":7}]}",
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}",
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":\"${aws:username}\"}]}",
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"action\":\"kms:*\",\"Resource\":\"*\"}]}",
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"s3.amazonaws.com\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}",
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"AIDAEXAMPLE\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}",
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::123456789012:user/*\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}",
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:s3::123456789012:root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}"
            })
    void refusesMalformedDocuments(String document) {
        assertThatThrownBy(() -> KeyPolicy.parse(document)).isInstanceOf(MalformedPolicyException.class);
    }

    @Test
    void refusesRepeatedStatementIds() {
        String one = "{\"Sid\":\"a\"," + statement("Allow", "*", "kms:*", "*").substring(1);
        assertThatThrownBy(() -> KeyPolicy.parse(document(one, one))).hasMessageContaining("unique");
    }

    @ParameterizedTest
    @CsvSource({"'', '', true", "*, '', true", "a*b*c, aXbYbZc, true", "a*b, acb1, false", "?, '', false", "**, x, true"
    })
    void wildcardsMatchAsAwsDefinesThem(String pattern, String text, boolean expected) {
        assertThat(Wildcard.matches(pattern, text)).isEqualTo(expected);
    }
}

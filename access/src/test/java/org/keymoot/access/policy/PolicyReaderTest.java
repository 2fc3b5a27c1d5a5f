package org.keymoot.access.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.policy.PolicyDocument.Kind;

/// Which documents are taken, and with which of AWS's texts the others are refused.
final class PolicyReaderTest {
    private static final String NEW = "\"Version\":\"2012-10-17\",";
    private static final String OK = "\"Effect\":\"Allow\",\"Action\":\"kms:Sign\",\"Resource\":\"*\"";

    private static String with(String statement) {
        return "{" + NEW + "\"Statement\":{" + statement + "}}";
    }

    private static void read(String document, Kind kind) throws MalformedPolicyException {
        assertThat(PolicyReader.read(document, kind).fault()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no json",
                "[]",
                "{}",
                "{'Version':'2012-10-17'}",
                "{'Version':'2013-10-17','Statement':{OK}}",
                "{'Version':20121017,'Statement':{OK}}",
                "{'Version':'2012-10-17','Statement':[]}",
                "{'Version':'2012-10-17','Statement':['x']}",
                "{'Version':'2012-10-17','Statement':'x'}",
                "{'Version':'2012-10-17','Statement':{OK},'More':1}",
                "{'version':'2012-10-17','Statement':{OK}}",
                "{'Version':'2012-10-17','Statement':{OK},'Statement':{OK}}",
                "{'Version':'2012-10-17','Id':['x'],'Statement':{OK}}",
                "{'Version':'2012-10-17','Statement':{OK,'More':'x'}}",
                "{'Version':'2012-10-17','Statement':{OK,'Sid':{}}}",
                "{'Version':'2012-10-17','Statement':{OK,'NotAction':[]}}",
                "{'Version':'2012-10-17','Statement':{OK,'NotResource':[]}}",
                "{'Version':'2012-10-17','Statement':{OK,'Condition':[]}}",
                "{'Version':'2012-10-17','Statement':{OK,'Condition':'x'}}",
                "{'Version':'2012-10-17','Statement':{OK,'Condition':{'Bool':'x'}}}",
                "{'Version':'2012-10-17','Statement':{OK,'Condition':{'Bool':{'a':{}}}}}",
                "{'Version':'2012-10-17','Statement':{OK,'Condition':{'Bool':{'a':null}}}}",
                "{'Version':'2012-10-17','Statement':{OK,'Condition':{'x':{'a':'1'}}}}",
                "{'Version':'2012-10-17','Statement':{OK,'Condition':{'StringEquals':{'':'1'}}}}",
                "{'Version':'2012-10-17','Statement':{OK,'Condition':{'NumericEquals':{'a':1e400000000}}}}",
                "{'Version':'2012-10-17','Statement':{OK,'Condition':{'ForAnyValue::StringEquals':{'a':'1'}}}}",
                "{'Version':'2012-10-17','Statement':{OK,'Condition':[{'StringEquals':{'a':'1'}}]}}",
                "{'Version':'2012-10-17','Statement':{'Effect':'Maybe','Action':'kms:Sign','Resource':'*'}}",
                "{'Version':'2012-10-17','Statement':{'Action':'kms:Sign','Resource':'*'}}",
                "{'Version':'2012-10-17','Statement':{'Effect':'Allow','Action':{},'Resource':'*'}}",
                "{'Version':'2012-10-17','Statement':{'Effect':'Allow','Action':[[]],'Resource':'*'}}",
                "{'Version':'2012-10-17','Statement':{'Effect':'Allow','Action':'kms:Sign','Resource':['*',{}]}}",
                "{'Version':'2012-10-17','Statement':{OK}}x"
            })
    void refusesWhatIsNotTheLanguage(String template) {
        String document = template.replace("OK", OK).replace('\'', '"');
        assertThatThrownBy(() -> read(document, Kind.IDENTITY))
                .isInstanceOf(MalformedPolicyException.class)
                .hasMessage("Syntax errors in policy.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "'Effect':'denY','Action':'kms:Sign','Resource':'*' | The policy failed legacy parsing",
                "'Effect':'Allow','Condition':{'DateGreaterThan':{'a':'x'}} | The policy failed legacy parsing",
                "OK,'Condition':{'DateLessThan':{'a':'9223372036854775808'}} | The policy failed legacy parsing",
                "'Effect':'Allow','Action':'kms:Sign','Resource':'arn:aws:s3::bucket' | The policy failed legacy parsing",
                "'Effect':'Allow','Resource':'arn:aws:s3::bucket' | The policy failed legacy parsing",
                "'Effect':'Allow','Action':'kms:Sign','NotResource':'arn:aws:s3::bucket' | The policy failed legacy parsing",
                "'Effect':'Allow','Action':'kms:Sign','Resource':'arn:aws::::x' | The policy failed legacy parsing",
                "'Effect':'Allow','Action':'kms:Sign','Resource':'arn:aws:iam::${aws:PrincipalAccount}:role/x' | The policy failed legacy parsing",
                "'Effect':'Allow','Action':'kms:Sign','Resource':'arn:aws:kms:*:*:key/${a' | The policy failed legacy parsing",
                "'Effect':'Allow' | Policy statement must contain actions.",
                "'Effect':'Allow','Action':[],'Resource':'*' | Policy statement must contain actions.",
                "'Effect':'Allow','Resource':'*' | Policy statement must contain actions.",
                "'Effect':'Allow','Action':'kms:Sign' | Policy statement must contain resources.",
                "'Effect':'Allow','Action':'rubbish' | Policy statement must contain resources.",
                "'Effect':'Allow','Action':'kms:Sign','Resource':[] | Policy statement must contain resources.",
                "'Effect':'Allow','Action':'rubbish','Resource':'*' | Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
                "'Effect':'Allow','NotAction':'','Resource':'*' | Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
                "'Effect':'Allow','Action':'k s:Sign','Resource':'*' | Vendor k s is not valid",
                "'Effect':'Allow','Action':'k?s:Sign','Resource':'*' | Vendor k?s is not valid",
                "'Effect':'Allow','Action':'kms:Sign:x','Resource':'*' | Actions/Condition can contain only one colon.",
                "'Effect':'Allow','Action':'kms:Sign','Resource':'key' | Resource key must be in ARN format or \"*\".",
                "'Effect':'Allow','Action':'kms:Sign','Resource':'' | Resource  must be in ARN format or \"*\".",
                "'Effect':'Allow','Action':'kms','Resource':'key' | Resource key must be in ARN format or \"*\".",
                "'Effect':'Allow','Action':'kms:Sign','Resource':'a:b' | Partition \"b\" is not valid for resource \"arn:b:*:*:*:*\".",
                "'Effect':'Allow','Action':'kms:Sign','Resource':'a:b:c:d:e:f:g' | Partition \"b\" is not valid for resource \"arn:b:c:d:e:f:g\".",
                "'Effect':'Allow','Action':'kms:Sign','Resource':'aws:kms:::x' | Partition \"kms\" is not valid for resource \"arn:kms:::x:*\".",
                "'Effect':'Allow','Action':'kms:Sign','Resource':'arn:aws' | Resource vendor must be fully qualified and cannot contain regexes.",
                "'Effect':'Allow','Action':'kms:Sign','Resource':'arn:aws:*:*:*:key/x' | Resource vendor must be fully qualified and cannot contain regexes.",
                "'Effect':'Allow','Action':'iam:GetUser','Resource':'arn:aws:iam:::bob' | IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.",
                "'Effect':'Allow','Action':'iam:GetUser','Resource':'arn:aws:iam:us-east-1::user/bob' | IAM resource arn:aws:iam:us-east-1::user/bob cannot contain region information.",
                "'Effect':'Allow','Action':'s3:Get','Resource':'arn:aws:s3:us-east-1::b' | Resource arn:aws:s3:us-east-1::b can not contain region information.",
                "OK,'Sid':'two words' | Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
                "OK,'Principal':'*' | Policy document should not specify a principal."
            })
    void refusesInTheWordsOfAws(String template, String message) {
        String document = with(template.replace("OK", OK).replace('\'', '"'));
        assertThatThrownBy(() -> read(document, Kind.IDENTITY))
                .isInstanceOf(MalformedPolicyException.class)
                .hasMessage(message);
    }

    @Test
    void refusesOlderVersionsForIdentitiesOnly() throws MalformedPolicyException {
        String none = "{\"Statement\":{" + OK + "}}";
        String old = "{\"Version\":\"2008-10-17\",\"Statement\":{" + OK + "}}";
        for (String document : new String[] {none, old}) {
            assertThatThrownBy(() -> read(document, Kind.IDENTITY))
                    .hasMessage("Policy document must be version 2012-10-17 or greater.");
            read(document.replace(OK, OK + ",\"Principal\":\"*\""), Kind.RESOURCE);
        }
    }

    @Test
    void refusesStatementIdsThatRepeat() {
        String twice = "{" + NEW + "\"Statement\":[{\"Sid\":\"a\"," + OK + "},{\"Sid\":\"a\",\"Effect\":\"Allow\"}]}";
        assertThatThrownBy(() -> read(twice, Kind.IDENTITY))
                .hasMessage("Statement IDs (SID) in a single policy must be unique.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "OK",
                "OK,'Condition':{}",
                "OK,'Condition':{'StringEquals':{}}",
                "OK,'Condition':{'StringEquals':{'a':[]}}",
                "OK,'Condition':{'Bool':{'aws:SecureTransport':true},'NumericLessThan':{'a':[1,2.5]}}",
                "OK,'Condition':{'StringEqualsIfExists':{'a':'x'},'ForAllValues:StringLike':{'aws:TagKeys':'a*'}}",
                "'Sid':'','Effect':'Allow','NotAction':['kms:*','iam:a b '],'NotResource':'*'",
                "'Effect':'Deny','Action':'*','Resource':['arn:aws:anything','arn:aws:kms:*','*']",
                "'Effect':'Allow','Action':'iam:GetUser','Resource':'arn:aws:iam::*:user/${aws:username}'",
                "'Effect':'Allow','Action':'kms:Sign','Resource':'arn:aws:kms:*:11111111111:key/*'"
            })
    void takesWhatAwsTakes(String template) throws MalformedPolicyException {
        read(with(template.replace("OK", OK).replace('\'', '"')), Kind.IDENTITY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "''",
                "'alice'",
                "{'AWS':'AIDAEXAMPLE'}",
                "{'AWS':'arn:aws:iam::123456789012:user/*'}",
                "{'AWS':'arn:aws:iam::123456789012:*'}",
                "{'AWS':'arn:aws:iam::*:root'}",
                "{'AWS':'arn:aws:iam::123456789012:root/x'}",
                "{'AWS':'arn:aws:iam::123456789012:group/x'}",
                "{'AWS':'arn:aws:s3::123456789012:root'}",
                "{'AWS':'arn:aws-cn:iam::123456789012:user/x'}",
                "{'AWS':'arn:aws:sts::123456789012:user/x'}",
                "{'AWS':'arn:aws:iam::123456789012:assumed-role/x/y'}",
                "{'AWS':'arn:aws:iam:us-east-1:123456789012:user/x'}",
                "{'AWS':['*','arn:aws:iam::12345678901:root']}",
                "{'AWS':'１２３４５６７８９０１２'}",
                "{'AWS':'arn:aws:iam::123456789012:user/аlice'}",
                "{'Service':'kms'}",
                "{'Service':'*'}",
                "{'CanonicalUser':'x'}",
                "{'Federated':'two words'}",
                "{'Aws':'*'}"
            })
    void refusesPrincipalsThatNameNobody(String principal) {
        String document = with(OK + ",\"Principal\":" + principal.replace('\'', '"'));
        assertThatThrownBy(() -> read(document, Kind.RESOURCE))
                .hasMessage("Policy contains a statement with one or more invalid principals.");
        String negated = with(OK + ",\"NotPrincipal\":" + principal.replace('\'', '"'));
        assertThatThrownBy(() -> read(negated, Kind.RESOURCE))
                .hasMessage("Policy contains a statement with one or more invalid principals.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'*'",
                "{'AWS':'*'}",
                "{'AWS':'123456789012'}",
                "{'AWS':['arn:aws:iam::123456789012:root','arn:aws:iam::123456789012:role/a/b/c']}",
                "{'AWS':'arn:aws:sts::123456789012:assumed-role/x/y','Service':['logs.us-east-1.amazonaws.com']}",
                "{'Federated':'arn:aws:iam::123456789012:saml-provider/x'}",
                "{'CanonicalUser':'79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be'}"
            })
    void takesPrincipalsOfEachType(String principal) throws MalformedPolicyException {
        read(with(OK + ",\"Principal\":" + principal.replace('\'', '"')), Kind.RESOURCE);
        read(with(OK + ",\"NotPrincipal\":" + principal.replace('\'', '"')), Kind.RESOURCE);
    }

    @Test
    void refusesAKeyPolicyThatNamesNobodyOrOneThatLooksAtAllAliases() {
        assertThatThrownBy(() -> read(with(OK), Kind.RESOURCE)).hasMessage("Missing required field Principal");
        String aliases = ",\"Condition\":{\"ForAnyValue:StringLike\":{\"KMS:resourceAliases\":\"alias/x\"}}";
        assertThatThrownBy(() -> read(with(OK + ",\"Principal\":\"*\"" + aliases), Kind.RESOURCE))
                .hasMessageContaining("kms:ResourceAliases");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "'Principal':{'AWS':'x'},'Action':'sts:AssumeRole' | Invalid principal in policy: \"AWS\":\"x\"",
                "'Action':'sts:AssumeRole' | Missing required field Principal",
                "'Principal':'*','Action':'sts:AssumeRole','Resource':'*' | Has prohibited field Resource",
                "'Principal':'*','Action':'kms:Sign' | AssumeRole policy may only specify STS AssumeRole actions.",
                "'Principal':'*','Action':'*' | AssumeRole policy may only specify STS AssumeRole actions.",
                "'Principal':'*','NotAction':'sts:AssumeRole' | AssumeRole policy may only specify STS AssumeRole actions.",
                "'Principal':'*' | Policy statement must contain actions."
            })
    void refusesTrustInTheWordsOfAws(String template, String message) {
        String document = with("\"Effect\":\"Allow\"," + template.replace('\'', '"'));
        assertThatThrownBy(() -> read(document, Kind.TRUST)).hasMessage(message);
    }

    @Test
    void refusesWhatIsTooLong() {
        String padded = " ".repeat(PolicyDocument.MAXIMUM_LENGTH) + with(OK);
        assertThatThrownBy(() -> read(padded, Kind.IDENTITY)).hasMessageContaining("131072");
        assertThatThrownBy(() -> read(with(OK.replace("kms:Sign", "kms:" + "S".repeat(3000))), Kind.IDENTITY))
                .hasMessage("The policy failed legacy parsing");
    }

    @Test
    void refusesPrincipalsThatAreTooLong() throws MalformedPolicyException {
        String account = "arn:aws:iam::123456789012:user/";
        for (String principal : List.of(
                "'Service':'a" + ".a".repeat(30_000) + "'",
                "'Service':'" + "a.".repeat(30_000) + "'",
                "'Federated':'arn:aws:iam::123456789012:oidc-provider/" + "a/".repeat(30_000) + "'",
                "'AWS':'" + account + "a".repeat(2049 - account.length()) + "'")) {
            String document = with(OK + ",\"Principal\":{" + principal.replace('\'', '"') + "}");
            assertThatThrownBy(() -> read(document, Kind.RESOURCE))
                    .hasMessage("Policy contains a statement with one or more invalid principals.");
        }
        String longest = account + "a".repeat(2048 - account.length());
        read(with(OK + ",\"Principal\":{\"AWS\":\"" + longest + "\"}"), Kind.RESOURCE);
    }

    @Test
    void readsVariablesThatNeverEndInOneGo() {
        String resource = "${".repeat(60_000);
        assertTimeout(
                Duration.ofSeconds(2),
                () -> assertThatThrownBy(() -> read(with(OK.replace("\"*\"", "\"" + resource + "\"")), Kind.IDENTITY))
                        .isInstanceOf(MalformedPolicyException.class));
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:kms:us-east-1:123456789012:key/${aws:username}, true",
        "arn:aws:kms:${aws:RequestedRegion}:123456789012:key/${aws:PrincipalTag/a:b}, true",
        "arn:aws:kms:us-east-1:${aws:PrincipalAccount}:key/a, false"
    })
    void aColonInAVariableSeparatesNothing(String resource, boolean taken) throws MalformedPolicyException {
        String document = with(OK.replace("\"*\"", "\"" + resource + "\""));
        if (taken) {
            read(document, Kind.IDENTITY);
        } else {
            assertThatThrownBy(() -> read(document, Kind.IDENTITY)).isInstanceOf(MalformedPolicyException.class);
        }
    }

    @Test
    void remembersDocumentsByTheirTextAndKind() throws MalformedPolicyException {
        String document = with(OK.replace("Sign", "Remembered"));
        PolicyDocument first = PolicyDocument.parse(document, Kind.IDENTITY);
        assertThat(PolicyDocument.parse(new String(document), Kind.IDENTITY)).isSameAs(first);
        assertThatThrownBy(() -> PolicyDocument.parse(document, Kind.RESOURCE))
                .isInstanceOf(MalformedPolicyException.class);
        assertThat(first.text()).isEqualTo(document);
        assertThat(PolicyDocument.parse("  " + document, Kind.IDENTITY).countedLength())
                .isEqualTo(first.countedLength());
    }

    @Test
    void forgetsTheOldestDocumentsWhenThereAreTooMany() throws MalformedPolicyException {
        ParsedPolicies parsed = new ParsedPolicies();
        PolicyDocument first = PolicyReader.read(with(OK), Kind.IDENTITY);
        parsed.keep(first);
        String padding = " ".repeat(100_000);
        int generations = 3 * ParsedPolicies.MAXIMUM_CHARACTERS / 100_000;
        for (int i = 0; i < generations; i++) {
            parsed.keep(PolicyReader.read(padding + with(OK.replace("Sign", "Sign" + i)), Kind.IDENTITY));
        }
        assertThat(parsed.find(first.text(), Kind.IDENTITY)).isNull();
        String last = padding + with(OK.replace("Sign", "Sign" + (generations - 1)));
        assertThat(parsed.find(last, Kind.IDENTITY)).isNotNull();
    }
}

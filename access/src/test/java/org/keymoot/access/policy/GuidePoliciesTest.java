package org.keymoot.access.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keymoot.access.policy.PolicyDocument.Kind;

/// The policies of an operator of bridge agents: one for each environment and role, told apart by the key's aliases,
/// and one for the administrator.
final class GuidePoliciesTest {
    private static final String ACCOUNT = Asking.ACCOUNT;
    private static final List<String> ROLES = List.of("processor", "relayer", "updater", "watcher");

    private static String signer(String environment, String role) {
        return """
                {"Version":"2012-10-17","Statement":[{"Sid":"Sign","Effect":"Allow",
                 "Action":["kms:GetPublicKey","kms:Sign"],"Resource":"arn:aws:kms:*:%s:key/*",
                 "Condition":{"ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/%s-%s*"}}}]}
                """.formatted(ACCOUNT, environment, role);
    }

    private static final String ADMIN = """
            {"Version":"2012-10-17","Statement":[
             {"Effect":"Allow","Resource":"*","Action":["kms:DescribeCustomKeyStores","kms:ListKeys",
              "kms:DeleteCustomKeyStore","kms:GenerateRandom","kms:UpdateCustomKeyStore","kms:ListAliases",
              "kms:DisconnectCustomKeyStore","kms:CreateKey","kms:ConnectCustomKeyStore",
              "kms:CreateCustomKeyStore"]},
             {"Effect":"Allow","Action":"kms:*",
              "Resource":["arn:aws:kms:*:%1$s:alias/*","arn:aws:kms:*:%1$s:key/*"]}]}
            """.formatted(ACCOUNT);

    private static boolean may(List<String> policies, String action, String resource, String... aliases) {
        List<PolicySource> sources = new ArrayList<>();
        for (String policy : policies) {
            sources.add(new PolicySource("group policy", Asking.read(policy, Kind.IDENTITY)));
        }
        Identity user = Identity.user(new org.keymoot.access.Principal(ACCOUNT, Asking.ALICE));
        Identity caller = new Identity(
                user.principal(), null, "AIDA", "alice", Map.of(), new Policies(sources, null, null), Map.of());
        boolean key = resource.contains(":key/");
        PolicySource keyPolicy =
                new PolicySource("key policy", Asking.read(KeyPolicy.defaultDocument(ACCOUNT), Kind.RESOURCE));
        RequestValues values = new RequestValues().put("kms:ResourceAliases", List.of(aliases));
        return Authorisation.decide(new Inquiry(
                        caller, new Inquiry.Request(action, resource, values), ACCOUNT, key ? keyPolicy : null))
                .allowed();
    }

    private static List<String> group(String environment) {
        return ROLES.stream().map(role -> signer(environment, role)).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "staging, alias/staging-processor-signer, true",
        "staging, alias/staging-relayer-signer, true",
        "staging, alias/staging-updater-signer, true",
        "staging, alias/staging-updater-attestation, true",
        "staging, alias/staging-watcher-signer, true",
        "staging, alias/staging-watcher-attestation, true",
        "staging, alias/staging-kathy-signer, false",
        "staging, alias/production-updater-signer, false",
        "staging, alias/staging-celo-updater-signer, false",
        "staging, alias/Staging-updater-signer, false",
        "staging, alias/xstaging-updater-signer, false",
        "production, alias/production-updater-signer, true",
        "production, alias/staging-updater-signer, false"
    })
    void letsTheGroupOfAnEnvironmentSignWithItsKeysOnly(String environment, String alias, boolean expected) {
        assertThat(may(group(environment), "kms:Sign", Asking.KEY, alias)).isEqualTo(expected);
        assertThat(may(group(environment), "kms:GetPublicKey", Asking.KEY, "alias/other", alias))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"processor", "relayer", "updater", "watcher"})
    void letsEachRoleUseItsOwnKeysOnly(String role) {
        for (String other : ROLES) {
            assertThat(may(
                            List.of(signer("staging", role)),
                            "kms:Sign",
                            Asking.KEY,
                            "alias/staging-" + other + "-signer"))
                    .isEqualTo(other.equals(role));
        }
    }

    @Test
    void letsSignersDoNothingElse() {
        String alias = "alias/staging-updater-signer";
        for (String action : List.of("kms:DescribeKey", "kms:Decrypt", "kms:ScheduleKeyDeletion", "kms:PutKeyPolicy")) {
            assertThat(may(group("staging"), action, Asking.KEY, alias))
                    .as(action)
                    .isFalse();
        }
        assertThat(may(group("staging"), "kms:Sign", Asking.KEY))
                .as("a key without alias")
                .isFalse();
        assertThat(may(group("staging"), "kms:CreateKey", "*")).isFalse();
        String elsewhere = Asking.KEY.replace(ACCOUNT, Asking.OTHER);
        assertThat(may(group("staging"), "kms:Sign", elsewhere, alias)).isFalse();
    }

    @Test
    void letsTheAdministratorProvision() {
        String alias = "arn:aws:kms:us-west-2:" + ACCOUNT + ":alias/staging-updater-signer";
        for (String action : List.of("kms:CreateKey", "kms:ListAliases", "kms:ListKeys")) {
            assertThat(may(List.of(ADMIN), action, "*")).as(action).isTrue();
        }
        for (String action : List.of("kms:CreateAlias", "kms:DescribeKey", "kms:GetPublicKey", "kms:TagResource")) {
            assertThat(may(List.of(ADMIN), action, Asking.KEY)).as(action).isTrue();
        }
        assertThat(may(List.of(ADMIN), "kms:CreateAlias", alias)).isTrue();
        assertThat(may(List.of(ADMIN), "kms:CreateAlias", alias.replace(ACCOUNT, Asking.OTHER)))
                .isFalse();
        assertThat(may(List.of(ADMIN), "iam:CreateUser", "*")).isFalse();
    }
}

package org.keymoot.access.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.access.iam.Account.allow;
import static org.keymoot.access.iam.Account.trust;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.keymoot.access.AwsError;
import org.keymoot.access.Cluster;
import org.keymoot.access.KeySpec;
import org.keymoot.access.iam.Simulation.Finding;
import org.keymoot.access.iam.Simulation.Question;
import org.keymoot.access.iam.Simulation.Told;

class SimulationTest {
    private static final String ALICE = "arn:aws:iam::" + Cluster.ACCOUNT + ":user/alice";
    private static final String BOB = "arn:aws:iam::" + Cluster.ACCOUNT + ":user/bob";
    private static final String SIGNER = "arn:aws:iam::" + Cluster.ACCOUNT + ":role/signer";
    private static final String ROOT = "arn:aws:iam::" + Cluster.ACCOUNT + ":root";

    private final Account account = new Account();
    private String key = "";

    @BeforeEach
    void people() {
        key = Cluster.arn(account.cluster.makeKey(KeySpec.ECC_SECG_P256K1));
        account.iam("CreateUser", "UserName", "alice");
        account.iam("PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", allow("kms:Sign", "*"));
        account.iam("CreateUser", "UserName", "bob");
        account.iam("CreateRole", "RoleName", "signer", "AssumeRolePolicyDocument", trust(ALICE));
        account.iam("PutRolePolicy", "RoleName", "signer", "PolicyName", "p", "PolicyDocument", allow("kms:*", "*"));
    }

    private Told ask(String principal, String action, String resource, String... more) {
        return Simulation.of(
                account.cluster.directory,
                new Question(principal, action, resource, Map.of(), List.of(more)),
                account.cluster.now);
    }

    private List<String> whoMay(String action) {
        return ask("", action, key).findings().stream()
                .filter(finding -> finding.result().allowed())
                .map(Finding::principal)
                .toList();
    }

    @Test
    void showsEverybodyWhoMayUseAKey() {
        assertThat(whoMay("kms:Sign")).containsExactlyInAnyOrder(ROOT, ALICE, SIGNER);
        assertThat(whoMay("kms:GetPublicKey")).containsExactlyInAnyOrder(ROOT, SIGNER);
        assertThat(ask("", "kms:Sign", "*").problem()).contains("named by its ARN");
    }

    @Test
    void takesAPolicyInThatThePrincipalDoesNotHave() {
        assertThat(ask(BOB, "kms:Sign", key).findings().getFirst().result().allowed())
                .isFalse();
        assertThat(ask(BOB, "kms:Sign", key, allow("kms:Sign", "*"))
                        .findings()
                        .getFirst()
                        .result()
                        .allowed())
                .isTrue();
        assertThat(ask(BOB, "kms:Sign", key, "{}").problem()).contains("policy is not valid");
    }

    @Test
    void saysThatAKeyOrAPrincipalIsNotThereInPlaceOfADecision() {
        String absent = Cluster.arn("00000000-0000-4000-8000-000000000000");
        assertThat(ask(SIGNER, "kms:Sign", absent).problem()).contains("no key " + absent);
        assertThat(ask(SIGNER, "kms:Sign", absent).findings()).isEmpty();
        assertThat(ask(SIGNER + "s", "kms:Sign", key).problem()).contains("no user, role or root");
    }

    @Test
    void doesNotAnswerForASessionAsIfItWereItsRole() {
        String session = "arn:aws:sts::" + Cluster.ACCOUNT + ":assumed-role/signer/one";
        assertThat(ask(session, "kms:Sign", key).problem()).contains("name its role");
        assertThat(account.refusal(
                                "SimulatePrincipalPolicy",
                                "PolicySourceArn",
                                session,
                                "ActionNames.member.1",
                                "kms:Sign")
                        .type())
                .isEqualTo("NoSuchEntity");
    }

    @Test
    void manyPairsShareWhatOneRequestMayCost() {
        List<String> parameters = new ArrayList<>(List.of(
                "PolicyInputList.member.1",
                Account.allow("kms:*", "arn:aws:kms:*" + "a".repeat(1000) + "b:123456789012:key/x"),
                "ResourceArns.member.1",
                "arn:aws:kms:" + "a".repeat(2000)));
        for (int i = 1; i <= 100; i++) {
            parameters.addAll(List.of("ActionNames.member." + i, "kms:Action" + i));
        }
        AwsError error = account.refusal("SimulateCustomPolicy", parameters.toArray(String[]::new));
        assertThat(error.status()).isEqualTo(500);
        assertThat(error.type()).isEqualTo("PolicyEvaluation");
        account.iam("SimulateCustomPolicy", parameters.subList(0, 8).toArray(String[]::new));
    }
}

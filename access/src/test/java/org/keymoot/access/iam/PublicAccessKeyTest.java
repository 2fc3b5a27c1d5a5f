package org.keymoot.access.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.access.iam.Account.allow;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.keymoot.access.AwsError;
import org.keymoot.access.Cluster;
import org.keymoot.access.Service;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.TestCredential;
import org.keymoot.access.TestSigner4a;
import org.keymoot.access.iam.Account.Keys;
import org.keymoot.access.iam.Account.Reply;
import org.keymoot.access.sigv4.AsymmetricKey;

/// Access keys of which the parties hold the public half only.
class PublicAccessKeyTest {
    private static final String SECRET = "p".repeat(40);

    private final Account account = new Account();

    @BeforeEach
    void aUser() {
        account.iam("CreateUser", "UserName", "agent");
        account.iam("PutUserPolicy", "UserName", "agent", "PolicyName", "p", "PolicyDocument", allow("kms:*", "*"));
    }

    private static TestSigner4a signer(String seed) {
        return new TestSigner4a(AccessKeyRecord.id("AKIA", Cluster.ACCOUNT, seed), SECRET, Cluster.REGION, "kms");
    }

    private static String[] parameters(TestSigner4a signer, String user, String provenUser) {
        byte[] proof = signer.sign(
                AsymmetricKey.proofOfPossession(Cluster.ACCOUNT, provenUser, signer.accessKeyId(), signer.publicKey()));
        return new String[] {
            "UserName",
            user,
            "AccessKeyId",
            signer.accessKeyId(),
            "PublicKey",
            signer.publicKey(),
            "ProofOfPossession",
            Base64.getEncoder().encodeToString(proof)
        };
    }

    private Reply register(TestSigner4a signer) {
        return account.iam("CreateAccessKey", parameters(signer, "agent", "agent"));
    }

    private AwsError refusal(String... parameters) {
        return account.refusal("CreateAccessKey", parameters);
    }

    private SignedRequest kms(TestSigner4a signer, String action, String json) {
        return signer.post(
                Map.of(
                        "content-type",
                        "application/x-amz-json-1.1",
                        "host",
                        "kms.example.org",
                        "x-amz-target",
                        "TrentService." + action),
                json.getBytes(StandardCharsets.UTF_8),
                account.cluster.now);
    }

    @Test
    void aRegisteredKeySignsForItsUserInEveryService() {
        TestSigner4a signer = signer("1");
        Reply reply = register(signer);
        assertThat(reply.text("//AccessKeyId")).isEqualTo(signer.accessKeyId());
        assertThat(reply.text("//SecretAccessKey")).isEmpty();
        account.cluster.execute(kms(signer, "ListKeys", "{}"));
        Reply who = account.carryOut(
                Service.STS, "GetCallerIdentity", account.byKey(signer, Service.STS, "GetCallerIdentity"));
        assertThat(who.text("//Arn")).isEqualTo("arn:aws:iam::123456789012:user/agent");
        assertThat(account.refusal(account.byKey(signer, Service.IAM, "ListUsers"))
                        .type())
                .isEqualTo("AccessDenied");
    }

    @Test
    void thePartiesHoldNothingThatSigns() {
        TestSigner4a signer = signer("1");
        register(signer);
        account.cluster
                .directory
                .registers()
                .values()
                .forEach(value -> assertThat(value.json()).doesNotContain(SECRET));
        String register = account.cluster.directory.registers().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("accesskey/"))
                .map(entry -> entry.getValue().json())
                .findFirst()
                .orElseThrow();
        assertThat(register).contains("publicKey").doesNotContain("commitment");
        // The secret as the secret of a MAC gets nobody in.
        assertThat(account.refusalAs(new Keys(signer.accessKeyId(), SECRET, null), Service.STS, "GetCallerIdentity")
                        .type())
                .isEqualTo("SignatureDoesNotMatch");
    }

    @Test
    void nobodyRegistersAKeyThatItDoesNotHold() {
        TestSigner4a signer = signer("1");
        account.iam("CreateUser", "UserName", "thief");
        assertThat(refusal(parameters(signer, "thief", "agent")).message()).contains("proof of possession");
        String[] otherId = parameters(signer, "agent", "agent");
        otherId[3] = signer("2").accessKeyId();
        assertThat(refusal(otherId).message()).contains("proof of possession");
        String[] otherKey = parameters(signer, "agent", "agent");
        otherKey[5] = signer("2").publicKey();
        assertThat(refusal(otherKey).message()).contains("proof of possession");
        for (String nonsense : new String[] {"AAAA", signer.publicKey().substring(4), "MCowBQYDK2VwAyEA"}) {
            String[] bad = parameters(signer, "agent", "agent");
            bad[5] = nonsense;
            assertThat(refusal(bad).type()).isEqualTo("ValidationError");
        }
    }

    @Test
    void anIdIsOfTheAccountAndUsedOnce() {
        TestSigner4a foreign =
                new TestSigner4a(AccessKeyRecord.id("AKIA", Cluster.OTHER_ACCOUNT, "1"), SECRET, Cluster.REGION, "kms");
        assertThat(refusal(parameters(foreign, "agent", "agent")).message()).contains("belongs to this account");
        TestSigner4a session =
                new TestSigner4a(AccessKeyRecord.id("ASIA", Cluster.ACCOUNT, "1"), SECRET, Cluster.REGION, "kms");
        assertThat(refusal(parameters(session, "agent", "agent")).message()).contains("belongs to this account");
        TestSigner4a signer = signer("1");
        register(signer);
        assertThat(refusal(parameters(signer, "agent", "agent")).type()).isEqualTo("EntityAlreadyExists");
        account.iam("DeleteAccessKey", "UserName", "agent", "AccessKeyId", signer.accessKeyId());
        assertThat(refusal(parameters(signer, "agent", "agent")).type()).isEqualTo("EntityAlreadyExists");
    }

    /// Else whoever may make access keys could lock the root of the account out.
    @Test
    void theIdOfARootsKeyIsNotTaken() {
        TestSigner4a signer = signer("root");
        account.cluster.directory.add(
                signer.accessKeyId(),
                new TestCredential(org.keymoot.access.Principal.root(Cluster.ACCOUNT), Cluster.SECRET, true));
        assertThat(refusal(parameters(signer, "agent", "agent")).type()).isEqualTo("EntityAlreadyExists");
        account.sts(new Keys(signer.accessKeyId(), Cluster.SECRET, null), "GetCallerIdentity");
    }

    @Test
    void aKeyIsSwitchedOffCountedAndDeletedAsOthersAre() {
        TestSigner4a first = signer("1");
        register(first);
        register(signer("2"));
        assertThat(refusal(parameters(signer("3"), "agent", "agent")).type()).isEqualTo("LimitExceeded");
        assertThat(account.refusal("CreateAccessKey", "UserName", "agent").type())
                .isEqualTo("LimitExceeded");
        assertThat(account.iam("ListAccessKeys", "UserName", "agent").texts("//AccessKeyId"))
                .containsExactlyInAnyOrder(first.accessKeyId(), signer("2").accessKeyId());
        account.iam("UpdateAccessKey", "UserName", "agent", "AccessKeyId", first.accessKeyId(), "Status", "Inactive");
        assertThat(account.cluster.refusal(kms(first, "ListKeys", "{}")).type())
                .isEqualTo("UnrecognizedClientException");
        account.iam("UpdateAccessKey", "UserName", "agent", "AccessKeyId", first.accessKeyId(), "Status", "Active");
        account.cluster.execute(kms(first, "ListKeys", "{}"));
        account.iam("DeleteAccessKey", "UserName", "agent", "AccessKeyId", first.accessKeyId());
        assertThat(account.cluster.refusal(kms(first, "ListKeys", "{}")).type())
                .isEqualTo("UnrecognizedClientException");
    }

    @Test
    void theSameRequestCarriedOutAgainGivesTheSameAnswer() {
        SignedRequest request = account.request(
                Account.ROOT, Service.IAM, "CreateAccessKey", parameters(signer("1"), "agent", "agent"));
        String first = account.cluster.execute(request);
        assertThat(account.cluster.execute(request)).isEqualTo(first);
    }
}

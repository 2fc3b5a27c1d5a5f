package org.keymoot.access.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.access.iam.Account.allow;
import static org.keymoot.access.iam.Account.trust;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.keymoot.access.AwsError;
import org.keymoot.access.Cluster;
import org.keymoot.access.Decision;
import org.keymoot.access.Kms;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.Service;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.iam.Account.Keys;
import org.keymoot.access.iam.Account.Reply;

class IamTest {
    private static final String POLICY = "arn:aws:iam::" + Cluster.ACCOUNT + ":policy/";

    private final Account account = new Account();

    @Test
    void aUserIsMadeShownTaggedMovedAndDeleted() {
        Reply made = account.iam(
                "CreateUser",
                "UserName",
                "alice",
                "Path",
                "/ops/",
                "Tags.member.1.Key",
                "team",
                "Tags.member.1.Value",
                "blue + green");
        assertThat(made.text("/CreateUserResponse/CreateUserResult/User/Arn"))
                .isEqualTo("arn:aws:iam::123456789012:user/ops/alice");
        assertThat(made.text("//UserId")).matches("AIDA[A-Z2-7]{17}");
        assertThat(made.text("//ResponseMetadata/RequestId")).isEqualTo("id");
        assertThat(account.iam("GetUser", "UserName", "alice").text("//Tags/member/Value"))
                .isEqualTo("blue + green");
        account.iam("TagUser", "UserName", "alice", "Tags.member.1.Key", "tier", "Tags.member.1.Value", "1");
        account.iam("UntagUser", "UserName", "alice", "TagKeys.member.1", "team");
        assertThat(account.iam("ListUserTags", "UserName", "alice").texts("//Tags/member/Key"))
                .containsExactly("tier");
        account.iam("UpdateUser", "UserName", "alice", "NewPath", "/dev/");
        assertThat(account.iam("ListUsers", "PathPrefix", "/dev/").texts("//Users/member/UserName"))
                .containsExactly("alice");
        assertThat(account.refusal("UpdateUser", "UserName", "alice", "NewUserName", "bob")
                        .type())
                .isEqualTo("InvalidInput");
        account.iam("DeleteUser", "UserName", "alice");
        assertThat(account.refusal("GetUser", "UserName", "alice"))
                .isEqualTo(new AwsError(404, "NoSuchEntity", "The user with name alice cannot be found."));
    }

    @Test
    void namesAreUniqueWithoutRegardToCaseAndFoundByTheirOwn() {
        account.iam("CreateUser", "UserName", "Alice");
        assertThat(account.refusal("CreateUser", "UserName", "alice"))
                .isEqualTo(new AwsError(409, "EntityAlreadyExists", "User with name alice already exists."));
        assertThat(account.refusal("GetUser", "UserName", "alice").type()).isEqualTo("NoSuchEntity");
        for (String name : List.of("a b", "a/b", "ä", "a\u0000")) {
            assertThat(account.refusal("CreateUser", "UserName", name).type())
                    .as(name)
                    .isEqualTo("ValidationError");
        }
        assertThat(account.refusal("CreateUser", "UserName", "a".repeat(65)).message())
                .contains(
                        "at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64");
        assertThat(account.refusal("CreateUser").message())
                .contains("Value null at 'userName' failed to satisfy constraint: Member must not be null");
        assertThat(account.refusal("CreateUser", "UserName", "x", "Path", "nowhere")
                        .type())
                .isEqualTo("ValidationError");
    }

    @Test
    void theSameSignedRequestCarriedOutAgainGivesTheSameAnswer() {
        for (List<String> step : List.of(
                List.of("CreateUser", "UserName", "alice"),
                List.of("CreateGroup", "GroupName", "staff"),
                List.of("AddUserToGroup", "GroupName", "staff", "UserName", "alice"),
                List.of("CreatePolicy", "PolicyName", "p", "PolicyDocument", allow("kms:Sign", "*")),
                List.of("AttachUserPolicy", "UserName", "alice", "PolicyArn", POLICY + "p"),
                List.of("CreatePolicyVersion", "PolicyArn", POLICY + "p", "PolicyDocument", allow("kms:List*", "*")),
                List.of("CreateAccessKey", "UserName", "alice"),
                List.of("DetachUserPolicy", "UserName", "alice", "PolicyArn", POLICY + "p"),
                List.of("DeletePolicyVersion", "PolicyArn", POLICY + "p", "VersionId", "v2"),
                List.of("DeletePolicy", "PolicyArn", POLICY + "p"),
                List.of("RemoveUserFromGroup", "GroupName", "staff", "UserName", "alice"),
                List.of("DeleteGroup", "GroupName", "staff"))) {
            SignedRequest request = account.request(
                    Account.ROOT,
                    Service.IAM,
                    step.getFirst(),
                    step.subList(1, step.size()).toArray(String[]::new));
            String first = account.cluster.execute(request);
            assertThat(account.cluster.execute(request)).as("%s", step).isEqualTo(first);
        }
    }

    /// What one request gave and another took away does not come back when the first is sent again.
    @Test
    void aChangeThatWasTakenBackIsNotMadeAgain() {
        account.iam("CreateGroup", "GroupName", "staff");
        account.iam("CreatePolicy", "PolicyName", "p", "PolicyDocument", allow("kms:Sign", "*"));
        Keys keys = account.user("alice");
        List<String> policy = List.of("UserName", "alice", "PolicyName", "own");
        List<String> document = new ArrayList<>(policy);
        document.addAll(List.of("PolicyDocument", allow("kms:*", "*")));
        List<String> member = List.of("GroupName", "staff", "UserName", "alice");
        List<String> attached = List.of("UserName", "alice", "PolicyArn", POLICY + "p");
        record Steps(String give, List<String> given, String take, List<String> taken) {}
        for (Steps steps : List.of(
                new Steps("AddUserToGroup", member, "RemoveUserFromGroup", member),
                new Steps("AttachUserPolicy", attached, "DetachUserPolicy", attached),
                new Steps("PutUserPolicy", document, "DeleteUserPolicy", policy),
                new Steps(
                        "UpdateAccessKey",
                        List.of("UserName", "alice", "AccessKeyId", keys.id(), "Status", "Active"),
                        "UpdateAccessKey",
                        List.of("UserName", "alice", "AccessKeyId", keys.id(), "Status", "Inactive")),
                new Steps("CreateUser", List.of("UserName", "bob"), "DeleteUser", List.of("UserName", "bob")))) {
            SignedRequest give = account.request(
                    Account.ROOT, Service.IAM, steps.give(), steps.given().toArray(String[]::new));
            account.cluster.execute(give);
            account.iam(steps.take(), steps.taken().toArray(String[]::new));
            AwsError error = account.refusal(give);
            assertThat(error.type()).as(steps.give()).isEqualTo("Throttling");
            assertThat(error.message()).contains("Sign it anew");
        }
        account.iam("AddUserToGroup", "GroupName", "staff", "UserName", "alice");
    }

    @Test
    void groupsHoldUsersAndGoOnlyWhenEmpty() {
        account.iam("CreateUser", "UserName", "alice");
        account.iam("CreateGroup", "GroupName", "staff");
        account.iam("AddUserToGroup", "GroupName", "staff", "UserName", "alice");
        assertThat(account.iam("GetGroup", "GroupName", "staff").texts("//Users/member/UserName"))
                .containsExactly("alice");
        assertThat(account.iam("ListGroupsForUser", "UserName", "alice").texts("//Groups/member/GroupName"))
                .containsExactly("staff");
        assertThat(account.refusal("DeleteGroup", "GroupName", "staff"))
                .isEqualTo(new AwsError(
                        409, "DeleteConflict", "Cannot delete entity, must remove users from group first."));
        assertThat(account.refusal("DeleteUser", "UserName", "alice").message())
                .isEqualTo("Cannot delete entity, must remove user from groups first.");
        account.iam("RemoveUserFromGroup", "GroupName", "staff", "UserName", "alice");
        account.iam("DeleteGroup", "GroupName", "staff");
        assertThat(account.refusal("AddUserToGroup", "GroupName", "staff", "UserName", "alice")
                        .type())
                .isEqualTo("NoSuchEntity");
        assertThat(account.iam("ListGroups").texts("//Groups/member")).isEmpty();
    }

    @Test
    void managedPoliciesHaveVersionsOfWhichOneCounts() {
        Reply made = account.iam("CreatePolicy", "PolicyName", "sign", "PolicyDocument", allow("kms:Sign", "*"));
        String arn = made.text("//Policy/Arn");
        assertThat(arn).isEqualTo(POLICY + "sign");
        account.iam(
                "CreatePolicyVersion",
                "PolicyArn",
                arn,
                "PolicyDocument",
                allow("kms:Verify", "*"),
                "SetAsDefault",
                "true");
        assertThat(account.iam("GetPolicy", "PolicyArn", arn).text("//DefaultVersionId"))
                .isEqualTo("v2");
        assertThat(account.iam("GetPolicyVersion", "PolicyArn", arn, "VersionId", "v1")
                        .text("//Document"))
                .startsWith("%7B%22Version%22%3A%222012-10-17%22");
        assertThat(account.refusal("DeletePolicyVersion", "PolicyArn", arn, "VersionId", "v2")
                        .message())
                .isEqualTo("Cannot delete the default version of a policy.");
        account.iam("SetDefaultPolicyVersion", "PolicyArn", arn, "VersionId", "v1");
        account.iam("DeletePolicyVersion", "PolicyArn", arn, "VersionId", "v2");
        for (int i = 0; i < 4; i++) {
            account.iam("CreatePolicyVersion", "PolicyArn", arn, "PolicyDocument", allow("kms:Get*", "*"));
        }
        assertThat(account.refusal("CreatePolicyVersion", "PolicyArn", arn, "PolicyDocument", allow("a:b", "*"))
                        .type())
                .isEqualTo("LimitExceeded");
        assertThat(account.iam("ListPolicyVersions", "PolicyArn", arn).texts("//Versions/member/VersionId"))
                .containsExactly("v1", "v3", "v4", "v5", "v6");
        assertThat(account.refusal("DeletePolicy", "PolicyArn", arn).type()).isEqualTo("DeleteConflict");
        assertThat(account.refusal("GetPolicy", "PolicyArn", POLICY + "none").message())
                .isEqualTo("Policy " + POLICY + "none was not found.");
        assertThat(account.refusal("GetPolicy", "PolicyArn", "arn:aws:iam::nobody-here")
                        .type())
                .isEqualTo("InvalidInput");
        assertThat(account.refusal("CreatePolicy", "PolicyName", "bad", "PolicyDocument", "{")
                        .type())
                .isEqualTo("MalformedPolicyDocument");
    }

    @Test
    void attachmentsAreListedCountedAndKeepThePolicyAlive() {
        account.iam("CreateUser", "UserName", "alice");
        account.iam("CreatePolicy", "PolicyName", "sign", "PolicyDocument", allow("kms:Sign", "*"));
        account.iam("AttachUserPolicy", "UserName", "alice", "PolicyArn", POLICY + "sign");
        account.iam("PutUserPermissionsBoundary", "UserName", "alice", "PermissionsBoundary", POLICY + "sign");
        assertThat(account.iam("ListAttachedUserPolicies", "UserName", "alice").text("//PolicyArn"))
                .isEqualTo(POLICY + "sign");
        Reply shown = account.iam("GetPolicy", "PolicyArn", POLICY + "sign");
        assertThat(shown.text("//AttachmentCount")).isEqualTo("1");
        assertThat(shown.text("//PermissionsBoundaryUsageCount")).isEqualTo("1");
        assertThat(account.iam("ListEntitiesForPolicy", "PolicyArn", POLICY + "sign")
                        .texts("//PolicyUsers/member/UserName"))
                .containsExactly("alice");
        assertThat(account.refusal("DeletePolicy", "PolicyArn", POLICY + "sign").message())
                .isEqualTo("Cannot delete a policy attached to entities.");
        assertThat(account.refusal("DeleteUser", "UserName", "alice").message())
                .isEqualTo("Cannot delete entity, must detach all policies first.");
        account.iam("DetachUserPolicy", "UserName", "alice", "PolicyArn", POLICY + "sign");
        account.iam("DeleteUserPermissionsBoundary", "UserName", "alice");
        assertThat(account.refusal("DetachUserPolicy", "UserName", "alice", "PolicyArn", POLICY + "sign")
                        .type())
                .isEqualTo("NoSuchEntity");
        account.iam("DeletePolicy", "PolicyArn", POLICY + "sign");
        account.iam("DeleteUser", "UserName", "alice");
        assertThat(account.refusal("AttachUserPolicy", "UserName", "alice", "PolicyArn", POLICY + "sign")
                        .type())
                .isEqualTo("NoSuchEntity");
    }

    @Test
    void everyKindOfOwnerHasInlinePolicies() {
        account.iam("CreateUser", "UserName", "o");
        account.iam("CreateGroup", "GroupName", "o");
        account.iam("CreateRole", "RoleName", "o", "AssumeRolePolicyDocument", trust(Cluster.ACCOUNT));
        for (String kind : List.of("User", "Group", "Role")) {
            account.iam(
                    "Put" + kind + "Policy",
                    kind + "Name",
                    "o",
                    "PolicyName",
                    "p",
                    "PolicyDocument",
                    allow("kms:Sign", "*"));
            assertThat(account.iam("Get" + kind + "Policy", kind + "Name", "o", "PolicyName", "p")
                            .text("//PolicyDocument"))
                    .contains("kms%3ASign");
            assertThat(account.iam("List" + kind + "Policies", kind + "Name", "o")
                            .texts("//PolicyNames/member"))
                    .containsExactly("p");
            assertThat(account.refusal("Delete" + kind, kind + "Name", "o").message())
                    .isEqualTo("Cannot delete entity, must delete policies first.");
            account.iam("Delete" + kind + "Policy", kind + "Name", "o", "PolicyName", "p");
            assertThat(account.refusal("Get" + kind + "Policy", kind + "Name", "o", "PolicyName", "p")
                            .type())
                    .isEqualTo("NoSuchEntity");
            assertThat(account.refusal(
                                    "Put" + kind + "Policy",
                                    kind + "Name",
                                    "o",
                                    "PolicyName",
                                    "p",
                                    "PolicyDocument",
                                    "{\"Statement\":[]}")
                            .type())
                    .isEqualTo("MalformedPolicyDocument");
            assertThat(account.refusal(
                                    "Put" + kind + "Policy",
                                    kind + "Name",
                                    "o",
                                    "PolicyName",
                                    "p",
                                    "PolicyDocument",
                                    allow(
                                                    "kms:Sign",
                                                    "arn:aws:kms:*:*:key/*\",\"arn:aws:kms:*:*:key/".repeat(400) + "*")
                                            .replace("\"Resource\":\"", "\"Resource\":[\"")
                                            .replace("\"}]}", "\"]}]}"))
                            .type())
                    .isEqualTo("LimitExceeded");
            account.iam("Delete" + kind, kind + "Name", "o");
        }
    }

    @Test
    void pagesFollowEachOtherWithoutGapOrRepeat() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            names.add("user" + i);
            account.iam("CreateUser", "UserName", "user" + i);
        }
        List<String> seen = new ArrayList<>();
        String marker = "";
        do {
            Reply page = marker.isEmpty()
                    ? account.iam("ListUsers", "MaxItems", "3")
                    : account.iam("ListUsers", "MaxItems", "3", "Marker", marker);
            seen.addAll(page.texts("//Users/member/UserName"));
            marker = page.text("//Marker");
            assertThat(page.text("//IsTruncated")).isEqualTo(marker.isEmpty() ? "false" : "true");
        } while (!marker.isEmpty());
        assertThat(seen).isEqualTo(names);
        assertThat(account.refusal("ListUsers", "MaxItems", "0").type()).isEqualTo("ValidationError");
        assertThat(account.refusal("ListUsers", "MaxItems", "many").type()).isEqualTo("MalformedInput");
        assertThat(account.refusal("ListUsers", "Marker", "%%%").message()).isEqualTo("Invalid Marker.");
    }

    @Test
    void aPageOfLongElementsHoldsFewerThanAskedFor() {
        List<String> names = new ArrayList<>();
        String trust = Account.trust(Cluster.ACCOUNT) + " ".repeat(100_000);
        for (int i = 0; i < 8; i++) {
            names.add("role" + i);
            account.iam("CreateRole", "RoleName", "role" + i, "AssumeRolePolicyDocument", trust);
        }
        Reply first = account.iam("ListRoles", "MaxItems", "1000");
        assertThat(first.text("//IsTruncated")).isEqualTo("true");
        List<String> seen = new ArrayList<>(first.texts("//Roles/member/RoleName"));
        assertThat(seen).hasSize(4);
        Reply second = account.iam("ListRoles", "MaxItems", "1000", "Marker", first.text("//Marker"));
        seen.addAll(second.texts("//Roles/member/RoleName"));
        assertThat(second.text("//IsTruncated")).isEqualTo("false");
        assertThat(seen).isEqualTo(names);
    }

    @Test
    void anAccessKeyWorksUntilItIsSwitchedOffOrDeleted() {
        Keys keys = account.user("alice");
        assertThat(keys.id()).matches("AKIA[A-Z2-7]{16}");
        assertThat(AccessKeyRecord.accountOf(keys.id())).isEqualTo(Cluster.ACCOUNT);
        Reply who = account.sts(keys, "GetCallerIdentity");
        assertThat(who.text("//Arn")).isEqualTo("arn:aws:iam::123456789012:user/alice");
        assertThat(who.text("//UserId")).startsWith("AIDA");
        account.iam("UpdateAccessKey", "UserName", "alice", "AccessKeyId", keys.id(), "Status", "Inactive");
        AwsError off = account.refusalAs(keys, Service.STS, "GetCallerIdentity");
        assertThat(off)
                .isEqualTo(new AwsError(
                        403, "InvalidClientTokenId", "The security token included in the request is invalid."));
        account.iam("UpdateAccessKey", "UserName", "alice", "AccessKeyId", keys.id(), "Status", "Active");
        account.sts(keys, "GetCallerIdentity");
        account.iam("DeleteAccessKey", "UserName", "alice", "AccessKeyId", keys.id());
        assertThat(account.refusalAs(keys, Service.STS, "GetCallerIdentity")).isEqualTo(off);
        assertThat(account.cluster.refusal(account.kms(keys, "ListKeys", "{}")).type())
                .isEqualTo("UnrecognizedClientException");
        assertThat(account.refusal("DeleteAccessKey", "UserName", "alice", "AccessKeyId", keys.id())
                        .type())
                .isEqualTo("NoSuchEntity");
    }

    @Test
    void aUserHasTwoAccessKeysAtMostAndCannotGoBeforeThem() {
        account.user("alice");
        Keys second = account.accessKey("alice");
        assertThat(account.refusal("CreateAccessKey", "UserName", "alice"))
                .isEqualTo(new AwsError(409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"));
        assertThat(account.refusal("DeleteUser", "UserName", "alice").message())
                .isEqualTo("Cannot delete entity, must delete access keys first.");
        assertThat(account.iam("ListAccessKeys", "UserName", "alice").texts("//AccessKeyMetadata/member/AccessKeyId"))
                .hasSize(2)
                .contains(second.id());
        assertThat(account.iam("GetAccessKeyLastUsed", "AccessKeyId", second.id())
                        .text("//UserName"))
                .isEqualTo("alice");
    }

    @Test
    void whoIsMadeAnewUnderAnOldNameInheritsNothing() {
        Keys keys = account.user("alice");
        account.iam("CreateGroup", "GroupName", "staff");
        account.iam("PutGroupPolicy", "GroupName", "staff", "PolicyName", "p", "PolicyDocument", allow("iam:*", "*"));
        account.iam("AddUserToGroup", "GroupName", "staff", "UserName", "alice");
        account.as(keys, Service.IAM, "ListUsers");
        // The group goes and comes in the sight of a user register that still names the old one.
        RegisterValue before = account.cluster.directory.registers().get("user/123456789012/global/alice");
        account.iam("RemoveUserFromGroup", "GroupName", "staff", "UserName", "alice");
        account.iam("DeleteGroupPolicy", "GroupName", "staff", "PolicyName", "p");
        account.iam("DeleteGroup", "GroupName", "staff");
        account.iam("CreateGroup", "GroupName", "staff");
        account.iam("PutGroupPolicy", "GroupName", "staff", "PolicyName", "p", "PolicyDocument", allow("iam:*", "*"));
        account.cluster.directory.registers().put("user/123456789012/global/alice", before);
        assertThat(account.refusalAs(keys, Service.IAM, "ListUsers").type()).isEqualTo("AccessDenied");
    }

    @Test
    void noRegisterHoldsASecret() {
        Keys keys = account.user("alice");
        for (RegisterValue value : account.cluster.directory.registers().values()) {
            assertThat(value.json()).doesNotContain(keys.secret());
        }
    }

    @Test
    void usersMayWhatTheirPoliciesAndGroupsAllow() {
        Keys keys = account.user("alice");
        assertThat(account.refusalAs(keys, Service.IAM, "CreateUser", "UserName", "bob"))
                .isEqualTo(new AwsError(
                        403,
                        "AccessDenied",
                        "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: iam:CreateUser on"
                                + " resource: arn:aws:iam::123456789012:user/bob because no identity-based policy"
                                + " allows the iam:CreateUser action"));
        account.iam("CreateGroup", "GroupName", "admins");
        account.iam("AttachGroupPolicy", "GroupName", "admins", "PolicyArn", "arn:aws:iam::aws:policy/IAMFullAccess");
        account.iam("AddUserToGroup", "GroupName", "admins", "UserName", "alice");
        account.as(keys, Service.IAM, "CreateUser", "UserName", "bob");
        account.iam(
                "PutUserPolicy",
                "UserName",
                "alice",
                "PolicyName",
                "no",
                "PolicyDocument",
                allow("iam:CreateUser", "*").replace("Allow", "Deny"));
        assertThat(account.refusalAs(keys, Service.IAM, "CreateUser", "UserName", "carol")
                        .message())
                .endsWith("with an explicit deny in an identity-based policy");
        account.iam("CreatePolicy", "PolicyName", "readers", "PolicyDocument", allow("iam:Get*", "*"));
        account.iam("PutUserPermissionsBoundary", "UserName", "alice", "PermissionsBoundary", POLICY + "readers");
        account.as(keys, Service.IAM, "GetUser");
        assertThat(account.refusalAs(keys, Service.IAM, "ListUsers").message())
                .endsWith("because no permissions boundary allows the iam:ListUsers action");
    }

    @Test
    void nonsenseIsRefusedInXmlAndNeverFails() {
        for (String body : List.of(
                "",
                "Action=CreateUser",
                "Action=CreateUser&Version=2010-05-09",
                "Action=Nothing&Version=2010-05-08",
                "Action=<b>&Version=2010-05-08",
                "Action=ListUsers&Action=ListUsers&Version=2010-05-08",
                "Action=ListUsers&Version=2010-05-08&%zz=1",
                "Action=ListUsers&Version=2010-05-08&Marker=%ff",
                "Action=CreateUser&Version=2010-05-08&UserName=a&Tags.member.1.Key=%01",
                "&".repeat(5000) + "=&=",
                "{\"Action\":\"CreateUser\"}")) {
            Decision decision = Kms.decide(
                    account.raw(Account.ROOT, Service.IAM, body), account.cluster.directory, account.cluster.now);
            assertThat(decision).as(body).isInstanceOf(Decision.Refused.class);
            AwsError error = ((Decision.Refused) decision).error();
            assertThat(error.status()).isBetween(400, 499);
            assertThat(Account.read(Service.IAM.failure(error, "id")).text("//Error/Code"))
                    .isNotEmpty();
        }
        Random random = new Random(7);
        byte[] start =
                "Action=CreatePolicy&Version=2010-05-08&PolicyName=p&PolicyDocument=%7B%22Statement%22%3A%5B%5D%7D"
                        .getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < 2000; i++) {
            byte[] body = start.clone();
            body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            Decision decision = Kms.decide(
                    account.raw(Account.ROOT, Service.IAM, new String(body, StandardCharsets.ISO_8859_1)),
                    account.cluster.directory,
                    account.cluster.now);
            if (decision instanceof Decision.Refused refused) {
                assertThat(refused.error().status()).isBetween(400, 499);
                Account.read(Service.IAM.failure(refused.error(), "id"));
            }
        }
    }

    @Test
    void aSignatureForAnotherServiceOrATimeLongAgoIsRefusedInTheQueryProtocolsWords() {
        SignedRequest old = account.request(Account.ROOT, Service.IAM, "ListUsers");
        account.pass(Duration.ofMinutes(6));
        Decision late = Kms.decide(old, account.cluster.directory, account.cluster.now);
        assertThat(((Decision.Refused) late).error().type()).isEqualTo("SignatureDoesNotMatch");
        assertThat(account.refusalAs(new Keys("AKIAROOT", "wrong", null), Service.IAM, "ListUsers")
                        .status())
                .isEqualTo(403);
        assertThat(account.refusalAs(new Keys("AKIANOBODY", "wrong", null), Service.IAM, "ListUsers")
                        .type())
                .isEqualTo("InvalidClientTokenId");
    }
}

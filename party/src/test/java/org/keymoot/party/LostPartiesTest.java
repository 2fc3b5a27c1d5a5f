package org.keymoot.party;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.party.Asking.json;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.Action;
import org.keymoot.access.KeySpec;
import org.keymoot.api.gateway.v1.ClientAnswer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Every action that is offered, with one of three parties lost, with two, and with one lost while it is under way.
@Timeout(180)
class LostPartiesTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String MESSAGE = "AAAA";
    private static final int LEADER = 1;
    private static final int MOST_FRAMES = 8;
    private static final String GRANTEE = "arn:aws:iam::" + NodeCluster.ACCOUNT + ":user/bob";

    /// What makes shares for every party, so that none may be missing.
    private static final Set<Action> NEED_ALL = EnumSet.of(
            Action.CREATE_KEY,
            Action.GET_PARAMETERS_FOR_SPLIT_IMPORT,
            Action.IMPORT_KEY_MATERIAL,
            Action.IMPORT_KEY_SHARES,
            Action.ROTATE_KEY_ON_DEMAND);

    /// What a party answers from what it holds itself, even when it is all that is left.
    private static final Set<Action> NEED_ONE = EnumSet.of(
            Action.DESCRIBE_KEY,
            Action.GET_KEY_LAST_USAGE,
            Action.GET_KEY_POLICY,
            Action.GET_KEY_ROTATION_STATUS,
            Action.GET_NONCE_LEASE,
            Action.GET_PARAMETERS_FOR_IMPORT,
            Action.GET_PUBLIC_KEY,
            Action.GET_SIGN_RULES,
            Action.LIST_ALIASES,
            Action.LIST_GRANTS,
            Action.LIST_KEYS,
            Action.LIST_KEY_POLICIES,
            Action.LIST_KEY_ROTATIONS,
            Action.LIST_RESOURCE_TAGS,
            Action.LIST_RETIRABLE_GRANTS,
            Action.VERIFY);

    /// After which a register differs from before.
    private static final Set<Action> CHANGES = EnumSet.of(
            Action.CREATE_ALIAS,
            Action.UPDATE_ALIAS,
            Action.DELETE_ALIAS,
            Action.CREATE_KEY,
            Action.TAG_RESOURCE,
            Action.UNTAG_RESOURCE,
            Action.UPDATE_KEY_DESCRIPTION,
            Action.DISABLE_KEY,
            Action.ENABLE_KEY,
            Action.SCHEDULE_KEY_DELETION,
            Action.CANCEL_KEY_DELETION,
            Action.ENABLE_KEY_ROTATION,
            Action.DISABLE_KEY_ROTATION,
            Action.ROTATE_KEY_ON_DEMAND,
            Action.CREATE_GRANT,
            Action.RETIRE_GRANT,
            Action.REVOKE_GRANT,
            Action.REPLICATE_KEY,
            Action.UPDATE_PRIMARY_REGION,
            Action.ACQUIRE_NONCE_LEASE,
            Action.RESERVE_NONCE,
            Action.SETTLE_NONCE,
            Action.RELEASE_NONCE_LEASE,
            Action.PUT_SIGN_RULES,
            Action.DELETE_SIGN_RULES,
            Action.IMPORT_KEY_MATERIAL,
            Action.DELETE_IMPORTED_KEY_MATERIAL);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static NodeCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new NodeCluster(folder, 3, 2, 0);
    }

    @BeforeEach
    void heal() throws Exception {
        cluster.heal();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void everyActionThatTwoPartiesCanCarryOutIsCarriedOutWhenOneIsLost() throws Exception {
        Requests requests = new Requests("one");
        cluster.stop(3);
        cluster.awaitLinks();
        requests.all().forEach((action, body) -> {
            ClientAnswer answer = cluster.call(1, action.target(), body);
            String said = action + ": " + answer.getBody().toStringUtf8();
            if (NEED_ALL.contains(action)) {
                assertThat(answer.getStatus()).as(said).isEqualTo(500);
                assertThat(said).contains("party 3");
            } else {
                assertThat(answer.getStatus()).as(said).isEqualTo(200);
            }
        });
        cluster.heal();
        awaitTheSameEverywhere(requests);
        requests.signsStill();
    }

    @Test
    void nothingButWhatOnePartyKnowsIsAnsweredWhenTwoAreLostAndTheKeysAreWellAfterwards() throws Exception {
        Requests requests = new Requests("two");
        cluster.stop(2);
        cluster.stop(3);
        cluster.awaitLinks();
        requests.all().forEach((action, body) -> {
            long start = System.nanoTime();
            ClientAnswer answer = cluster.call(1, action.target(), body);
            String said = action + ": " + answer.getBody().toStringUtf8();
            if (NEED_ONE.contains(action)) {
                assertThat(answer.getStatus()).as(said).isEqualTo(200);
            } else {
                assertThat(answer.getErrorType()).as(said).isEqualTo("KMSInternalException");
                assertThat(answer.getTryAnother()).as(said).isTrue();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).as(said).isLessThan(Duration.ofSeconds(10));
        });
        cluster.heal();
        awaitTheSameEverywhere(requests);
        requests.signsStill();
    }

    @Test
    void aChangeDuringWhichAPartyIsLostIsMadeAtAllPartiesOrAtNone() throws Exception {
        Requests requests = new Requests("some");
        int frame = 2;
        for (Action action :
                List.of(Action.CREATE_KEY, Action.DISABLE_KEY, Action.CREATE_GRANT, Action.ROTATE_KEY_ON_DEMAND)) {
            lostDuring(requests, action, LEADER + frame % 2, frame);
            frame++;
        }
        requests.signsStill();
    }

    @Test
    @Tag("slow")
    @Timeout(1500)
    void everyActionDuringWhichAPartyIsLostIsDoneAtAllPartiesOrAtNone() throws Exception {
        for (int lost : List.of(LEADER, LEADER + 1)) {
            Requests requests = new Requests("each-" + lost);
            int frame = 0;
            for (Action action : requests.all().keySet()) {
                if (!NEED_ONE.contains(action)) {
                    lostDuring(requests, action, lost, 1 + frame++ % MOST_FRAMES);
                }
            }
            requests.signsStill();
        }
    }

    /// Loses a party at the n-th frame that it sends or gets once the request is under way, then makes all well again.
    private static void lostDuring(Requests requests, Action action, int lost, int frame) throws Exception {
        String body = Objects.requireNonNull(requests.all().get(action));
        Map<String, String> before = written(LEADER);
        AtomicInteger frames = new AtomicInteger();
        cluster.tap = (from, to, message) ->
                (from == lost || to == lost) && frames.incrementAndGet() >= frame ? null : message;
        CompletableFuture<ClientAnswer> asked = new CompletableFuture<>();
        Thread client = Thread.ofVirtual().start(() -> {
            try {
                asked.complete(cluster.call(LEADER, action.target(), body));
            } catch (RuntimeException e) {
                asked.completeExceptionally(e);
            }
        });
        NodeCluster.await("frame %d of %s".formatted(frame, action), () -> frames.get() >= frame || asked.isDone());
        cluster.stop(lost);
        client.join();
        cluster.heal();
        awaitTheSameEverywhere(requests);
        boolean told = !asked.isCompletedExceptionally();
        String said = "%s without party %d from frame %d on: %s"
                .formatted(action, lost, frame, told ? asked.join().getBody().toStringUtf8() : asked);
        assertThat(told || lost == LEADER).as(said).isTrue();
        if (told && asked.join().getStatus() == 200) {
            if (CHANGES.contains(action)) {
                assertThat(written(LEADER)).as(said).isNotEqualTo(before);
            }
            return;
        }
        if (told) {
            assertThat(asked.join().getErrorType()).as(said).isIn("KMSInternalException", "DependencyTimeoutException");
        }
        // Nothing is left in the way: it is done now, or AWS's error says that it had been done.
        ClientAnswer again = cluster.call(LEADER, action.target(), body);
        assertThat(again.getStatus())
                .as(said + "; again: " + again.getBody().toStringUtf8())
                .isIn(200, 400);
    }

    private static void awaitTheSameEverywhere(Requests requests) {
        NodeCluster.await("all parties to hold and tell the same", () -> {
            Map<String, String> written = written(1);
            List<JsonNode> metadata = requests.metadata(1);
            return IntStream.of(2, 3)
                    .allMatch(party -> written(party).equals(written)
                            && requests.metadata(party).equals(metadata));
        });
    }

    /// A party's registers with their versions, and the shares that it uses.
    private static Map<String, String> written(int party) {
        Path database = cluster.config(party).data().resolve("party.db");
        Map<String, String> rows = new TreeMap<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:file:" + database + "?mode=ro");
                Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery("select name, version, hex(value), live from register")) {
                while (row.next()) {
                    rows.put(row.getString(1), row.getLong(2) + " " + row.getString(3) + " " + row.getInt(4));
                }
            }
            try (ResultSet row = statement.executeQuery(
                    "select key_id, epoch, hex(public_key_digest) from key_share where state = 'ACTIVE'")) {
                while (row.next()) {
                    rows.put("share of %s in epoch %d".formatted(row.getString(1), row.getLong(2)), row.getString(3));
                }
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        return rows;
    }

    @Test
    void everyActionIsAskedFor() throws Exception {
        Set<Action> offered =
                Arrays.stream(Action.values()).filter(Action::supported).collect(Collectors.toSet());
        assertThat(new Requests("none").all().keySet()).containsExactlyInAnyOrderElementsOf(offered);
    }

    /// Keys made while all is well, and requests about them that would all succeed.
    private static final class Requests {
        private final String name;
        private final Map<Action, String> requests = new LinkedHashMap<>();
        private final String signing;
        private final String other;
        private final String agent;
        private final List<String> keys = new ArrayList<>();

        Requests(String name) throws Exception {
            this.name = name;
            signing = key("signing", "\"KeySpec\":\"ECC_NIST_EDWARDS25519\",\"KeyUsage\":\"SIGN_VERIFY\"");
            other = key("other", "\"KeySpec\":\"ECC_NIST_EDWARDS25519\",\"KeyUsage\":\"SIGN_VERIFY\"");
            agent = key("agent", "\"KeySpec\":\"ECC_SECG_P256K1\",\"KeyUsage\":\"SIGN_VERIFY\"");
            management();
            use();
            encryption();
            grants();
            multiRegion();
            ethereum();
            imports();
        }

        Map<Action, String> all() {
            return requests;
        }

        /// What a party tells of the keys.
        List<JsonNode> metadata(int party) {
            return keys.stream()
                    .map(key -> json(Asking.onKey(cluster, party, "DescribeKey", key)))
                    .toList();
        }

        void signsStill() throws Exception {
            for (int party = 1; party <= 3; party++) {
                // What was begun when parties were missing may have come to its end since.
                cluster.call(party, "EnableKey", "{\"KeyId\":\"%s\"}".formatted(signing));
                Asking.signAndVerify(cluster, party, signing, "ED25519_SHA_512");
            }
        }

        private void management() {
            String alias = "\"AliasName\":\"alias/%s\"".formatted(name);
            did("CreateAlias", alias + ",\"TargetKeyId\":\"" + signing + "\"");
            add(Action.CREATE_ALIAS, "\"AliasName\":\"alias/%s-new\",\"TargetKeyId\":\"%s\"".formatted(name, signing));
            add(Action.UPDATE_ALIAS, alias + ",\"TargetKeyId\":\"" + other + "\"");
            add(Action.LIST_ALIASES, "\"Limit\":10");
            add(Action.DELETE_ALIAS, alias);
            add(Action.CREATE_KEY, "\"KeySpec\":\"ECC_NIST_P256\",\"KeyUsage\":\"SIGN_VERIFY\"");
            add(Action.DESCRIBE_KEY, of(signing));
            add(Action.GET_PUBLIC_KEY, of(signing));
            add(Action.LIST_KEYS, "\"Limit\":10");
            add(Action.GET_KEY_LAST_USAGE, of(signing));
            add(Action.GET_KEY_POLICY, of(signing));
            String policy = json(cluster.call(1, "GetKeyPolicy", "{" + of(signing) + "}"))
                    .path("Policy")
                    .asString();
            add(Action.PUT_KEY_POLICY, of(signing) + ",\"Policy\":" + JSON.writeValueAsString(policy));
            add(Action.LIST_KEY_POLICIES, of(signing));
            add(Action.TAG_RESOURCE, of(signing) + ",\"Tags\":[{\"TagKey\":\"a\",\"TagValue\":\"b\"}]");
            add(Action.LIST_RESOURCE_TAGS, of(signing));
            did("TagResource", of(signing) + ",\"Tags\":[{\"TagKey\":\"old\",\"TagValue\":\"b\"}]");
            add(Action.UNTAG_RESOURCE, of(signing) + ",\"TagKeys\":[\"old\"]");
            add(Action.UPDATE_KEY_DESCRIPTION, of(signing) + ",\"Description\":\"changed\"");
            add(Action.DISABLE_KEY, of(other));
            String disabled = key("disabled", "\"KeySpec\":\"ECC_NIST_EDWARDS25519\",\"KeyUsage\":\"SIGN_VERIFY\"");
            did("DisableKey", of(disabled));
            add(Action.ENABLE_KEY, of(disabled));
            add(Action.SCHEDULE_KEY_DELETION, of(other) + ",\"PendingWindowInDays\":7");
            String going = key("going", "\"KeySpec\":\"ECC_NIST_EDWARDS25519\",\"KeyUsage\":\"SIGN_VERIFY\"");
            did("ScheduleKeyDeletion", of(going));
            add(Action.CANCEL_KEY_DELETION, of(going));
        }

        private void use() {
            String sign = of(signing) + ",\"Message\":\"" + MESSAGE
                    + "\",\"MessageType\":\"RAW\",\"SigningAlgorithm\":\"ED25519_SHA_512\"";
            add(Action.SIGN, sign);
            add(Action.VERIFY, sign + ",\"Signature\":\"" + text("Sign", sign, "Signature") + "\"");
            String mac = of(key("mac", "\"KeySpec\":\"HMAC_256\",\"KeyUsage\":\"GENERATE_VERIFY_MAC\""))
                    + ",\"Message\":\"" + MESSAGE + "\",\"MacAlgorithm\":\"HMAC_SHA_256\"";
            add(Action.GENERATE_MAC, mac);
            add(Action.VERIFY_MAC, mac + ",\"Mac\":\"" + text("GenerateMac", mac, "Mac") + "\"");
            add(Action.GENERATE_RANDOM, "\"NumberOfBytes\":16");
            String agreement = "\"KeySpec\":\"ECC_NIST_P256\",\"KeyUsage\":\"KEY_AGREEMENT\"";
            String peer = text("GetPublicKey", of(key("peer", agreement)), "PublicKey");
            add(
                    Action.DERIVE_SHARED_SECRET,
                    of(key("agreeing", agreement)) + ",\"KeyAgreementAlgorithm\":\"ECDH\",\"PublicKey\":\"" + peer
                            + "\"");
        }

        private void encryption() {
            String key = key("encryption", "");
            add(Action.ENCRYPT, of(key) + ",\"Plaintext\":\"" + MESSAGE + "\"");
            String blob = "\"CiphertextBlob\":\""
                    + text("Encrypt", of(key) + ",\"Plaintext\":\"" + MESSAGE + "\"", "CiphertextBlob") + "\"";
            add(Action.DECRYPT, blob);
            add(Action.RE_ENCRYPT, blob + ",\"DestinationKeyId\":\"" + key + "\"");
            add(Action.GENERATE_DATA_KEY, of(key) + ",\"KeySpec\":\"AES_256\"");
            add(Action.GENERATE_DATA_KEY_WITHOUT_PLAINTEXT, of(key) + ",\"KeySpec\":\"AES_256\"");
            add(Action.GENERATE_DATA_KEY_PAIR, of(key) + ",\"KeyPairSpec\":\"ECC_NIST_P256\"");
            add(Action.GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT, of(key) + ",\"KeyPairSpec\":\"ECC_NIST_P256\"");
            add(Action.ENABLE_KEY_ROTATION, of(key));
            add(Action.GET_KEY_ROTATION_STATUS, of(key));
            add(Action.LIST_KEY_ROTATIONS, of(key));
            add(Action.DISABLE_KEY_ROTATION, of(key));
            add(Action.ROTATE_KEY_ON_DEMAND, of(key));
        }

        private void grants() {
            String grant = of(signing) + ",\"GranteePrincipal\":\"" + GRANTEE + "\",\"RetiringPrincipal\":\"" + GRANTEE
                    + "\",\"Operations\":[\"DescribeKey\"]";
            add(Action.CREATE_GRANT, grant);
            add(Action.LIST_GRANTS, of(signing));
            add(Action.LIST_RETIRABLE_GRANTS, "\"RetiringPrincipal\":\"" + GRANTEE + "\"");
            for (Action action : List.of(Action.RETIRE_GRANT, Action.REVOKE_GRANT)) {
                add(
                        action,
                        of(signing) + ",\"GrantId\":\""
                                + text("CreateGrant", grant + ",\"Name\":\"" + action + "\"", "GrantId") + "\"");
            }
        }

        private void multiRegion() {
            String spec = "\"KeySpec\":\"ECC_NIST_EDWARDS25519\",\"KeyUsage\":\"SIGN_VERIFY\",\"MultiRegion\":true";
            add(Action.REPLICATE_KEY, of(key("replicated", spec)) + ",\"ReplicaRegion\":\"eu-west-1\"");
            String key = key("moved", spec);
            text("ReplicateKey", of(key) + ",\"ReplicaRegion\":\"eu-west-1\"", "ReplicaPolicy");
            add(Action.UPDATE_PRIMARY_REGION, of(key) + ",\"PrimaryRegion\":\"eu-west-1\"");
        }

        private void ethereum() {
            String holder = ",\"Holder\":\"" + name + "\"";
            String held = of(agent) + ",\"ChainId\":\"2\"" + holder;
            did("Keymoot.AcquireNonceLease", held + ",\"NextNonce\":\"3\"");
            did("Keymoot.ReserveNonce", held);
            add(Action.ACQUIRE_NONCE_LEASE, of(agent) + ",\"ChainId\":\"1\",\"NextNonce\":\"3\"" + holder);
            add(Action.GET_NONCE_LEASE, of(agent) + ",\"ChainId\":\"2\"");
            add(Action.RESERVE_NONCE, held);
            add(Action.SETTLE_NONCE, held + ",\"Nonce\":\"3\",\"Outcome\":\"RELEASED\"");
            add(Action.RELEASE_NONCE_LEASE, held);
            String rules = of(agent) + ",\"Rules\":\"{\\\"messages\\\":true}\"";
            did("Keymoot.PutSignRules", rules);
            add(Action.PUT_SIGN_RULES, rules.replace("true", "true,\\\"digests\\\":true"));
            add(Action.GET_SIGN_RULES, of(agent));
            add(Action.SIGN_ETHEREUM, of(agent) + ",\"Kind\":\"MESSAGE\",\"Message\":\"" + MESSAGE + "\"");
            add(Action.DELETE_SIGN_RULES, of(agent));
        }

        private void imports() throws Exception {
            String external = "\"Origin\":\"EXTERNAL\"";
            String forGood = ",\"ExpirationModel\":\"KEY_MATERIAL_DOES_NOT_EXPIRE\"";
            byte[] material = new byte[32];
            String waiting = key("waiting", external);
            add(
                    Action.GET_PARAMETERS_FOR_IMPORT,
                    of(waiting) + ",\"WrappingAlgorithm\":\"RSAES_OAEP_SHA_256\",\"WrappingKeySpec\":\"RSA_2048\"");
            add(Action.GET_PARAMETERS_FOR_SPLIT_IMPORT, of(waiting));
            add(Action.IMPORT_KEY_MATERIAL, of(waiting) + Bringing.wrapped(cluster, 1, waiting, material) + forGood);
            add(
                    Action.IMPORT_KEY_SHARES,
                    of(waiting) + Bringing.split(cluster, waiting, KeySpec.SYMMETRIC_DEFAULT, material, 0) + forGood);
            String imported = key("imported", external);
            did("ImportKeyMaterial", of(imported) + Bringing.wrapped(cluster, 1, imported, material) + forGood);
            add(Action.DELETE_IMPORTED_KEY_MATERIAL, of(imported));
        }

        private static void did(String action, String members) {
            ClientAnswer answer = cluster.call(1, action, "{" + members + "}");
            assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
        }

        private void add(Action action, String members) {
            requests.put(action, "{" + members + "}");
        }

        private static String of(String key) {
            return "\"KeyId\":\"" + key + "\"";
        }

        private String key(String what, String members) {
            String body = members.isEmpty() ? "" : members + ",";
            ClientAnswer answer =
                    cluster.call(1, "CreateKey", "{%s\"Description\":\"%s of %s\"}".formatted(body, what, name));
            assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
            String key = json(answer).path("KeyMetadata").path("KeyId").asString();
            keys.add(key);
            return key;
        }

        private static String text(String action, String members, String member) {
            ClientAnswer answer = cluster.call(1, action, "{" + members + "}");
            assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
            return json(answer).path(member).asString();
        }
    }
}

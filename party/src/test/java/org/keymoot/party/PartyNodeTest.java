package org.keymoot.party;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.keymoot.party.Asking.audit;
import static org.keymoot.party.Asking.createKey;
import static org.keymoot.party.Asking.json;
import static org.keymoot.party.Asking.keyRequest;
import static org.keymoot.party.Asking.onKey;
import static org.keymoot.party.Asking.sign;
import static org.keymoot.party.Asking.signAndVerify;
import static org.keymoot.party.Asking.status;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.lang.foreign.MemorySegment;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RegisterWrite;
import org.keymoot.access.Service;
import org.keymoot.api.directory.v1.Abandoned;
import org.keymoot.api.directory.v1.Command;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ReleasePairRequest;
import org.keymoot.api.gateway.v1.StatusRequest;
import org.keymoot.api.mesh.v1.MeshFrame;
import org.keymoot.crypto.vole.RvoleReply;
import org.keymoot.crypto.vole.RvoleRequest;
import org.keymoot.party.directory.ReplicatedDirectory;
import org.keymoot.party.store.NodeStore;
import org.keymoot.party.store.ShareStore;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.session.Frame;

@Timeout(120)
class PartyNodeTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    /// Shared by the tests, since a cluster takes long to start; each finds it whole.
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
    void aKeyNeedsEveryPartyToBeMadeAndTheAnswerNamesWhoIsMissing() throws Exception {
        cluster.stop(3);
        cluster.awaitLinks();
        ClientAnswer answer = cluster.call(1, "CreateKey", keyRequest("ECC_NIST_P256"));
        assertThat(answer.getStatus()).isEqualTo(500);
        assertThat(answer.getBody().toStringUtf8()).contains("party 3");
        assertThat(answer.getTryAnother()).isTrue();
        cluster.start(3);
        cluster.awaitLinks();
        createKey(cluster, 1, "ECC_NIST_P256");
    }

    @Test
    void aDisabledKeySignsAtNoPartyAndTheOneThatWasAwayLearnsOfIt() throws Exception {
        String key = createKey(cluster, 1, "ECC_NIST_EDWARDS25519");
        cluster.stop(3);
        cluster.awaitLinks();
        assertThat(cluster.call(1, "DisableKey", "{\"KeyId\":\"%s\"}".formatted(key))
                        .getStatus())
                .isEqualTo(200);
        cluster.start(3);
        cluster.awaitLinks();
        for (int leader = 1; leader <= 3; leader++) {
            int at = leader;
            NodeCluster.await(
                    "party " + at + " to refuse",
                    () -> sign(cluster, at, key, "ED25519_SHA_512")
                            .getErrorType()
                            .equals("DisabledException"));
        }
    }

    @Test
    void aPartyThatRefusesByAClockOfItsOwnIsLeftOutAndNamedOnceNoQuorumIsLeft() throws Exception {
        String key = createKey(cluster, 1, "ECC_NIST_EDWARDS25519");
        String mac = json(cluster.call(
                        1, "CreateKey", "{\"KeySpec\":\"HMAC_256\",\"KeyUsage\":\"GENERATE_VERIFY_MAC\"}"))
                .path("KeyMetadata")
                .path("KeyId")
                .asString();
        String generateMac = "{\"KeyId\":\"%s\",\"MacAlgorithm\":\"HMAC_SHA_256\",\"Message\":\"AAAA\"}".formatted(mac);
        cluster.aheadOfOthers.put(1, Duration.ofMinutes(10));
        ClientAnswer signed = sign(cluster, 2, key, "ED25519_SHA_512");
        assertThat(signed.getStatus()).as(signed.getBody().toStringUtf8()).isEqualTo(200);
        assertThat(audit(cluster, 2, "request").getLast().toString()).contains("\"participants\":[2,3]");
        ClientAnswer drawn = cluster.call(3, "GenerateRandom", "{\"NumberOfBytes\":32}");
        assertThat(drawn.getStatus()).as(drawn.getBody().toStringUtf8()).isEqualTo(200);
        assertThat(audit(cluster, 1, "session.declined"))
                .as("both asked party 1 first")
                .hasSize(2)
                .allSatisfy(record -> assertThat(record.toString()).contains("InvalidSignatureException"));
        for (int leader = 2; leader <= 3; leader++) {
            assertThat(cluster.call(leader, "GenerateMac", generateMac).getStatus())
                    .isEqualTo(200);
        }
        assertThat(sign(cluster, 1, key, "ED25519_SHA_512").getErrorType()).isEqualTo("InvalidSignatureException");

        cluster.stop(3);
        cluster.awaitLinks();
        for (ClientAnswer refused : List.of(
                sign(cluster, 2, key, "ED25519_SHA_512"),
                cluster.call(2, "GenerateMac", generateMac),
                cluster.call(2, "GenerateRandom", "{\"NumberOfBytes\":32}"))) {
            assertThat(refused.getErrorType()).isEqualTo("KMSInternalException");
            assertThat(refused.getBody().toStringUtf8())
                    .contains("The parties do not agree about this request: party 1: InvalidSignatureException")
                    .contains("party 3 (last seen");
            assertThat(refused.getTryAnother()).isTrue();
        }
    }

    @Test
    void aRequestThatNeedsMoreStackThanThereIsIsRecordedAndAnsweredAndStopsNoOther() throws Exception {
        String key = createKey(cluster, 1, "ECC_NIST_EDWARDS25519");
        cluster.faults.put(1, new StackOverflowError("planted"));
        ClientAnswer failed = cluster.call(1, "ListKeys", "{}");
        assertThat(failed.getErrorType()).isEqualTo("KMSInternalException");
        assertThat(failed.getTryAnother()).isTrue();
        assertThat(audit(cluster, 1, "request").getLast().toString())
                .contains("\"outcome\":\"failed\"")
                .contains("\"detail\":\"StackOverflowError\"");
        assertThat(sign(cluster, 2, key, "ED25519_SHA_512").getStatus()).isEqualTo(200);
        assertThat(cluster.call(3, "GenerateRandom", "{\"NumberOfBytes\":32}").getStatus())
                .isEqualTo(200);
    }

    @Test
    void aRequestIsAnsweredBeforeWhoeverBroughtItTurnsToAnotherParty() throws Exception {
        String key = createKey(cluster, 1, "ECC_NIST_EDWARDS25519");
        cluster.tap = (from, to, frame) -> from != 1 && frame.hasSessionFrame() ? null : frame;
        ClientAnswer answer = cluster.callWithin(
                Duration.ofMillis(1500),
                1,
                "Sign",
                "{\"KeyId\":\"%s\",\"Message\":\"AAAA\",\"SigningAlgorithm\":\"ED25519_SHA_512\"}".formatted(key));
        assertThat(answer.getErrorType()).isEqualTo("DependencyTimeoutException");
        assertThat(answer.getTryAnother()).isTrue();
        assertThat(cluster.node(1).mesh().sessions().count()).isZero();
    }

    @Test
    void aSessionIsGivenOutByNoPartyThatMayHaveMissedThatItsCallerHasNoRightToIt() throws Exception {
        asRoot(Service.IAM, "CreateUser", "UserName=bob");
        String made = asRoot(Service.IAM, "CreateAccessKey", "UserName=bob");
        NodeCluster.Keys bob = new NodeCluster.Keys(in(made, "AccessKeyId"), in(made, "SecretAccessKey"));
        asRoot(Service.IAM, "CreateUser", "UserName=carol");
        asRoot(Service.IAM, "CreateRole", "RoleName=signer&AssumeRolePolicyDocument=" + trust("bob"));
        String role = "RoleArn=arn:aws:iam::%s:role/signer&RoleSessionName=work".formatted(NodeCluster.ACCOUNT);
        ClientAnswer assumed = cluster.ask(3, bob, Service.STS, "AssumeRole", role);
        assertThat(assumed.getStatus()).as(assumed.getBody().toStringUtf8()).isEqualTo(200);

        // Party 3 hears of no commit, but its own questions are answered.
        cluster.tap = (from, to, frame) ->
                to == 3 && frame.hasRequest() && frame.getRequest().getMethod().equals("directory/learn")
                        ? null
                        : frame;
        asRoot(Service.IAM, "UpdateAssumeRolePolicy", "RoleName=signer&PolicyDocument=" + trust("carol"));
        assertThat(cluster.ask(3, bob, Service.STS, "AssumeRole", role).getErrorType())
                .isEqualTo("AccessDenied");
        asRoot(Service.IAM, "UpdateAssumeRolePolicy", "RoleName=signer&PolicyDocument=" + trust("bob"));
        assertThat(cluster.ask(3, bob, Service.STS, "AssumeRole", role).getStatus())
                .isEqualTo(200);

        // Only endpoints reach party 3.
        cluster.tap = (from, to, frame) -> frame.hasRequest() && (from == 3 || to == 3) ? null : frame;
        asRoot(Service.IAM, "DeleteAccessKey", "UserName=bob&AccessKeyId=" + bob.id());
        ClientAnswer cutOff = cluster.ask(3, bob, Service.STS, "AssumeRole", role);
        assertThat(cutOff.getErrorType()).isEqualTo("ServiceFailure");
        assertThat(cutOff.getTryAnother()).isTrue();
        assertThat(cluster.ask(3, bob, Service.STS, "GetCallerIdentity", "").getStatus())
                .as("party 3 knows no better")
                .isEqualTo(200);
        cluster.tap = Wiretap.Tap.NONE;
        assertThat(cluster.ask(3, bob, Service.STS, "AssumeRole", role).getErrorType())
                .isEqualTo("InvalidClientTokenId");
    }

    private static String asRoot(Service service, String action, String form) {
        ClientAnswer answer = cluster.ask(1, NodeCluster.ROOT, service, action, form);
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
        return answer.getBody().toStringUtf8();
    }

    private static String in(String xml, String element) {
        return xml.substring(
                xml.indexOf("<" + element + ">") + element.length() + 2, xml.indexOf("</" + element + ">"));
    }

    private static String trust(String user) {
        return URLEncoder.encode(
                "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":{\"AWS\":\"arn:aws:iam::%s:user/%s\"}}}"
                        .formatted(NodeCluster.ACCOUNT, user),
                StandardCharsets.UTF_8);
    }

    @Test
    void aQuarantinedPairIsAvoidedAcrossRestartsAndHealsWhenReleased() throws Exception {
        String key = createKey(cluster, 1, "ECC_NIST_P256");
        signAndVerify(cluster, 1, key, "ECDSA_SHA_256");
        cluster.node(1).operations().pairs().burn(2, "ecdsa-presign 2.1");
        signAndVerify(cluster, 1, key, "ECDSA_SHA_256");
        cluster.stop(1);
        cluster.start(1);
        cluster.awaitLinks();
        assertThat(status(cluster, 1).getQuarantinedPairsList()).containsExactly("1-2 (ecdsa-presign 2.1)");
        signAndVerify(cluster, 1, key, "ECDSA_SHA_256");
        cluster.stop(3);
        cluster.awaitLinks();
        assertThat(sign(cluster, 1, key, "ECDSA_SHA_256").getStatus()).isEqualTo(500);

        assertThat(cluster.operator(1)
                        .releasePair(ReleasePairRequest.newBuilder()
                                .setPeer(2)
                                .setReason("looked at the evidence")
                                .build())
                        .getReleased())
                .isTrue();
        NodeCluster.await(
                "the pair to heal", () -> sign(cluster, 1, key, "ECDSA_SHA_256").getStatus() == 200);
        assertThat(status(cluster, 1).getQuarantinedPairsList()).isEmpty();
    }

    @Test
    void aShareWhoseKeyNeverCameToBeIsRemovedOnceThePartiesHaveSettledThat() throws Exception {
        String orphan = "key/123456789012/us-east-1/11111111-2222-3333-4444-555555555555";
        cluster.stop(1);
        try (NodeStore store = cluster.store(1)) {
            store.shares()
                    .pending(
                            orphan.substring(orphan.lastIndexOf('/') + 1),
                            0,
                            orphan,
                            new byte[] {1},
                            MemorySegment.ofArray(new byte[] {2}));
        }
        cluster.start(1);
        cluster.awaitLinks();
        cluster.node(1).operations().tidy();
        assertThat(pendingAt(cluster, 1)).contains(orphan);

        cluster.ahead = cluster.ahead.plus(Duration.ofMinutes(31));
        cluster.start(1);
        cluster.awaitLinks();
        cluster.node(1).operations().tidy();
        assertThat(pendingAt(cluster, 1)).doesNotContain(orphan);
    }

    @Test
    void aPartyThatMissedTheCommitUsesItsPendingShareOnceItHearsOfTheKey() throws Exception {
        String key = createKey(cluster, 1, "ECC_NIST_EDWARDS25519");
        cluster.stop(3);
        try (NodeStore store = cluster.store(3)) {
            store.database().write(sql -> {
                // As if it had gone down between its confirmation and the commit.
                sql.execute("update key_share set state = 'PENDING' where key_id = ?", key);
                sql.execute("delete from register where name like ?", "%" + key);
                sql.execute("delete from register_entry where name like ?", "%" + key);
                return sql.execute("delete from peer_position");
            });
        }
        cluster.start(3);
        cluster.awaitLinks();
        cluster.stop(2);
        cluster.awaitLinks();
        signAndVerify(cluster, 1, key, "ED25519_SHA_512");
    }

    private static RegisterName keyRegister(String account, String region, String last) {
        return new RegisterName("key/" + account + "/" + region + "/" + last);
    }

    /// What the directory says to party 3, which wants a register given up.
    private static ReplicatedDirectory.Commit abandon(RegisterWrite write) throws InterruptedException {
        return cluster.node(3)
                .operations()
                .directory()
                .commit(
                        write,
                        Command.newBuilder()
                                .setAtMillis(cluster.clock.instant().toEpochMilli())
                                .setAbandoned(Abandoned.getDefaultInstance())
                                .build());
    }

    private static RegisterWrite abandoned(RegisterName name) {
        return new RegisterWrite(name, 0, "{\"abandoned\":true,\"deleted\":true}");
    }

    @Test
    void onlyAMakingThatCameToNothingIsAbandoned() throws Exception {
        String key = createKey(cluster, 1, "ECC_NIST_EDWARDS25519");
        RegisterName register = keyRegister(NodeCluster.ACCOUNT, NodeCluster.REGION, key);
        for (RegisterName name : List.of(
                keyRegister("000000000000", "x", key),
                keyRegister("000000000000", "x", key + "/0"),
                keyRegister(NodeCluster.ACCOUNT, "eu-west-1", "mrk-" + "0".repeat(32)))) {
            assertThat(abandon(abandoned(name))).isInstanceOf(ReplicatedDirectory.Commit.Refused.class);
        }
        RegisterValue value =
                Objects.requireNonNull(cluster.node(3).operations().directory().read(view -> view.read(register)));
        // The end of an import writes the same content again; here none was begun.
        assertThat(abandon(new RegisterWrite(register, value.version(), value.json())))
                .isInstanceOf(ReplicatedDirectory.Commit.Refused.class);
        signAndVerify(cluster, 2, key, "ED25519_SHA_512");
    }

    @Test
    void aSharePendingForOneRegisterStaysWhenAnotherOfTheSameIdIsAbandoned() throws Exception {
        String id = "11111111-2222-3333-4444-666666666666";
        String own = keyRegister(NodeCluster.ACCOUNT, NodeCluster.REGION, id).text();
        cluster.stop(1);
        try (NodeStore store = cluster.store(1)) {
            store.shares().pending(id, 0, own, new byte[] {1}, MemorySegment.ofArray(new byte[] {2}));
        }
        cluster.heal();
        RegisterName other = keyRegister("000000000000", "x", id);
        // Parties 2 and 3 know nothing of the id and are a commit quorum.
        assertThat(abandon(abandoned(other))).isInstanceOf(ReplicatedDirectory.Commit.Done.class);
        NodeCluster.await(
                "party 1 to hear of it",
                () -> cluster.node(1).operations().directory().read(view -> view.read(other)) != null);
        assertThat(pendingAt(cluster, 1)).contains(own);
    }

    /// What happens to the confirmations of a key that is being made, between parties 1 and 2.
    private static void tapConfirmations(UnaryOperator<@Nullable MeshFrame> what) {
        cluster.tap = (from, to, frame) ->
                from != 3 && to != 3 && Wiretap.step(frame).equals("4.2") ? what.apply(frame) : frame;
    }

    @Test
    void aKeyThatOnlyItsLeaderSawConfirmedIsNotCommitted() throws Exception {
        tapConfirmations(frame -> null);
        ClientAnswer answer = cluster.call(3, "CreateKey", keyRequest("ECC_NIST_EDWARDS25519"));
        cluster.tap = Wiretap.Tap.NONE;
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(500);
        assertThat(audit(cluster, 3, "request").getLast().toString()).contains("all have confirmed");
        createKey(cluster, 3, "ECC_NIST_EDWARDS25519");
    }

    @Test
    void aCommitThatOvertakesTheLastConfirmationsIsWaitedFor() throws Exception {
        tapConfirmations(frame -> {
            try {
                Thread.sleep(400);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return frame;
        });
        String key = createKey(cluster, 3, "ECC_NIST_EDWARDS25519");
        cluster.tap = Wiretap.Tap.NONE;
        signAndVerify(cluster, 2, key, "ED25519_SHA_512");
    }

    @Test
    void servicesAreForTheirRoleOnly() throws Exception {
        assertThatThrownBy(() -> cluster.gatewayAsOperator(1).execute(cluster.signed("ListKeys", "{}")))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED));
        assertThatThrownBy(() -> cluster.operatorAsEndpoint(1).status(StatusRequest.getDefaultInstance()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED));
        assertThat(status(cluster, 2).getPeersList())
                .hasSize(2)
                .allSatisfy(peer -> assertThat(peer.getLinked()).isTrue());
    }

    @Test
    void aLeaderWithAnOlderRegisterLearnsFromThePeerThatRefusesAndAnswersForItself() throws Exception {
        String key = createKey(cluster, 1, "ECC_NIST_EDWARDS25519");
        cluster.stop(1);
        cluster.awaitLinks();
        assertThat(onKey(cluster, 2, "DisableKey", key).getStatus()).isEqualTo(200);
        // Until it leads a session, party 1 hears nothing about registers.
        cluster.tap = (from, to, frame) -> {
            if (frame.hasSessionOpen()) {
                cluster.tap = Wiretap.Tap.NONE;
            }
            boolean news = frame.hasRequest()
                    && (from == 1 && frame.getRequest().getMethod().equals("directory/pull")
                            || to == 1 && frame.getRequest().getMethod().equals("directory/learn"));
            return news
                    ? frame.toBuilder()
                            .setRequest(frame.getRequest().toBuilder().setMethod("nothing"))
                            .build()
                    : frame;
        };
        cluster.start(1);
        cluster.awaitLinks();
        assertThat(json(onKey(cluster, 1, "DescribeKey", key))
                        .path("KeyMetadata")
                        .path("KeyState")
                        .asString())
                .isEqualTo("Enabled");

        ClientAnswer refused = sign(cluster, 1, key, "ED25519_SHA_512");
        assertThat(refused.getErrorType()).as(refused.getBody().toStringUtf8()).isEqualTo("DisabledException");
        assertThat(refused.getTryAnother()).isFalse();
        assertThat(audit(cluster, 1, "request").getLast().toString()).contains("\"outcome\":\"refused\"");

        assertThat(onKey(cluster, 1, "EnableKey", key).getStatus()).isEqualTo(200);
        signAndVerify(cluster, 1, key, "ED25519_SHA_512");
    }

    @Test
    void aPeerThatCheatsInAMultiplicationIsBurnedBeforeAnyAnswerAndTheRestSign() throws Exception {
        String key = createKey(cluster, 1, "ECC_NIST_P256");
        signAndVerify(cluster, 1, key, "ECDSA_SHA_256");
        int point = 33;
        int gammaV = RvoleReply.LENGTH + 32 + point;
        int gammaU = gammaV + point;
        cheats(key, "1.3", "ecdsa-presign 2.1", body -> flipped(body, body.length - RvoleRequest.LENGTH / 2));
        cheats(key, "2.4", "ecdsa-presign 3.2", body -> flipped(body, body.length - 1));
        cheats(key, "2.4", "ecdsa-presign 3.3", body -> copied(body, gammaV, gammaU, point));
        cheats(key, "2.4", "ecdsa-presign 3.4", body -> copied(body, gammaU, gammaV, point));
    }

    /// One signature led by party 1 whose first peer sends something else in one step; then the pair's release.
    private static void cheats(String key, String step, String burnedFor, UnaryOperator<byte[]> lie) throws Exception {
        AtomicInteger cheat = new AtomicInteger();
        AtomicReference<@Nullable List<String>> atTheFirstWord = new AtomicReference<>();
        int before = audit(cluster, 1, "pair.burned").size();
        cluster.tap = (from, to, frame) -> {
            if (to == 1 && cheat.get() == 0) {
                MeshFrame other = changed(frame, step, lie);
                if (other != null && cheat.compareAndSet(0, from)) {
                    return other;
                }
            } else if (from == 1 && to == cheat.get() && frame.hasSessionClose()) {
                atTheFirstWord.compareAndSet(
                        null, cluster.node(1).operations().pairs().quarantined());
            }
            return frame;
        };
        ClientAnswer answer = sign(cluster, 1, key, "ECDSA_SHA_256");
        cluster.tap = Wiretap.Tap.NONE;
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
        String quarantine = "1-%d (%s)".formatted(cheat.get(), burnedFor);
        assertThat(atTheFirstWord.get()).containsExactly(quarantine);
        assertThat(status(cluster, 1).getQuarantinedPairsList()).containsExactly(quarantine);
        int other = 5 - cheat.get();
        assertThat(audit(cluster, 1, "request").getLast().toString())
                .contains("\"outcome\":\"signed\"")
                .contains("\"participants\":[1,%d]".formatted(other));
        assertThat(audit(cluster, 1, "pair.burned")).hasSize(before + 1);
        signAndVerify(cluster, 1, key, "ECDSA_SHA_256");

        assertThat(cluster.operator(1)
                        .releasePair(ReleasePairRequest.newBuilder()
                                .setPeer(cheat.get())
                                .setReason("the test is over")
                                .build())
                        .getReleased())
                .isTrue();
        cluster.heal();
        cluster.stop(other);
        cluster.awaitLinks();
        signAndVerify(cluster, 1, key, "ECDSA_SHA_256");
        cluster.heal();
    }

    /// The frame with another body when it is a private message of this step; null otherwise.
    private static @Nullable MeshFrame changed(MeshFrame frame, String step, UnaryOperator<byte[]> lie) {
        if (!frame.hasSessionFrame()) {
            return null;
        }
        try {
            Frame inner = Frame.decode(frame.getSessionFrame().getPayload().toByteArray());
            if (inner.kind() != Frame.Kind.PRIVATE || !inner.step().equals(step)) {
                return null;
            }
            byte[] payload = new Frame(
                            inner.kind(),
                            inner.root(),
                            inner.child(),
                            inner.sender(),
                            inner.receiver(),
                            inner.sequence(),
                            inner.echo(),
                            inner.step(),
                            lie.apply(inner.body()))
                    .encode();
            return frame.toBuilder()
                    .setSessionFrame(frame.getSessionFrame().toBuilder().setPayload(ByteString.copyFrom(payload)))
                    .build();
        } catch (Malformed e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] flipped(byte[] body, int at) {
        byte[] other = body.clone();
        other[at] ^= 1;
        return other;
    }

    /// The body with one part in the place of another, both counted from its end.
    private static byte[] copied(byte[] body, int fromEnd, int toEnd, int length) {
        byte[] other = body.clone();
        System.arraycopy(body, body.length - fromEnd, other, body.length - toEnd, length);
        assertThat(Arrays.equals(other, body)).isFalse();
        return other;
    }

    @Test
    void aPeerThatFreezesWithItsLinkUpCostsTimeButNoSignatureAndLeavesNothingBehind() throws Exception {
        String key = createKey(cluster, 1, "ECC_NIST_P256");
        signAndVerify(cluster, 1, key, "ECDSA_SHA_256");
        AtomicInteger frozen = new AtomicInteger();
        cluster.tap = (from, to, frame) -> {
            if (from == 1 && frame.hasSessionOpen()) {
                frozen.compareAndSet(0, to);
            }
            return from == frozen.get() ? null : frame;
        };
        long start = System.nanoTime();
        ClientAnswer answer = sign(cluster, 1, key, "ECDSA_SHA_256");
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
        assertThat(took).isLessThan(Duration.ofSeconds(12));
        assertThat(audit(cluster, 1, "request").getLast().toString())
                .contains("\"participants\":[1,%d]".formatted(5 - frozen.get()));
        // The party that froze is asked last for a while.
        assertThat(sign(cluster, 1, key, "ECDSA_SHA_256").getStatus()).isEqualTo(200);
        cluster.tap = Wiretap.Tap.NONE;
        for (int party = 1; party <= 3; party++) {
            int at = party;
            NodeCluster.await(
                    "party " + at + " to have no session left",
                    () -> cluster.node(at).mesh().sessions().count() == 0);
        }
        assertThat(status(cluster, 1).getQuarantinedPairsList()).isEmpty();
    }

    /// The registers of a party's pending shares; stops the party.
    private static List<String> pendingAt(NodeCluster cluster, int party) throws Exception {
        cluster.stop(party);
        try (NodeStore store = cluster.store(party)) {
            return store.shares().pending(0, 10).stream()
                    .map(ShareStore.Row::register)
                    .toList();
        }
    }
}

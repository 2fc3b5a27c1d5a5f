package org.keymoot.party.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.Credential;
import org.keymoot.access.Principal;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.party.store.PresignatureStore.Slot;
import org.keymoot.platform.disk.PrivateFiles;
import org.keymoot.platform.seal.KeyRing;
import org.keymoot.platform.seal.SealBroken;
import org.keymoot.platform.seal.Sealer;

class NodeStoreTest {
    private static final Owner OWNER = new Owner("test", 1, true);
    private static final byte[] PUBLIC_KEY = {1, 2, 3};
    private static final Slot SLOT = new Slot("key-1", 1, List.of(1, 2));

    private static final byte[] SECRET = "a share of something".getBytes(US_ASCII);

    private final SecretScope scope = new SecretScope();

    @AfterEach
    void eraseSecrets() {
        scope.close();
    }

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temporary;

    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private Sealer sealer;

    @BeforeEach
    void setUp() throws IOException {
        directory = PrivateFiles.createDirectory(temporary.resolve("party"));
        sealer = new Sealer(KeyRing.create(temporary.resolve("kek"), new SecureRandom()), new SecureRandom());
    }

    @Test
    void aShareIsUsableOnlyOnceItsKeyIsSettledAndNeverAfterItsErasure() throws IOException {
        try (NodeStore store = open(OWNER)) {
            ShareStore shares = store.shares();
            shares.pending("key-1", 1, "key/x", PUBLIC_KEY, secret());
            assertThat(shares.openActive("key-1", 1, PUBLIC_KEY, scope)).isEmpty();
            assertThat(shares.activate("key-1", 1, new byte[] {9})).isFalse();
            assertThat(shares.activate("key-1", 1, PUBLIC_KEY)).isTrue();
            assertThat(plain(shares.openActive("key-1", 1, PUBLIC_KEY, scope))).isEqualTo(SECRET);
            assertThat(shares.discardPending("key/x")).isFalse();
            shares.erase("key-1");
            assertThat(shares.openActive("key-1", 1, PUBLIC_KEY, scope)).isEmpty();
            assertThat(shares.activate("key-1", 1, PUBLIC_KEY)).isFalse();
            assertThatThrownBy(() -> shares.pending("key-1", 1, "key/x", PUBLIC_KEY, secret()))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aPendingShareCountsAsHeldOnceItIsConfirmedAndOneOfAnOlderReleaseAtOnce() throws IOException {
        try (NodeStore store = open(OWNER)) {
            ShareStore shares = store.shares();
            shares.pending("key-1", 0, "key/x", PUBLIC_KEY, secret());
            assertThat(shares.holds("key-1", 0, PUBLIC_KEY)).isFalse();
            assertThat(shares.isPending("key-1", 0, PUBLIC_KEY)).isTrue();
            shares.confirm("key-1", 0, new byte[] {9});
            assertThat(shares.holds("key-1", 0, PUBLIC_KEY)).isFalse();
            shares.confirm("key-1", 0, PUBLIC_KEY);
            assertThat(shares.holds("key-1", 0, PUBLIC_KEY)).isTrue();
            assertThat(shares.activate("key-1", 0, PUBLIC_KEY)).isTrue();
            assertThat(shares.holds("key-1", 0, PUBLIC_KEY)).isTrue();

            // The commit may reach a party whose own protocol has not returned; it has the share all the same.
            shares.pending("key-2", 0, "key/y", PUBLIC_KEY, secret());
            assertThat(shares.activate("key-2", 0, PUBLIC_KEY)).isTrue();
            assertThat(shares.holds("key-2", 0, PUBLIC_KEY)).isTrue();

            // As the statement of a release that did not know of confirmations stored it.
            store.database().write(sql -> sql.execute("""
                            insert into key_share
                                (key_id, epoch, state, register, public_key_digest, sealed, changed_millis)
                            select 'key-3', epoch, 'PENDING', register, public_key_digest, sealed, changed_millis
                            from key_share where key_id = 'key-2'"""));
            assertThat(shares.holds("key-3", 0, PUBLIC_KEY)).isTrue();
        }
    }

    @Test
    void anImportThatIsTriedAgainWithTheSameSharingHasTheShareThatItHad() throws IOException {
        try (NodeStore store = open(OWNER)) {
            ShareStore shares = store.shares();
            shares.pending("key-1", 3, "key/x", PUBLIC_KEY, secret());
            shares.confirm("key-1", 3, PUBLIC_KEY);
            shares.pending("key-1", 3, "key/x", PUBLIC_KEY, secret());
            assertThat(shares.pending(0, 10)).hasSize(1);
            assertThat(shares.holds("key-1", 3, PUBLIC_KEY)).isTrue();
            assertThat(shares.activate("key-1", 3, PUBLIC_KEY)).isTrue();
            assertThat(plain(shares.openActive("key-1", 3, PUBLIC_KEY, scope))).isEqualTo(SECRET);
            assertThatThrownBy(() -> shares.pending("key-1", 3, "key/x", PUBLIC_KEY, secret()))
                    .isInstanceOf(IllegalStateException.class);

            shares.pending("key-2", 0, "key/y", PUBLIC_KEY, secret());
            assertThatThrownBy(() -> shares.pending("key-2", 0, "key/y", PUBLIC_KEY, secret()))
                    .as("two makings of one public key have different shares")
                    .isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    void epochsAndTimesBeyond32BitsAreReadAsTheyWereWritten() throws IOException {
        long epoch = (1L << 40) + 3;
        try (NodeStore store = open(OWNER)) {
            store.shares().pending("key-1", 1, "key/x", PUBLIC_KEY, secret());
            store.shares().pending("key-2", epoch, "key/y", PUBLIC_KEY, secret());
            assertThat(store.shares().pending(0, 10))
                    .extracting(ShareStore.Row::epoch)
                    .containsExactlyInAnyOrder(1L, epoch);
            long sixtyDays = Duration.ofDays(60).toMillis();
            store.database()
                    .write(sql -> sql.execute("update key_share set changed_millis = changed_millis - ?", sixtyDays));
            assertThat(Objects.requireNonNull(store.shares().pendingAge("key/y", epoch)))
                    .isBetween(Duration.ofDays(60), Duration.ofDays(61));
            store.pairs().put(2, 1, new byte[32], secret());
            store.pairs().burn(2, 1, new byte[32], "small");
            store.pairs().put(3, epoch, new byte[32], secret());
            store.pairs().burn(3, epoch, new byte[32], "large");
            assertThat(store.pairs().quarantined())
                    .extracting(PairStore.Row::epoch)
                    .containsExactly(1L, epoch);
            assertThat(store.pairs().find(3, epoch))
                    .hasValueSatisfying(row -> assertThat(row.epoch()).isEqualTo(epoch));
        }
    }

    @Test
    void aShareWhoseKeyTheDirectoryHasDeletedIsFoundUntilItIsErased() throws IOException {
        try (NodeStore store = open(OWNER)) {
            store.shares().pending("key-1", 1, "key/x", PUBLIC_KEY, secret());
            store.shares().activate("key-1", 1, PUBLIC_KEY);
            store.database()
                    .write(sql -> sql.execute(
                            "insert into register (name, version, value, live) values ('key/x', 1, x'00', 1)"));
            assertThat(store.shares().ofDeletedKeys(10)).isEmpty();
            store.database().write(sql -> sql.execute("update register set live = 0"));
            assertThat(store.shares().ofDeletedKeys(10))
                    .singleElement()
                    .satisfies(row -> assertThat(row.register()).isEqualTo("key/x"));
            assertThat(store.shares().erase("key-1")).isTrue();
            assertThat(store.shares().erase("key-1")).isFalse();
            assertThat(store.shares().ofDeletedKeys(10)).isEmpty();
        }
    }

    @Test
    void eachMaterialOfAKeyHasItsRowsAndAllGoWithTheKey() throws IOException {
        String material = ShareStore.material("key-1", "m");
        byte[] other = {7};
        try (NodeStore store = open(OWNER)) {
            ShareStore shares = store.shares();
            for (String row : List.of("key-1", "key-11", material)) {
                byte[] publicKey = row.equals(material) ? other : PUBLIC_KEY;
                shares.pending(row, 1, "key/x", publicKey, secret());
                assertThat(shares.activate(row, 1, publicKey)).isTrue();
            }
            shares.pending(ShareStore.material("key-1", "never committed"), 1, "key/x", PUBLIC_KEY, secret());
            assertThat(plain(shares.openActive("key-1", 1, PUBLIC_KEY, scope))).isEqualTo(SECRET);
            assertThat(plain(shares.openActive(material, 1, other, scope))).isEqualTo(SECRET);
            assertThat(shares.erase("key-1")).isTrue();
            assertThat(shares.openActive("key-1", 1, PUBLIC_KEY, scope)).isEmpty();
            assertThat(shares.openActive(material, 1, other, scope)).isEmpty();
            assertThat(shares.pending(0, 10)).isEmpty();
            assertThat(plain(shares.openActive("key-11", 1, PUBLIC_KEY, scope))).isEqualTo(SECRET);
        }
    }

    @Test
    void materialThatWasNeverCommittedIsKeptButNotLookedAtAfterADay() throws IOException {
        String material = ShareStore.material("key-1", "m");
        try (NodeStore store = open(OWNER)) {
            store.shares().pending(material, 1, "key/x", PUBLIC_KEY, secret());
            store.shares().pending("key-2", 1, "key/y", PUBLIC_KEY, secret());
            assertThat(store.shares().pending(0, 10)).hasSize(2);
            long days = Duration.ofDays(2).toMillis();
            store.database()
                    .write(sql -> sql.execute("update key_share set changed_millis = changed_millis - ?", days));
            assertThat(store.shares().pending(0, 10))
                    .extracting(ShareStore.Row::keyId)
                    .containsExactly("key-2");
            assertThat(store.shares().activate(material, 1, PUBLIC_KEY)).isTrue();
        }
    }

    @Test
    void aPendingShareSurvivesACrashUntilItIsDiscarded() throws IOException {
        NodeStore before = open(OWNER);
        before.shares().pending("key-1", 1, "key/x", PUBLIC_KEY, secret());
        before.abandon();
        try (NodeStore after = open(OWNER)) {
            assertThat(after.shares().pending(0, 10))
                    .containsExactly(new ShareStore.Row("key-1", 1, ShareStore.State.PENDING, "key/x"));
            assertThat(after.shares().pendingAge("key/x", 1)).isLessThan(Duration.ofMinutes(1));
            assertThat(after.shares().pendingAge("key/y", 1)).isNull();
            assertThat(after.shares().discardPending("key/x")).isTrue();
            after.shares().pending("key-1", 1, "key/x", PUBLIC_KEY, secret());
        }
    }

    @Test
    void aPendingShareGoesWithTheRegisterThatItWaitsForAndNoOther() throws IOException {
        try (NodeStore store = open(OWNER)) {
            ShareStore shares = store.shares();
            shares.pending("key-1", 0, "key/a/key-1", PUBLIC_KEY, secret());
            assertThat(shares.isTaken("key-1", "key/a/key-1")).isFalse();
            assertThat(shares.isTaken("key-1", "key/b/key-1")).isTrue();
            assertThat(shares.discardPending("key/b/key-1")).isFalse();
            assertThat(shares.pendingAge("key/b/key-1", 0)).isNull();
            assertThat(shares.pendingAge("key/a/key-1", 0)).isNotNull();
            assertThat(shares.activate("key-1", 0, PUBLIC_KEY)).isTrue();
            assertThat(shares.isTaken("key-1", "key/a/key-1")).isTrue();
            assertThat(shares.isTaken("key-11", "key/a/key-11")).isFalse();
        }
    }

    @Test
    void pendingSharesAreSeenAFewAtATime() throws IOException {
        try (NodeStore store = open(OWNER)) {
            for (int i = 0; i < 5; i++) {
                store.shares().pending("key-" + i, 0, "key/x/" + i, PUBLIC_KEY, secret());
            }
            assertThat(store.shares().pending(0, 3)).hasSize(3);
            assertThat(store.shares().pending(3, 3))
                    .hasSize(2)
                    .doesNotContainAnyElementsOf(store.shares().pending(0, 3));
        }
    }

    @Test
    void aRowMovedToAnotherKeyOrPublicKeyDoesNotOpen() throws IOException {
        try (NodeStore store = open(OWNER)) {
            ShareStore shares = store.shares();
            shares.pending("key-1", 1, "key/x", PUBLIC_KEY, secret());
            shares.activate("key-1", 1, PUBLIC_KEY);
            assertThatThrownBy(() -> shares.openActive("key-1", 1, new byte[] {9}, scope))
                    .isInstanceOf(SealBroken.class);
            store.database().write(sql -> sql.execute("update key_share set key_id = 'key-2'"));
            assertThatThrownBy(() -> shares.openActive("key-2", 1, PUBLIC_KEY, scope))
                    .isInstanceOf(SealBroken.class);
        }
    }

    @Test
    void ofManyThatWantOnePresignatureExactlyOneGetsIt() throws Exception {
        try (NodeStore store = open(OWNER)) {
            for (int round = 0; round < 5; round++) {
                byte[] id = id(round);
                store.presignatures().put(id, SLOT, secret());
                CountDownLatch start = new CountDownLatch(1);
                AtomicInteger got = new AtomicInteger();
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    byte[] message = {(byte) i};
                    threads.add(Thread.ofVirtual().start(() -> {
                        try {
                            start.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        try (SecretScope own = new SecretScope()) {
                            store.presignatures()
                                    .spend(id, SLOT, message, own)
                                    .ifPresent(secret -> got.incrementAndGet());
                        }
                    }));
                }
                start.countDown();
                for (Thread thread : threads) {
                    thread.join();
                }
                assertThat(got).hasValue(1);
            }
            assertThat(store.presignatures().countAvailable()).isZero();
        }
    }

    @Test
    void aSpentPresignatureLeavesNoSecretOnDiskAndDoesNotReturn() throws IOException {
        NodeStore store = open(OWNER);
        store.presignatures().put(id(1), SLOT, secret());
        assertThat(store.presignatures().spend(id(1), new Slot("key-2", 1, List.of(1, 2)), new byte[1], scope))
                .isEmpty();
        assertThat(plain(store.presignatures().spend(id(1), SLOT, new byte[1], scope)))
                .isEqualTo(SECRET);
        Integer sealed = store.database()
                .read(sql -> sql.fetchSingle("select count(sealed) from presignature")
                        .get(0, Integer.class));
        assertThat(sealed).isZero();
        store.abandon();
        try (NodeStore after = open(OWNER)) {
            assertThat(after.presignatures().spend(id(1), SLOT, new byte[1], scope))
                    .isEmpty();
        }
    }

    @Test
    void noPresignatureOutlivesItsRunHoweverItEnds() throws IOException {
        NodeStore first = open(OWNER);
        first.presignatures().put(id(1), SLOT, secret());
        first.close();
        NodeStore second = open(OWNER);
        assertThat(second.bootEpoch()).isNotEqualTo(first.bootEpoch());
        assertThat(second.presignatures().countAvailable()).isZero();
        second.presignatures().put(id(2), SLOT, secret());
        second.abandon();
        try (NodeStore third = open(OWNER)) {
            assertThat(third.presignatures().countAvailable()).isZero();
        }
    }

    @Test
    void aCopyOfTheWholeDirectoryAfterACleanStopLosesItsPresignatures() throws IOException {
        NodeStore first = open(OWNER);
        first.presignatures().put(id(1), SLOT, secret());
        first.pairs().put(2, 1, id(7), secret());
        first.close();
        Path copy = temporary.resolve("copy.db");
        Path epochCopy = temporary.resolve("copy.epoch");
        Files.copy(directory.resolve("party.db"), copy);
        Files.copy(directory.resolve("boot-epoch"), epochCopy, StandardCopyOption.COPY_ATTRIBUTES);

        NodeStore second = open(OWNER);
        second.close();

        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith("party.db"))
                    .toList()) {
                Files.delete(file);
            }
        }
        Files.copy(copy, directory.resolve("party.db"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(
                epochCopy,
                directory.resolve("boot-epoch"),
                StandardCopyOption.COPY_ATTRIBUTES,
                StandardCopyOption.REPLACE_EXISTING);
        try (NodeStore restored = open(OWNER)) {
            assertThat(restored.presignatures().spend(id(1), SLOT, new byte[] {2}, scope))
                    .isEmpty();
            assertThat(restored.pairs().openActive(2, 1, scope)).isPresent();
        }
    }

    @Test
    void aBurnedPairStaysInQuarantineAcrossRestartsUntilItIsReleased() throws IOException {
        NodeStore store = open(OWNER);
        assertThat(store.pairs().put(2, 1, id(1), secret())).isTrue();
        store.presignatures().put(id(1), SLOT, secret());
        store.presignatures().put(id(2), new Slot("key-1", 1, List.of(1, 3)), secret());
        store.presignatures().put(id(3), new Slot("key-1", 1, List.of(1, 12)), secret());
        store.pairs().burn(2, 1, id(1), "ecdsa 2.1");
        store.abandon();
        try (NodeStore after = open(OWNER)) {
            assertThat(after.pairs().openActive(2, 1, scope)).isEmpty();
            assertThat(after.pairs().put(2, 1, id(9), secret())).isFalse();
            assertThat(after.pairs().openActive(2, 1, scope)).isEmpty();
            assertThat(after.pairs().quarantined()).singleElement().satisfies(row -> {
                assertThat(row.peer()).isEqualTo(2);
                assertThat(row.step()).isEqualTo("ecdsa 2.1");
            });
            assertThat(after.pairs().release(3, 1)).isFalse();
            assertThat(after.pairs().release(2, 1)).isTrue();
            assertThat(after.pairs().put(2, 1, id(9), secret())).isTrue();
            assertThat(plain(after.pairs().openActive(2, 1, scope))).isEqualTo(SECRET);
        }
    }

    @Test
    void aBurnRemovesThePresignaturesWithThatPeerOnly() throws IOException {
        try (NodeStore store = open(OWNER)) {
            Slot twelve = new Slot("key-1", 1, List.of(1, 12));
            store.presignatures().put(id(1), SLOT, secret());
            store.presignatures().put(id(3), twelve, secret());
            store.pairs().burn(2, 1, id(1), "x");
            assertThat(store.presignatures().available(SLOT, 9)).isEmpty();
            assertThat(store.presignatures().available(twelve, 9)).hasSize(1);
        }
    }

    @Test
    void aDirectoryOfAnotherPartyClusterOrModeIsRefused() throws IOException {
        open(OWNER).close();
        for (Owner other :
                List.of(new Owner("test", 2, true), new Owner("other", 1, true), new Owner("test", 1, false))) {
            assertThatThrownBy(() -> open(other))
                    .isInstanceOf(ForeignStore.class)
                    .hasMessageContaining(OWNER.toString());
        }
    }

    @Test
    void anAccessKeySignsFromItsSealAndFollowsItsIdentity() throws IOException {
        try (NodeStore store = open(OWNER)) {
            byte[] secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".getBytes(US_ASCII);
            Principal root = Principal.root("123456789012");
            store.credentials().put("AKIDEXAMPLE", root, true, secret);
            assertThat(secret).containsOnly(0);
            Credential credential = Objects.requireNonNull(store.credentials().credential("AKIDEXAMPLE"));
            assertThat(credential.principal()).isEqualTo(root);
            byte[] once = credential.sign(new CredentialScope("20150830", "us-east-1", "iam"), new byte[] {1});
            assertThat(once)
                    .hasSize(32)
                    .isEqualTo(credential.sign(new CredentialScope("20150830", "us-east-1", "iam"), new byte[] {1}));
            assertThat(store.credentials().credential("AKIDOTHER")).isNull();
            store.database()
                    .write(sql -> sql.execute("update credential set principal = 'arn:aws:iam::123456789012:user/x'"));
        }
        try (NodeStore store = open(OWNER)) {
            Credential moved = Objects.requireNonNull(store.credentials().credential("AKIDEXAMPLE"));
            assertThatThrownBy(() -> moved.sign(new CredentialScope("20150830", "us-east-1", "iam"), new byte[1]))
                    .isInstanceOf(SealBroken.class);
        }
    }

    @Test
    void aReplacedAccessKeySignsWithItsNewSecretAtOnce() throws IOException {
        CredentialScope scope = new CredentialScope("20150830", "us-east-1", "iam");
        Principal root = Principal.root("123456789012");
        try (NodeStore store = open(OWNER)) {
            store.credentials().put("AKIDEXAMPLE", root, true, "first".getBytes(US_ASCII));
            byte[] before = Objects.requireNonNull(store.credentials().credential("AKIDEXAMPLE"))
                    .sign(scope, new byte[] {1});
            store.credentials().put("AKIDEXAMPLE", root, false, "second".getBytes(US_ASCII));
            Credential after = Objects.requireNonNull(store.credentials().credential("AKIDEXAMPLE"));
            assertThat(after.active()).isFalse();
            assertThat(after.sign(scope, new byte[] {1})).isNotEqualTo(before);
        }
    }

    @Test
    void aStoreKnowsThatItIsNewOrWasPutBackUntilAllOthersWereHeard() throws IOException {
        List<Integer> others = List.of(2, 3);
        Path marker = directory.resolve("boot-epoch");
        Path database = directory.resolve("party.db");
        Path copy = temporary.resolve("copy");
        try (NodeStore store = open(OWNER)) {
            assertThat(store.runs().recovering()).contains("new");
        }
        try (NodeStore store = open(OWNER)) {
            assertThat(store.runs().recovering())
                    .as("a restart forgets nothing")
                    .contains("new");
            hear(store, others);
            assertThat(store.runs().recovering()).isNull();
        }
        Files.copy(database, copy, StandardCopyOption.COPY_ATTRIBUTES);
        byte[] before = Files.readAllBytes(marker);
        open(OWNER).close();
        try (NodeStore store = open(OWNER)) {
            assertThat(store.runs().recovering()).as("an ordinary restart").isNull();
        }

        Files.copy(copy, database, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
        try (NodeStore store = open(OWNER)) {
            assertThat(store.runs().recovering())
                    .as("the file beside it names a run that the copy does not know")
                    .contains("put back");
            hear(store, others);
        }
        Files.delete(marker);
        try (NodeStore store = open(OWNER)) {
            assertThat(store.runs().recovering()).as("as in a backup").contains("put back");
            hear(store, others);
        }
        Files.write(marker, before);
        try (NodeStore store = open(OWNER)) {
            assertThat(store.runs().recovering())
                    .as("a start that ended before it wrote the file")
                    .isNull();
            store.database().write(sql -> sql.execute("delete from own_run"));
        }
        try (NodeStore store = open(OWNER)) {
            assertThat(store.runs().recovering())
                    .as("a database from before runs were remembered")
                    .isNull();
        }
        Files.delete(database);
        try (NodeStore store = open(OWNER)) {
            assertThat(store.runs().recovering()).as("lost").contains("new");
        }
    }

    private static void hear(NodeStore store, List<Integer> parties) {
        parties.forEach(party -> store.runs().heard(party, parties));
    }

    @Test
    void aPairThatCouldNotBeErasedIsOutOfUseAcrossRestartsUntilItIsReleased() throws IOException {
        try (NodeStore store = open(OWNER)) {
            assertThat(store.pairs().put(2, 1, id(1), secret())).isTrue();
            assertThat(store.pairs().put(3, 1, id(1), secret())).isTrue();
            store.abandon();
            // As on a full disk, the database takes nothing any more.
            store.pairs().burn(2, 1, id(1), "a check");
        }
        for (int starts = 0; starts < 2; starts++) {
            try (NodeStore store = open(OWNER)) {
                assertThat(store.pairs().find(2, 1))
                        .hasValueSatisfying(row -> assertThat(row.state()).isEqualTo(PairStore.State.BURNED));
                assertThat(store.pairs().openActive(2, 1, scope)).isEmpty();
                assertThat(store.pairs().put(2, 1, id(2), secret())).isFalse();
                assertThat(store.pairs().quarantined())
                        .extracting(PairStore.Row::peer)
                        .containsExactly(2);
                assertThat(store.pairs().openActive(3, 1, scope)).isPresent();
            }
        }
        try (NodeStore store = open(OWNER)) {
            assertThat(store.pairs().release(2, 1)).isTrue();
            assertThat(store.pairs().find(2, 1)).isEmpty();
            assertThat(store.pairs().put(2, 1, id(2), secret())).isTrue();
            store.pairs().burn(2, 1, id(2), "a check");
            assertThat(store.pairs().quarantined())
                    .extracting(PairStore.Row::step)
                    .containsExactly("a check");
        }
    }

    @Test
    void anotherSealKeyIsRefusedBeforeAnythingIsSealedUnderIt() throws IOException {
        Sealer right = sealer;
        Sealer wrong = new Sealer(KeyRing.create(temporary.resolve("another"), new SecureRandom()), new SecureRandom());
        open(OWNER).close();
        sealer = wrong;
        assertThatThrownBy(() -> open(OWNER))
                .isInstanceOf(SealBroken.class)
                .hasMessageContaining("sealKey")
                .hasMessageContaining("party.db");
        sealer = right;
        open(OWNER).close();
    }

    @Test
    void aSealKeyThatWasRotatedIsKnownAndTheFileFromBeforeIsNot() throws IOException {
        Path ring = temporary.resolve("kek");
        open(OWNER).close();
        Sealer before = sealer;
        sealer = new Sealer(KeyRing.load(ring).rotate(ring, new SecureRandom()), new SecureRandom());
        open(OWNER).close();
        sealer = before;
        assertThatThrownBy(() -> open(OWNER)).isInstanceOf(SealBroken.class);
    }

    @Test
    void aStoreFromBeforeSealKeysWereRecognisedIsRecognisedByItsSecrets() throws IOException {
        Sealer right = sealer;
        Sealer wrong = new Sealer(KeyRing.create(temporary.resolve("another"), new SecureRandom()), new SecureRandom());
        try (NodeStore store = open(OWNER)) {
            store.shares().pending("key-1", 1L << 40, "key/x", PUBLIC_KEY, secret());
            store.pairs().put(2, 1L << 40, id(1), secret());
            store.credentials().put("AKID", Principal.root("123456789012"), true, SECRET.clone());
            store.database().write(sql -> sql.execute("delete from fact where name = 'seal'"));
        }
        sealer = wrong;
        assertThatThrownBy(() -> open(OWNER)).isInstanceOf(SealBroken.class);
        for (String secrets : List.of("key_share", "pair_setup", "credential")) {
            sealer = right;
            try (NodeStore store = open(OWNER)) {
                store.database().write(sql -> sql.execute("delete from fact where name = 'seal'"));
                store.database().write(sql -> sql.execute("delete from " + secrets));
            }
            sealer = secrets.equals("credential") ? right : wrong;
            if (sealer == wrong) {
                assertThatThrownBy(() -> open(OWNER)).isInstanceOf(SealBroken.class);
            }
        }
        open(OWNER).close();
        sealer = wrong;
        assertThatThrownBy(() -> open(OWNER)).isInstanceOf(SealBroken.class);
    }

    @Test
    void noSecretIsInTheFilesInTheClear() throws IOException {
        byte[] canary = "canary-7f3a9c51e0".getBytes(US_ASCII);
        try (NodeStore store = open(OWNER)) {
            store.shares().pending("key-1", 1, "key/x", PUBLIC_KEY, MemorySegment.ofArray(canary));
            store.pairs().put(2, 1, id(1), MemorySegment.ofArray(canary));
            store.presignatures().put(id(1), SLOT, MemorySegment.ofArray(canary));
            store.credentials().put("AKID", Principal.root("123456789012"), true, canary.clone());
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    assertThat(new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1))
                            .doesNotContain("canary-7f3a9c51e0");
                }
            }
        }
    }

    private NodeStore open(Owner owner) throws IOException {
        return NodeStore.open(directory, owner, sealer, Clock.systemUTC(), new SecureRandom(), (what, cause) -> {
            throw new AssertionError(what, cause);
        });
    }

    private static MemorySegment secret() {
        return MemorySegment.ofArray(SECRET);
    }

    private static byte[] plain(Optional<SecretBytes> opened) {
        return opened.orElseThrow().segment(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] id(int n) {
        byte[] id = new byte[32];
        Arrays.fill(id, (byte) n);
        return id;
    }
}

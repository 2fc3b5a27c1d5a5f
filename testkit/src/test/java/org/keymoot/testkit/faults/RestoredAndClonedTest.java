package org.keymoot.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.party.store.NodeStore;
import org.keymoot.party.store.Owner;
import org.keymoot.platform.disk.FailStop;
import org.keymoot.platform.seal.KeyRing;
import org.keymoot.platform.seal.Sealer;
import org.keymoot.testkit.cluster.RunningCluster;
import org.keymoot.testkit.cluster.Shell;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A party's directory put back from a copy, started twice, readable by others, or tampered with; and a pair whose
/// set-up is burned. One cluster serves all; what damages it for good comes last.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RestoredAndClonedTest {
    private static final KeySpec ECDSA = KeySpec.ECC_SECG_P256_K1;
    private static final Duration START = Duration.ofSeconds(60);

    @TempDir
    static Path folder = Path.of("");

    private static Victims victims;
    private static Stores stores;
    private static KmsClient kms;
    private static String key = "";

    @BeforeAll
    static void start() throws Exception {
        victims = Victims.start(folder.resolve("cluster"));
        stores = new Stores(victims);
        kms = victims.cluster().client();
        key = Client.createKey(kms, ECDSA);
        sign("warm");
    }

    @AfterAll
    static void stop() throws Exception {
        kms.close();
        victims.close();
    }

    @Test
    @Order(1)
    void aDirectoryStartedTwiceRunsOnce() throws Exception {
        Process second = victims.startProcess("party-1", Map.of());
        assertThat(second.waitFor(START.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isNotZero();
        assertThat(Files.readString(victims.log("party-1"))).contains("party does not start");
        sign("after the second start");
    }

    @Test
    @Order(2)
    void aKeyFileThatOthersCanReadStopsTheStartAndSaysWhatToDo() throws Exception {
        victims.stop("party-1");
        for (String file : List.of("seal.key", "key.pem", "access-keys")) {
            Path secret = victims.data().resolve("party-1").resolve(file);
            Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
            long logged = Files.size(victims.log("party-1"));
            Process refused = victims.startProcess("party-1", Map.of());
            assertThat(refused.waitFor(START.toSeconds(), TimeUnit.SECONDS))
                    .as("ends with a readable %s", file)
                    .isTrue();
            assertThat(refused.exitValue()).isNotZero();
            String said = Files.readString(victims.log("party-1")).substring((int) logged);
            assertThat(said).contains(file).contains("chmod 600");
            Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        }
        victims.start("party-1");
        victims.awaitWhole();
        sign("after the modes are right again");
    }

    @Test
    @Order(3)
    void aBurnedPairSignsNothingUntilBothItsPartiesAreTold() throws Exception {
        victims.stop("party-1");
        burn(1, 2);
        victims.start("party-1");
        victims.awaitWhole();
        for (int i = 0; i < 4; i++) {
            sign("other pairs go on " + i);
        }
        victims.stop("party-2");
        burn(2, 1);
        victims.start("party-2");
        victims.awaitWhole();
        assertThat(victims.cluster().status().toString()).contains("1-2");
        sign("with 3 in every quorum");
        victims.kill("party-3");
        refusesToSign();
        // A start does not forget the burn.
        victims.kill("party-1");
        victims.start("party-1");
        awaitUp(2);
        refusesToSign();
        assertThat(release(1, 2).exitCode()).isZero();
        refusesToSign();
        assertThat(release(2, 1).exitCode()).isZero();
        Client.signPatiently(kms, key, ECDSA, Client.message("healed"));
        assertThat(release(1, 2).exitCode()).as("nothing left to release").isEqualTo(6);
        victims.start("party-3");
        victims.awaitWhole();
    }

    @Test
    @Order(4)
    void aCloneBesideTheRunningPartyIsRefusedByThePeers() throws Exception {
        victims.stop("party-1");
        Path clone = folder.resolve("clone");
        Victims.copy(victims.data().resolve("party-1"), clone);
        victims.start("party-1");
        victims.awaitWhole();
        String original = victims.data().resolve("party-1").toString();
        String settings = Files.readString(clone.resolve("party.yaml"))
                .replace(original, clone.toString())
                .replaceAll("(?m)^listen: .*$", "listen: 127.0.0.1:0")
                .replaceAll("(?m)^metrics: .*$", "metrics: 127.0.0.1:0");
        Files.writeString(clone.resolve("party.yaml"), settings);
        List<String> line = new ArrayList<>(victims.commandLine("party-1"));
        line.set(line.size() - 1, clone.resolve("party.yaml").toString());
        Path log = folder.resolve("clone.log");
        Process process = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            RunningCluster.await("the clone is refused", START, () -> {
                try {
                    return Files.readString(log).contains("another running instance of party 1");
                } catch (IOException e) {
                    return false;
                }
            });
            for (String peer : List.of("party-2", "party-3")) {
                assertThat(Files.readString(victims.log(peer)))
                        .contains("boot_id: another running instance of party 1 is linked");
            }
            sign("the original goes on");
        } finally {
            process.destroyForcibly().waitFor();
        }
        victims.awaitWhole();
    }

    @Test
    @Order(5)
    void aDirectoryPutBackFromACopyBringsNoPresignatureBackAndTheCopyShowsInTheAudit() throws Exception {
        awaitStock(1);
        victims.stop("party-1");
        Path copy = folder.resolve("copy-of-1");
        Victims.copy(victims.store(1), copy);
        victims.start("party-1");
        victims.awaitWhole();
        victims.kill("party-3");
        for (int i = 0; i < 10; i++) {
            Client.signPatiently(kms, key, ECDSA, Client.message("by 1 and 2, " + i));
        }
        int records = lines(1).size();
        assertThat(stores.presignaturesUsedTwice()).isEmpty();
        assertThat(stores.spentSeen()).isPositive();
        victims.start("party-3");
        victims.awaitWhole();
        victims.stop("party-1");
        Victims.delete(victims.store(1));
        Victims.copy(copy, victims.store(1));
        assertThat(lines(1)).hasSizeLessThan(records);
        System.out.printf(
                "of party 1's chain %d of %d records are left; party 2 led%n%s%n",
                lines(1).size(),
                records,
                lines(2).stream()
                        .map(line -> new String(line, StandardCharsets.UTF_8))
                        .filter(line -> line.contains("\"signed\""))
                        .skip(Math.max(0, lines(2).size() - 200))
                        .map(line ->
                                line.replaceAll(".*\"participants\":(\\[[^]]*]).*\"seq[a-z]*\":([0-9]+).*", "$2 $1"))
                        .toList());
        victims.start("party-1");
        victims.awaitWhole();
        assertThat(stores.presignaturesUsedTwice()).isEmpty();
        for (int i = 0; i < 6; i++) {
            sign("after the restore " + i);
        }
        assertThat(stores.presignaturesUsedTwice()).isEmpty();
        Shell.Result audit = auditVerify();
        assertThat(audit.exitCode()).as(audit.out()).isEqualTo(7);
        assertThat(audit.out()).contains("party 1");
    }

    @Test
    @Order(6)
    void whatIsChangedInAnAuditChainIsFound() throws Exception {
        victims.stop("party-1");
        for (int i = 0; i < 6; i++) {
            sign("by 2 and 3, " + i);
        }
        victims.stop("party-2");
        victims.stop("party-3");
        List<byte[]> whole1 = lines(1);
        List<byte[]> whole2 = lines(2);
        List<byte[]> whole3 = lines(3);

        List<byte[]> flipped = lines(1);
        flipped.get(2)[flipped.get(2).length / 2] ^= 1;
        write(1, flipped);
        foundAtTheStartOrByTheCommand(1);
        write(1, whole1);

        List<byte[]> without = lines(2);
        without.remove(3);
        write(2, without);
        foundAtTheStartOrByTheCommand(2);
        write(2, whole2);

        // A chain cut at its end is sound in itself, so only the others' chains can tell.
        write(3, whole3.subList(0, whole3.size() - 12));
        for (int party = 1; party <= 3; party++) {
            victims.start(Victims.name(party));
        }
        victims.awaitWhole();
        Shell.Result audit = auditVerify();
        assertThat(audit.exitCode()).as(audit.out()).isEqualTo(7);
        assertThat(audit.out()).contains("with party 3, whose chain does not have it");
    }

    private static void foundAtTheStartOrByTheCommand(int party) throws Exception {
        String name = Victims.name(party);
        Path log = victims.log(name);
        int logged = Files.readString(log).length();
        victims.start(name);
        ProcessHandle process = victims.process(name);
        RunningCluster.await(name + " starts or refuses", START, () -> {
            try {
                return !process.isAlive()
                        || Files.readString(log).substring(logged).contains("\"ready\"");
            } catch (IOException e) {
                return false;
            }
        });
        if (process.isAlive()) {
            Shell.Result audit = auditVerify();
            assertThat(audit.exitCode()).as(audit.out()).isEqualTo(7);
            assertThat(audit.out()).contains("FAULT party " + party);
            victims.stop(name);
        } else {
            assertThat(Files.readString(log).substring(logged))
                    .contains("party does not start")
                    .contains("audit");
        }
    }

    private static void sign(String text) throws Exception {
        byte[] message = Client.message(text);
        byte[] signature = Client.signPatiently(kms, key, ECDSA, message);
        assertThat(Client.verifies(Client.publicKey(kms, key), ECDSA, message, signature))
                .isTrue();
    }

    /// The SDK tries it three times, and the endpoint asks another party each time.
    private static void refusesToSign() {
        try {
            byte[] signature = Client.sign(kms, key, ECDSA, Client.message("by the burned pair"));
            throw new AssertionError("a burned pair made a signature of %d bytes".formatted(signature.length));
        } catch (SdkException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    /// Marks the pair as a failed check would, with the party's own classes, while the party is down.
    private static void burn(int party, int peer) throws IOException {
        JsonNode settings =
                JsonMapper.shared().readTree(victims.data().resolve("dev.json").toFile());
        SecureRandom random = new SecureRandom();
        Sealer sealer = new Sealer(
                KeyRing.load(victims.data().resolve(Victims.name(party)).resolve("seal.key")), random);
        Owner owner = new Owner(settings.path("clusterId").stringValue(), party, false);
        try (NodeStore store = NodeStore.open(
                victims.store(party), owner, sealer, Clock.systemUTC(), random, FailStop.haltingProcess())) {
            store.pairs().burn(peer, 1, new byte[32], "a test's step");
        }
    }

    private static Shell.Result release(int party, int peer) throws Exception {
        return Shell.keymoot(
                "party",
                "release",
                "--data",
                victims.data().toString(),
                "--of",
                Integer.toString(party),
                Integer.toString(peer),
                "--reason",
                "the test heals it");
    }

    private static Shell.Result auditVerify() throws Exception {
        return Shell.keymoot("audit", "verify", "--data", victims.data().toString());
    }

    private static void awaitUp(int parties) throws Exception {
        RunningCluster.await(parties + " parties are linked", START, () -> {
            try {
                JsonNode status = victims.cluster().status();
                int linked = 0;
                for (JsonNode party : status.path("party")) {
                    for (JsonNode peer : party.path("peers")) {
                        linked += peer.path("linked").booleanValue() ? 1 : 0;
                    }
                }
                return status.path("up").intValue() == parties && linked == parties * (parties - 1);
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        });
    }

    private static void awaitStock(int party) throws Exception {
        victims.kill("party-3");
        for (int i = 0; i < 3; i++) {
            Client.signPatiently(kms, key, ECDSA, Client.message("stock " + i));
        }
        RunningCluster.await("party %d has stock".formatted(party), START, () -> {
            try {
                return stores.count(party, "presignature where state = 'NEW' and quorum = ',1,2,'") >= 8;
            } catch (java.sql.SQLException e) {
                return false;
            }
        });
        victims.start("party-3");
        victims.awaitWhole();
    }

    private static Path chain(int party) throws IOException {
        try (Stream<Path> files = Files.list(victims.store(party).resolve("audit"))) {
            return files.sorted().findFirst().orElseThrow();
        }
    }

    private static List<byte[]> lines(int party) throws IOException {
        List<byte[]> lines = new ArrayList<>();
        for (String line : Files.readString(chain(party)).split("\n")) {
            lines.add((line + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return lines;
    }

    private static void write(int party, List<byte[]> lines) throws IOException {
        StringBuilder all = new StringBuilder();
        lines.forEach(line -> all.append(new String(line, StandardCharsets.UTF_8)));
        Files.writeString(chain(party), all);
    }
}

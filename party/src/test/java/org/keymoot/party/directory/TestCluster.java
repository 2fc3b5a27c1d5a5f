package org.keymoot.party.directory;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.IssuedSecret;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RegisterWrite;
import org.keymoot.api.directory.v1.Command;
import org.keymoot.api.directory.v1.DeletionDue;
import org.keymoot.api.directory.v1.Entry;
import org.keymoot.api.directory.v1.Receipt;
import org.keymoot.platform.store.Store;
import org.keymoot.platform.store.StoreOptions;

/// Several directories in one JVM, each on a real database, over a network that can lose messages and parties.
final class TestCluster implements AutoCloseable {
    static final ReplicatedDirectory.Secrets NO_SECRETS = new ReplicatedDirectory.Secrets() {
        @Override
        public @Nullable IssuedSecret remembered(RegisterName register, String commitment) {
            return null;
        }

        @Override
        public @Nullable IssuedSecret issued(DSLContext sql, RegisterName register, String commitment) {
            return null;
        }
    };

    /// What no party finds justified as a value.
    static final String FORGED = "forged";

    private final int parties;
    private final int reconstructionThreshold;
    private final Path folder;
    private final Map<Integer, Map<String, ReplicatedDirectory.Answer>> services = new ConcurrentHashMap<>();
    private final Map<Integer, Store> stores = new HashMap<>();
    private final Map<Integer, ReplicatedDirectory> directories = new HashMap<>();
    private final Map<Integer, KeyPair> keys = new HashMap<>();
    private final Map<Integer, X509Certificate> certificates = new HashMap<>();
    private final Random faults;
    private final AtomicInteger copies = new AtomicInteger();

    final Set<Integer> down = ConcurrentHashMap.newKeySet();
    final Set<Integer> refusing = ConcurrentHashMap.newKeySet();
    final Set<String> lostMethods = ConcurrentHashMap.newKeySet();
    final Set<Integer> frozen = ConcurrentHashMap.newKeySet();
    final AtomicInteger waiting = new AtomicInteger();
    /// Parties that answer otherwise than they should, each by what it makes of its own good answers.
    final Map<Integer, Lie> lying = new ConcurrentHashMap<>();
    volatile double lossRate;

    TestCluster(Path folder, int parties, int reconstructionThreshold, long seed) throws Exception {
        this.folder = folder;
        this.parties = parties;
        this.reconstructionThreshold = reconstructionThreshold;
        this.faults = new Random(seed);
        for (int party = 1; party <= parties; party++) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            keys.put(party, pair);
            certificates.put(party, certificate(pair, "party-" + party));
            start(party);
        }
    }

    static X509Certificate certificate(KeyPair pair, String name)
            throws OperatorCreationException, GeneralSecurityException {
        X500Principal subject = new X500Principal("CN=" + name);
        var builder = new JcaX509v3CertificateBuilder(
                subject,
                BigInteger.ONE,
                Date.from(Instant.EPOCH),
                Date.from(Instant.EPOCH.plus(Duration.ofDays(36500))),
                subject,
                pair.getPublic());
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    }

    private static <K, V> V known(Map<K, V> map, K key) {
        return Objects.requireNonNull(map.get(key), () -> "nothing at " + key);
    }

    void start(int party) throws IOException {
        Store store = Store.open(
                StoreOptions.of(folder.resolve("party-" + party + ".db"), "db/migration/party"), (what, failure) -> {});
        stores.put(party, store);
        ReplicatedDirectory directory = new ReplicatedDirectory(
                party,
                parties,
                reconstructionThreshold,
                store,
                new Runs(store),
                accessKeyId -> null,
                NO_SECRETS,
                new Certificates(party),
                (entry, freshness) -> {
                    if (refusing.contains(party)
                            || entry.getValue().toStringUtf8().contains(FORGED)) {
                        throw new TransitionCheck.Refused("not justified");
                    }
                },
                new Network(party));
        Map<String, ReplicatedDirectory.Answer> answers = new ConcurrentHashMap<>();
        directory.serveOn(answers::put);
        services.put(party, answers);
        directories.put(party, directory);
    }

    void stop(int party) {
        down.add(party);
        known(stores, party).close();
        stores.remove(party);
    }

    /// A copy of a party's database, as of now.
    Path copy(int party) throws IOException {
        Path copy = folder.resolve("copy-%d-of-party-%d.db".formatted(copies.incrementAndGet(), party));
        known(stores, party).backup(copy);
        return copy;
    }

    /// Stops a party and starts it on what `copy` holds, or on nothing; it finds this out by itself.
    void restore(int party, @Nullable Path copy) throws IOException {
        stop(party);
        Path database = replace(party, copy);
        try (Store store = Store.open(StoreOptions.of(database, "db/migration/party"), (what, failure) -> {})) {
            Runs.begin(store, "run-" + copies.incrementAndGet(), copy == null, null);
        }
        start(party);
        down.remove(party);
    }

    /// Like [#restore], with nothing at the party that shows it.
    void putBack(int party, Path copy) throws IOException {
        stop(party);
        replace(party, copy);
        start(party);
        down.remove(party);
    }

    private Path replace(int party, @Nullable Path copy) throws IOException {
        Path database = folder.resolve("party-" + party + ".db");
        for (String suffix : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(Path.of(database + suffix));
        }
        if (copy != null) {
            Files.copy(copy, database, StandardCopyOption.COPY_ATTRIBUTES);
        }
        return database;
    }

    ReplicatedDirectory at(int party) {
        return known(directories, party);
    }

    RegisterStore storeOf(int party) {
        return at(party).registers();
    }

    void sql(int party, String statement, Object... values) {
        known(stores, party).write(sql -> sql.execute(statement, values));
    }

    @Nullable RegisterValue read(int party, RegisterName name) {
        return at(party).read(view -> view.read(name));
    }

    ReplicatedDirectory.Commit commit(int party, RegisterName name, String json) throws InterruptedException {
        RegisterValue now = read(party, name);
        return at(party).commit(new RegisterWrite(name, now == null ? 0 : now.version(), json), reason());
    }

    static Command reason() {
        return Command.newBuilder()
                .setAtMillis(1)
                .setDeletionDue(DeletionDue.getDefaultInstance())
                .build();
    }

    /// What `party` answers when `from` asks it, whatever the question.
    byte[] ask(int from, int party, String method, MessageLite question) throws Voters.Unreachable {
        return new Network(from).call(party, method, question.toByteArray(), Duration.ofSeconds(1));
    }

    Acceptor outsider(int party) {
        return new Acceptor(
                storeOf(party),
                receipts(party),
                (Entry entry, TransitionCheck.Freshness freshness) -> {},
                new CommitListeners(),
                why -> {});
    }

    @Override
    public void close() {
        stores.values().forEach(Store::close);
    }

    /// What a party answers in place of its good answer.
    interface Lie {
        byte[] instead(String method, byte[] question, byte[] answer) throws InvalidProtocolBufferException;
    }

    /// A receipt of `party` for whatever it likes.
    Receipt receipt(int party, Entry entry, long ballot) {
        return receipts(party).sign(entry, ballot);
    }

    ByteString certificateOf(int party) {
        return receipts(party).ownCertificate();
    }

    private Receipts receipts(int party) {
        return new Receipts(
                party, new Certificates(party), new CommitQuorum(parties, reconstructionThreshold), storeOf(party));
    }

    private final class Certificates implements PartyCertificates {
        private final int party;

        Certificates(int party) {
            this.party = party;
        }

        @Override
        public X509Certificate own() {
            return known(certificates, party);
        }

        @Override
        public byte[] sign(byte[] statement) throws GeneralSecurityException {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(known(keys, party).getPrivate());
            signature.update(statement);
            return signature.sign();
        }

        @Override
        public int party(X509Certificate certificate) throws GeneralSecurityException {
            for (Map.Entry<Integer, X509Certificate> known : certificates.entrySet()) {
                if (known.getValue().equals(certificate)) {
                    return known.getKey();
                }
            }
            throw new GeneralSecurityException("not of this cluster");
        }
    }

    private final class Network implements Voters.Peers {
        private final int self;

        Network(int self) {
            this.self = self;
        }

        @Override
        public List<Integer> others() {
            List<Integer> others = new ArrayList<>();
            for (int party = 1; party <= parties; party++) {
                if (party != self) {
                    others.add(party);
                }
            }
            return others;
        }

        @Override
        public byte[] call(int party, String method, byte[] body, Duration timeout) throws Voters.Unreachable {
            if (down.contains(party) || down.contains(self) || lostMethods.contains(method) || lost()) {
                throw new Voters.Unreachable(party, "no link", null);
            }
            awaitThaw(party);
            try {
                byte[] answer = known(known(services, party), method).answer(self, body);
                Lie lie = lying.get(party);
                if (lie != null) {
                    answer = lie.instead(method, body, answer);
                }
                if (lost()) {
                    throw new Voters.Unreachable(party, "answer lost", null);
                }
                return answer;
            } catch (InvalidProtocolBufferException | TransitionCheck.Refused e) {
                throw new Voters.Unreachable(party, "refused", e);
            }
        }

        private void awaitThaw(int party) {
            if (!frozen.contains(party)) {
                return;
            }
            waiting.incrementAndGet();
            try {
                while (frozen.contains(party)) {
                    Thread.sleep(5);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                waiting.decrementAndGet();
            }
        }

        private boolean lost() {
            synchronized (faults) {
                return lossRate > 0 && faults.nextDouble() < lossRate;
            }
        }
    }
}

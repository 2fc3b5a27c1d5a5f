package org.keymoot.bench;

import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.protocol.ecdsa.EcdsaPresign;
import org.keymoot.protocol.ecdsa.EcdsaSign;
import org.keymoot.protocol.ecdsa.Presignature;
import org.keymoot.protocol.ecdsa.RecoverableSignature;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.key.PublicShares;
import org.keymoot.protocol.pairsetup.PairBurner;
import org.keymoot.protocol.pairsetup.PairSetup;
import org.keymoot.protocol.pairsetup.PairSetupProtocol;
import org.keymoot.protocol.pairsetup.PairSetups;
import org.keymoot.protocol.session.Channel;
import org.keymoot.protocol.session.Environment;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.session.Silent;

/// Processor time and bytes of threshold ECDSA: a signature of 2-of-3 on each curve, the part after a presignature, and
/// the set-up of a pair, beside BouncyCastle's single-key signature in the same run.
///
/// Each party runs on a platform thread of its own, over queues in memory; its processor time is that thread's. The
/// table shows the median of many runs, for one party.
public final class EcdsaBenchmark {
    private static final List<Integer> QUORUM = List.of(1, 3);
    private static final int PARTIES = 3;
    private static final byte[] DIGEST = new byte[32];
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final RandomSource random;
    private final Map<Integer, PairSetup> setups = new TreeMap<>();

    private EcdsaBenchmark() {
        SecureRandom system = new SecureRandom();
        this.random = new RandomSource() {
            @Override
            public void fill(MemorySegment target) {
                byte[] bytes = new byte[Math.toIntExact(target.byteSize())];
                system.nextBytes(bytes);
                target.copyFrom(MemorySegment.ofArray(bytes));
            }
        };
    }

    /// Takes the number of signatures to measure, 300 unless told.
    public static void main(String[] arguments) throws Exception {
        int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 300;
        EcdsaBenchmark benchmark = new EcdsaBenchmark();
        System.out.printf(
                Locale.ROOT, "%-44s %12s %12s %14s%n", "what", "CPU µs/party", "bytes, all", "× BouncyCastle");
        double control = bouncyCastle("secp256k1", runs);
        print("secp256k1 BouncyCastle signature, one key", control, 0, control);
        benchmark.pairSetup(Math.max(8, runs / 15), control);
        for (GroupId group : List.of(GroupId.SECP256K1, GroupId.P256)) {
            double ofGroup = group == GroupId.P256 ? bouncyCastle("secp256r1", runs) : control;
            if (group == GroupId.P256) {
                print("P256 BouncyCastle signature, one key", ofGroup, 0, ofGroup);
            }
            benchmark.signatures(group, runs, ofGroup);
        }
    }

    private void pairSetup(int runs, double control) throws Exception {
        Map<Integer, PairSetup> last = new ConcurrentHashMap<>();
        Measured measured = measure(runs, (session, run) -> {
            PairSetup made = PairSetupProtocol.run(session, "bench", 0);
            PairSetup before = last.put(session.self(), made);
            if (before != null) {
                before.close();
            }
        });
        setups.putAll(last);
        print("pair set-up", measured.micros(), measured.bytes(), control);
    }

    private void signatures(GroupId group, int runs, double control) throws Exception {
        Map<Integer, KeyShare> shares = deal(group);
        Measured whole = measure(
                runs,
                (session, run) -> EcdsaSign.run(session, share(shares, session), DIGEST, setups(session), burner()));
        print(group + " signature 2-of-3", whole.micros(), whole.bytes(), control);

        Map<Integer, List<Presignature>> stock = new ConcurrentHashMap<>();
        QUORUM.forEach(party -> stock.put(party, new ArrayList<>()));
        Measured presigning = measure(
                runs,
                (session, run) -> stockOf(stock, session)
                        .add(EcdsaPresign.run(session, share(shares, session), setups(session), burner())));
        print(group + " presignature 2-of-3", presigning.micros(), presigning.bytes(), control);
        Measured online = measure(runs, (session, run) -> {
            RecoverableSignature signature = EcdsaSign.run(
                    session,
                    share(shares, session),
                    stockOf(stock, session).get(run),
                    DIGEST,
                    setups(session),
                    (id, digest) -> {});
            if (signature.recoveryId() > 3) {
                throw new AssertionError();
            }
        });
        print(group + " signature from a presignature", online.micros(), online.bytes(), control);
        shares.values().forEach(KeyShare::close);
    }

    private static KeyShare share(Map<Integer, KeyShare> shares, Session session) {
        return Objects.requireNonNull(shares.get(session.self()));
    }

    private static List<Presignature> stockOf(Map<Integer, List<Presignature>> stock, Session session) {
        return Objects.requireNonNull(stock.get(session.self()));
    }

    private PairSetups setups(Session session) {
        return peer -> Objects.requireNonNull(setups.get(session.self()));
    }

    private static PairBurner burner() {
        return (peer, step) -> {
            throw new IllegalStateException("P" + peer + " failed " + step);
        };
    }

    /// What one party does in run number `run`.
    @FunctionalInterface
    private interface Part {
        void play(Session session, int run) throws Exception;
    }

    private record Measured(double micros, long bytes) {}

    /// The median of one party's processor time over the later runs, and the bytes of the last run.
    private Measured measure(int runs, Part part) throws Exception {
        List<Long> nanos = new ArrayList<>();
        AtomicLong bytes = new AtomicLong();
        for (int run = 0; run < runs; run++) {
            bytes.set(0);
            Map<String, BlockingQueue<byte[]>> links = new ConcurrentHashMap<>();
            Map<Integer, Long> spent = new ConcurrentHashMap<>();
            List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
            List<Thread> threads = new ArrayList<>();
            int number = run;
            for (int party : QUORUM) {
                threads.add(Thread.ofPlatform().start(() -> {
                    long before = THREADS.getCurrentThreadCpuTime();
                    try {
                        SetUp setUp = new SetUp("bench", new byte[0], QUORUM, new byte[0]);
                        part.play(
                                Session.fresh(setUp, party, channel(links, party, bytes), Environment.of(random)),
                                number);
                    } catch (Exception | Error e) {
                        failures.add(e);
                    }
                    spent.put(party, THREADS.getCurrentThreadCpuTime() - before);
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            if (!failures.isEmpty()) {
                throw new IllegalStateException("a run failed", failures.getFirst());
            }
            if (run >= runs / 2) {
                nanos.addAll(spent.values());
            }
        }
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        return new Measured(sorted[sorted.length / 2] / 1000.0, bytes.get());
    }

    private static Channel channel(Map<String, BlockingQueue<byte[]>> links, int self, AtomicLong bytes) {
        return new Channel() {
            private BlockingQueue<byte[]> link(int from, int to) {
                return links.computeIfAbsent(from + ">" + to, name -> new LinkedBlockingQueue<>());
            }

            @Override
            public void send(int toParty, byte[] frame) {
                bytes.addAndGet(frame.length);
                link(self, toParty).add(frame);
            }

            @Override
            public byte[] receive(int fromParty) throws Silent {
                try {
                    byte[] frame = link(fromParty, self).poll(30, TimeUnit.SECONDS);
                    if (frame != null) {
                        return frame;
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new Silent(List.of(fromParty), "P" + fromParty + " is silent");
            }

            @Override
            public Duration remaining() {
                return Duration.ofSeconds(30);
            }
        };
    }

    /// Shares of a key with secret `a + b·i`.
    private Map<Integer, KeyShare> deal(GroupId id) {
        Group group = Group.of(id);
        Map<Integer, KeyShare> shares = new TreeMap<>();
        try (SecretScope scope = new SecretScope()) {
            SecretScalar a = group.scalars().random(scope, random);
            SecretScalar b = group.scalars().random(scope, random);
            List<SecretScalar> values = new ArrayList<>();
            for (int party = 1; party <= PARTIES; party++) {
                values.add(b.multiply(group.scalars().of(party), scope).add(a, scope));
            }
            PublicShares publicShares = new PublicShares(
                    new KeyTerms(id, new byte[] {1}, 0, PARTIES, new ReconstructionThreshold(2)),
                    group.multiplyBase(a),
                    random.bytes(32),
                    values.stream().map(group::multiplyBase).toList());
            for (int party : QUORUM) {
                shares.put(party, new KeyShare(publicShares, party, values.get(party - 1)));
            }
        }
        return shares;
    }

    private static double bouncyCastle(String curve, int runs) {
        X9ECParameters named = SECNamedCurves.getByName(curve);
        ECDomainParameters domain = new ECDomainParameters(named.getCurve(), named.getG(), named.getN(), named.getH());
        ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
        signer.init(true, new ECPrivateKeyParameters(new BigInteger(200, new SecureRandom()), domain));
        long[] nanos = new long[20 * runs];
        for (int run = 0; run < nanos.length; run++) {
            long before = THREADS.getCurrentThreadCpuTime();
            BigInteger[] signature = signer.generateSignature(DIGEST);
            nanos[run] = THREADS.getCurrentThreadCpuTime() - before + signature[0].signum() - 1;
        }
        long[] later = Arrays.copyOfRange(nanos, nanos.length / 2, nanos.length);
        Arrays.sort(later);
        return later[later.length / 2] / 1000.0;
    }

    private static void print(String what, double micros, long bytes, double control) {
        System.out.printf(
                Locale.ROOT,
                "%-44s %12.0f %12s %14.1f%n",
                what,
                micros,
                bytes == 0 ? "" : Long.toString(bytes),
                micros / control);
    }
}

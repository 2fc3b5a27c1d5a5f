package org.keymoot.party.operations;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.keymoot.party.directory.PartyCertificates;
import org.keymoot.party.directory.ReplicatedDirectory;
import org.keymoot.party.directory.TransitionCheck;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.store.NodeStore;
import org.keymoot.platform.telemetry.RequestMeter;
import org.keymoot.protocol.session.Environment;

/// All operations of a party, wired together.
public final class Operations implements AutoCloseable {
    private static final int STOCK_THREADS = 2;

    private final ReplicatedDirectory directory;
    private final Pairs pairs;
    private final KeyShares shares;
    private final Stock stock;
    private final KeyMaking keyMaking;
    private final Signing signing;
    private final Evaluating evaluating;
    private final Drawing drawing;
    private final SecretFetching secretFetching;
    private final Issuing issuing;
    private final Importing importing;
    private final LongWork longWork = new LongWork();
    private final RsaPrimes primes;
    private final KeyUses uses;
    private final Requests requests;
    private final Housekeeping housekeeping;
    private final List<Thread> threads = new ArrayList<>();

    /// @param stockTarget presignatures kept for each key and quorum in use
    /// @param certificates by which clients know this party's wrapping keys
    /// @param meter counts clients' requests
    /// @param directory makes the directory, given this party's judgement of what others propose
    public Operations(
            Mesh mesh,
            NodeStore store,
            AuditTrail audit,
            Environment environment,
            InstantSource clock,
            int stockTarget,
            PartyCertificates certificates,
            RequestMeter meter,
            Function<TransitionCheck, ReplicatedDirectory> directory) {
        this.shares = new KeyShares(store.shares());
        // The directory asks the check and the check reads the directory, so one of them is known later.
        AtomicReference<ReplicatedDirectory> later = new AtomicReference<>();
        Supplier<ReplicatedDirectory> known = later::get;
        AtomicReference<Judge> judgeLater = new AtomicReference<>();
        this.directory =
                directory.apply(new RegisterCheck(known, judgeLater::get, shares, store.secrets(), clock, audit));
        later.set(this.directory);
        this.secretFetching = new SecretFetching(mesh, known, store.secrets());
        Judge judge = new Judge(this.directory, secretFetching, clock, audit);
        judgeLater.set(judge);
        this.issuing =
                new Issuing(mesh, judge, this.directory, store.secrets(), secretFetching, environment.random(), audit);
        this.pairs = new Pairs(mesh, store.pairs(), environment, audit);
        this.stock =
                new Stock(mesh, this.directory, shares, pairs, store.presignatures(), environment, audit, stockTarget);
        this.primes = new RsaPrimes(environment.random());
        this.keyMaking = new KeyMaking(mesh, judge, shares, environment, primes, audit);
        this.importing =
                new Importing(mesh, judge, shares, store.importKeys(), certificates, environment, longWork, audit);
        Quorums quorums = new Quorums(mesh);
        QuorumRuns runs = new QuorumRuns(mesh, quorums, pairs, audit);
        this.drawing = new Drawing(mesh, judge, quorums, environment.random(), audit);
        this.evaluating = new Evaluating(mesh, judge, runs, shares, environment, audit);
        this.signing = new Signing(
                mesh,
                judge,
                runs,
                shares,
                pairs,
                stock,
                List.of(
                        new FrostSigner(environment),
                        new EcdsaSigner(store.presignatures(), pairs, environment),
                        new RsaSigner(environment)),
                audit);
        this.uses = new KeyUses(mesh, store.uses());
        this.requests = new Requests(
                judge,
                this.directory,
                keyMaking,
                signing,
                evaluating,
                drawing,
                issuing,
                importing,
                uses,
                environment.random(),
                longWork,
                meter,
                audit);
        this.housekeeping = new Housekeeping(
                mesh,
                this.directory,
                store.shares(),
                shares,
                keyMaking,
                new Erasing(store.shares(), shares, store.presignatures(), audit),
                stock,
                issuing,
                uses,
                judge,
                store.importKeys());
    }

    /// Serves peers and begins the work in the background.
    public void start() {
        pairs.start();
        stock.start();
        keyMaking.start();
        signing.start();
        evaluating.start();
        drawing.start();
        secretFetching.start();
        issuing.start();
        importing.start();
        uses.start();
        housekeeping.start();
        threads.add(Thread.ofVirtual().name("housekeeping").start(housekeeping::run));
        for (int i = 0; i < STOCK_THREADS; i++) {
            threads.add(Thread.ofVirtual().name("stock-" + i).start(stock::refill));
        }
    }

    public ReplicatedDirectory directory() {
        return directory;
    }

    public Pairs pairs() {
        return pairs;
    }

    public Requests requests() {
        return requests;
    }

    /// Settles now what otherwise happens once a minute.
    public void tidy() throws InterruptedException {
        housekeeping.tidy();
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        uses.write();
        pairs.close();
        longWork.close();
        primes.close();
        shares.close();
    }
}

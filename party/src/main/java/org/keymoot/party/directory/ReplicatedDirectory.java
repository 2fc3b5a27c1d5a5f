package org.keymoot.party.directory;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Credential;
import org.keymoot.access.CredentialLookup;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.IssuedSecret;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterTerm;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RegisterWrite;
import org.keymoot.api.directory.v1.AcceptRequest;
import org.keymoot.api.directory.v1.Command;
import org.keymoot.api.directory.v1.CommittedEntry;
import org.keymoot.api.directory.v1.Entry;
import org.keymoot.api.directory.v1.FetchAnswer;
import org.keymoot.api.directory.v1.FetchRequest;
import org.keymoot.api.directory.v1.LearnRequest;
import org.keymoot.api.directory.v1.Position;
import org.keymoot.api.directory.v1.PrepareRequest;
import org.keymoot.api.directory.v1.PullAnswer;
import org.keymoot.api.directory.v1.PullRequest;
import org.keymoot.api.directory.v1.RecoverRequest;
import org.keymoot.api.directory.v1.VersionsAnswer;
import org.keymoot.api.directory.v1.VersionsRequest;
import org.keymoot.api.directory.v1.Wanted;
import org.keymoot.platform.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This party's part in the directory: reads from its own copy, commits through agreement, and catches up with peers.
///
/// It keeps true: a commit that is reported is held with receipts by a commit quorum, whose decisions follow it
/// from then on; reads show committed values only, one snapshot for each reading. A read may miss the newest
/// version while this party is cut off ([#lag()]), but no quorum of signers can consist of such parties alone.
public final class ReplicatedDirectory {
    /// Entries handed out by one fetch, so that an answer stays below the mesh's message limit.
    private static final int MAXIMUM_FETCH = 100;

    /// Registers that one question for versions may name; of more it is asked several times.
    private static final int MAXIMUM_VERSIONS = 64;

    private static final Duration CATCH_UP_PATIENCE = Duration.ofSeconds(2);
    /// How long a refusal waits for peers that may know better. A peer that is slower is one that lags itself.
    private static final Duration NEWS_PATIENCE = Duration.ofMillis(80);
    /// How long a request waits for a peer to be followed.
    private static final Duration FOLLOW_PATIENCE = Duration.ofSeconds(2);
    /// How long a peer is followed at once when nobody waits for it; the rest comes at the next time.
    private static final Duration FOLLOW_FOR_AT_MOST = Duration.ofSeconds(60);
    private static final String VERSIONS = "directory/versions";

    private static final Logger LOG = LoggerFactory.getLogger(ReplicatedDirectory.class);

    private final int self;
    private final CommitQuorum quorum;
    private final Store database;
    private final RegisterStore store;
    private final Acceptor acceptor;
    private final Proposer proposer;
    private final CatchUp catchUp;
    private final Voters voters;
    private final Recovery recovery;
    private final SharedRound news = new SharedRound(this::catchUpWithAll);
    private final Voters.Peers peers;
    private final CommitListeners listeners = new CommitListeners();
    private final CredentialLookup credentials;
    private final Secrets secrets;
    private final Set<Integer> following = ConcurrentHashMap.newKeySet();
    private final Set<Integer> asking = ConcurrentHashMap.newKeySet();

    /// @param self this party's index
    /// @param parties of the cluster
    /// @param reconstructionThreshold shares needed to use a key
    /// @param runs of the store
    /// @param credentials of this party, which no register holds; looked up from memory, within a reading
    /// @param secrets that registers commit to and that this party was given
    public ReplicatedDirectory(
            int self,
            int parties,
            int reconstructionThreshold,
            Store database,
            Runs runs,
            CredentialLookup credentials,
            Secrets secrets,
            PartyCertificates certificates,
            TransitionCheck check,
            Voters.Peers peers) {
        this.self = self;
        this.quorum = new CommitQuorum(parties, reconstructionThreshold);
        this.database = database;
        this.credentials = credentials;
        this.secrets = secrets;
        this.store = new RegisterStore(database);
        Receipts receipts = new Receipts(self, certificates, quorum, store);
        this.acceptor = new Acceptor(store, receipts, check, listeners, runs::forgot);
        this.proposer = new Proposer(self, quorum, store, receipts, acceptor, peers);
        this.catchUp = new CatchUp(store, acceptor, peers);
        this.voters = new Voters(self, peers);
        this.recovery = new Recovery(runs, store, receipts, catchUp, peers, proposer);
        this.peers = peers;
    }

    /// Finds the secrets that registers commit to.
    public interface Secrets {
        /// @return null when memory holds none that fits; there may be one all the same
        @Nullable IssuedSecret remembered(RegisterName register, String commitment);

        /// @param sql the reading for which it is looked up, so that no second connection is taken within it
        /// @return null when this party has none that fits
        @Nullable IssuedSecret issued(DSLContext sql, RegisterName register, String commitment);
    }

    /// Reads one snapshot, from memory where all that is asked for is known there.
    ///
    /// @param reading without effects, since it is begun anew when it asks for something that memory does not hold
    public <T extends @Nullable Object> T read(Function<DirectoryView, T> reading) {
        try {
            return reading.apply(new Remembered(store.cache().current()));
        } catch (NotRemembered e) {
            return database.read(sql -> reading.apply(new Snapshot(sql)));
        }
    }

    /// What became of a commit.
    public sealed interface Commit {
        /// The register has the written value.
        record Done() implements Commit {}

        /// The register has taken another value first. The request should be decided anew.
        record Overtaken() implements Commit {}

        /// Other parties do not find the write justified, each for the reason given.
        record Refused(String why) implements Commit {}

        /// Too few parties could be reached. The write may still be committed by another party later.
        record NotEnoughParties(List<String> problems) implements Commit {}
    }

    /// Commits a write at a commit quorum.
    ///
    /// @param command the reason, which every accepting party judges for itself
    public Commit commit(RegisterWrite write, Command command) throws InterruptedException {
        if (recovery.keepsOut()) {
            return new Commit.NotEnoughParties(List.of(recovery.trouble()));
        }
        Entry entry = Entry.newBuilder()
                .setName(write.name().text())
                .setVersion(write.version())
                .setValue(ByteString.copyFromUtf8(write.json()))
                .setCommand(command)
                .build();
        return switch (proposer.propose(entry)) {
            case Proposer.Result.Committed committed -> new Commit.Done();
            case Proposer.Result.Overtaken overtaken ->
                // The same change may have come through another party; its reason then differs in its time only.
                overtaken.by().getValue().equals(entry.getValue()) ? new Commit.Done() : new Commit.Overtaken();
            case Proposer.Result.Refused refused -> new Commit.Refused(refused.why());
            case Proposer.Result.NotEnoughParties few -> new Commit.NotEnoughParties(few.problems());
        };
    }

    /// Calls `listener` after each commit at this party, on the thread that committed.
    public void onCommit(Consumer<Entry> listener) {
        listeners.add(listener);
    }

    /// Takes over, in the background, what `party` has committed and this party has not. Called when a peer is linked
    /// and from time to time.
    public void follow(int party) {
        if (following.add(party)) {
            Thread.ofVirtual().name("directory-follow-" + party).start(() -> {
                try {
                    follow(party, FOLLOW_FOR_AT_MOST);
                } finally {
                    following.remove(party);
                }
            });
        }
    }

    /// Like [#follow(int)] in the caller's thread, which waits for two seconds at most; false when the
    /// party did not answer.
    public boolean followNow(int party) {
        return follow(party, FOLLOW_PATIENCE);
    }

    private boolean follow(int party, Duration patience) {
        try {
            int taken = catchUp.follow(party, patience);
            if (taken > 0) {
                LOG.atInfo()
                        .addKeyValue("party", party)
                        .addKeyValue("entries", taken)
                        .log("directory caught up");
            }
            return true;
        } catch (Voters.Unreachable e) {
            LOG.atDebug().addKeyValue("reason", e.getMessage()).log("directory could not follow a party");
            return false;
        }
    }

    /// Takes over what any peer that answers soon has committed and this party has not. Callers that wait at the same
    /// time share one round, which begins after each of them has called.
    public void catchUpNow() throws InterruptedException {
        news.fetch();
    }

    private void catchUpWithAll() throws InterruptedException {
        List<Thread> followers = new ArrayList<>();
        for (int party : peers.others()) {
            // A peer that is still being asked since the last round is one that does not answer soon.
            if (asking.add(party)) {
                followers.add(Thread.startVirtualThread(() -> {
                    try {
                        followNow(party);
                    } finally {
                        asking.remove(party);
                    }
                }));
            }
        }
        long end = System.nanoTime() + NEWS_PATIENCE.toNanos();
        for (Thread follower : followers) {
            follower.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
        }
    }

    /// What became of asking the peers for newer versions.
    public enum Freshness {
        /// Nothing newer was reported as committed to any client before the question was asked.
        NEWEST,
        /// A peer has a newer version; this party has it now, too.
        OUTDATED,
        /// Too few peers answered.
        UNKNOWN
    }

    /// Whether this party's versions of some registers are the newest that anybody was told of. So many parties are
    /// asked that one of them belongs to the commit quorum of any change that was reported.
    public Freshness freshness(Map<RegisterName, Long> versions) throws InterruptedException {
        List<Map.Entry<RegisterName, Long>> all = List.copyOf(versions.entrySet());
        for (int from = 0; from < all.size(); from += MAXIMUM_VERSIONS) {
            Freshness some = freshness(all.subList(from, Math.min(all.size(), from + MAXIMUM_VERSIONS)));
            if (some != Freshness.NEWEST) {
                return some;
            }
        }
        return Freshness.NEWEST;
    }

    private Freshness freshness(List<Map.Entry<RegisterName, Long>> versions) throws InterruptedException {
        VersionsRequest.Builder question = VersionsRequest.newBuilder();
        List<Long> known = new ArrayList<>();
        versions.forEach(register -> {
            question.addNames(register.getKey().text());
            known.add(register.getValue());
        });
        VersionsRequest request = question.build();
        int wanted = quorum.parties() - quorum.size() + 1;
        Set<Integer> disproved = new HashSet<>();
        while (known.size() <= MAXIMUM_VERSIONS) {
            List<Voters.Vote<VersionsAnswer>> votes = voters.ask(
                    VERSIONS,
                    request,
                    VersionsAnswer.parser(),
                    () -> versions(request),
                    (party, answer) -> checkVersions(answer, known.size()),
                    vote -> vote.answer() != null && !disproved.contains(vote.party()),
                    wanted,
                    CATCH_UP_PATIENCE);
            votes.removeIf(vote -> vote.answer() == null || disproved.contains(vote.party()));
            OptionalInt ahead = votes.stream()
                    .filter(vote -> isAhead(Objects.requireNonNull(vote.answer()), known))
                    .mapToInt(Voters.Vote::party)
                    .findFirst();
            if (ahead.isEmpty()) {
                return votes.size() >= wanted ? Freshness.NEWEST : Freshness.UNKNOWN;
            }
            int party = ahead.getAsInt();
            if (party != self) {
                followNow(party);
            }
            if (isAhead(versions(request), known)) {
                return Freshness.OUTDATED;
            }
            // It cannot show what it says that it has, so another party is asked in its place.
            disproved.add(party);
        }
        return Freshness.UNKNOWN;
    }

    private static boolean isAhead(VersionsAnswer answer, List<Long> known) {
        return IntStream.range(0, known.size()).anyMatch(i -> answer.getVersions(i) > known.get(i));
    }

    private static void checkVersions(VersionsAnswer answer, int asked) throws TransitionCheck.Refused {
        if (answer.getVersionsCount() != asked) {
            throw new TransitionCheck.Refused(
                    "it names %d versions for %d registers".formatted(answer.getVersionsCount(), asked));
        }
    }

    private VersionsAnswer versions(VersionsRequest request) {
        VersionsAnswer.Builder answer = VersionsAnswer.newBuilder();
        request.getNamesList().stream()
                .limit(MAXIMUM_VERSIONS)
                .forEach(name -> answer.addVersions(store.committedVersion(name)));
        return answer.build();
    }

    /// What this party does about what its store has forgotten.
    public Recovery recovery() {
        return recovery;
    }

    /// At most this many registers are known to be newer at a peer.
    public long lag() {
        return catchUp.lag();
    }

    /// Live keys.
    public long keys() {
        return store.count(RegisterName.ALL_KEYS);
    }

    /// How many parties must accept a commit.
    public int commitQuorum() {
        return quorum.size();
    }

    /// Serves the peers' calls through `service`.
    public void serveOn(Service service) {
        voting(
                service,
                Proposer.PREPARE,
                (party, body) ->
                        acceptor.prepare(PrepareRequest.parseFrom(body), party).toByteArray());
        voting(
                service,
                Proposer.ACCEPT,
                (party, body) ->
                        acceptor.accept(AcceptRequest.parseFrom(body), party).toByteArray());
        service.serve(
                Proposer.LEARN,
                (party, body) -> acceptor.learn(LearnRequest.parseFrom(body).getCommitted())
                        .toByteArray());
        service.serve(
                CatchUp.PULL, (party, body) -> pull(PullRequest.parseFrom(body)).toByteArray());
        voting(
                service,
                VERSIONS,
                (party, body) -> versions(VersionsRequest.parseFrom(body)).toByteArray());
        service.serve(
                Recovery.RECOVER,
                (party, body) -> recovery.answer(RecoverRequest.parseFrom(body)).toByteArray());
        service.serve(
                CatchUp.FETCH,
                (party, body) -> fetch(FetchRequest.parseFrom(body)).toByteArray());
    }

    /// Serves what counts as this party's voice, which it does not raise while it recovers.
    private void voting(Service service, String method, Answer answer) {
        service.serve(method, (party, body) -> {
            if (recovery.keepsOut()) {
                throw new TransitionCheck.Refused(recovery.trouble());
            }
            return answer.answer(party, body);
        });
    }

    /// Where a party's calls are answered.
    public interface Service {
        void serve(String method, Answer answer);
    }

    /// Answers a call of an authenticated peer.
    public interface Answer {
        /// @throws InvalidProtocolBufferException when `body` is not the method's question
        /// @throws TransitionCheck.Refused when the question itself cannot be believed
        byte[] answer(int fromParty, byte[] body) throws InvalidProtocolBufferException, TransitionCheck.Refused;
    }

    private PullAnswer pull(PullRequest request) {
        int limit = Math.clamp(request.getLimit(), 1, CatchUp.PAGE_POSITIONS);
        PullAnswer.Builder answer = PullAnswer.newBuilder();
        long after = request.getAfter();
        if (after > 0 && !request.getChain().isEmpty() && !request.getChain().equals(store.chain(after))) {
            // A backup was put back since, perhaps, and other commits have these positions now.
            answer.setAnew(true);
            after = 0;
        }
        List<Position> positions = store.positions(after, limit);
        if (!positions.isEmpty()) {
            answer.addAllPositions(positions)
                    .setChain(store.chain(positions.getLast().getPosition()));
        }
        // The newest is read last, so that none of the positions is beyond it.
        return answer.setNewest(store.newestPosition()).build();
    }

    private FetchAnswer fetch(FetchRequest request) {
        FetchAnswer.Builder answer = FetchAnswer.newBuilder();
        for (Wanted wanted : request.getWantedList()) {
            CommittedEntry entry = store.committed(wanted.getName(), wanted.getVersion());
            if (entry == null || answer.getEntriesCount() == MAXIMUM_FETCH) {
                break;
            }
            answer.addEntries(entry);
        }
        return answer.build();
    }

    RegisterStore registers() {
        return store;
    }

    /// Ends a reading from memory that asks for more.
    private static final class NotRemembered extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotRemembered() {
            super("not in memory", null, false, false);
        }
    }

    /// What does not differ between the two views.
    private abstract class View implements DirectoryView {
        @Override
        public int parties() {
            return quorum.parties();
        }

        @Override
        public int reconstructionThreshold() {
            return quorum.reconstructionThreshold();
        }

        @Override
        public @Nullable Credential credential(String accessKeyId) {
            return credentials.credential(accessKeyId);
        }
    }

    /// The registers as memory holds them of one position.
    private final class Remembered extends View {
        private final RegisterCache.Generation generation;

        Remembered(RegisterCache.Generation generation) {
            this.generation = generation;
        }

        @Override
        public @Nullable RegisterValue read(RegisterName name) {
            Optional<RegisterValue> known = generation.find(name);
            if (known == null) {
                throw new NotRemembered();
            }
            return known.orElse(null);
        }

        @Override
        public IssuedSecret issued(RegisterName register, String commitment) {
            IssuedSecret known = secrets.remembered(register, commitment);
            if (known == null) {
                throw new NotRemembered();
            }
            return known;
        }

        @Override
        public List<Entry> list(String prefix, String after, int limit) {
            return known(new RegisterCache.Listing(prefix, after, limit));
        }

        @Override
        public List<Entry> find(RegisterTerm term, String after, int limit) {
            return known(new RegisterCache.Listing(term.toString(), after, limit));
        }

        @Override
        public int count(String prefix, int enough) {
            throw new NotRemembered();
        }

        private List<Entry> known(RegisterCache.Listing listing) {
            List<Entry> entries = generation.find(listing);
            if (entries == null) {
                throw new NotRemembered();
            }
            return entries;
        }
    }

    /// The registers as one transaction sees them; memory keeps what is read when no commit came between.
    private final class Snapshot extends View {
        private final DSLContext sql;
        private final RegisterCache.Generation generation;
        private final boolean same;

        Snapshot(DSLContext sql) {
            this.sql = sql;
            this.generation = store.cache().current();
            this.same = generation.position() == RegisterStore.newestPosition(sql);
        }

        @Override
        public @Nullable RegisterValue read(RegisterName name) {
            RegisterValue value = RegisterStore.value(sql, name);
            if (same) {
                generation.remember(name, value);
            }
            return value;
        }

        @Override
        public @Nullable IssuedSecret issued(RegisterName register, String commitment) {
            return secrets.issued(sql, register, commitment);
        }

        @Override
        public List<Entry> list(String prefix, String after, int limit) {
            return remembered(
                    new RegisterCache.Listing(prefix, after, limit), RegisterStore.list(sql, prefix, after, limit));
        }

        @Override
        public List<Entry> find(RegisterTerm term, String after, int limit) {
            return remembered(
                    new RegisterCache.Listing(term.toString(), after, limit),
                    RegisterStore.find(sql, term, after, limit));
        }

        @Override
        public int count(String prefix, int enough) {
            return RegisterStore.count(sql, prefix, enough);
        }

        private List<Entry> remembered(RegisterCache.Listing listing, List<Entry> entries) {
            if (same) {
                generation.remember(listing, entries);
            }
            return entries;
        }
    }
}

package org.keymoot.party.directory;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.keymoot.api.directory.v1.AcceptAnswer;
import org.keymoot.api.directory.v1.AcceptRequest;
import org.keymoot.api.directory.v1.CommittedEntry;
import org.keymoot.api.directory.v1.Entry;
import org.keymoot.api.directory.v1.LearnAnswer;
import org.keymoot.api.directory.v1.LearnRequest;
import org.keymoot.api.directory.v1.Outcome;
import org.keymoot.api.directory.v1.PrepareAnswer;
import org.keymoot.api.directory.v1.PrepareRequest;
import org.keymoot.party.directory.Voters.Vote;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings about a decision on the next version of a register (the proposer of Lamport's "Paxos Made
/// Simple", section 2.2).
///
/// It keeps true: whatever it reports as committed has receipts of a commit quorum, and is durable and in
/// effect at a commit quorum, this party included; an entry that may already have been chosen is finished
/// before a new one is proposed; what a peer says counts only with receipts that hold, so that one party
/// cannot stop the others.
final class Proposer {
    static final String PREPARE = "directory/prepare";
    static final String ACCEPT = "directory/accept";
    static final String LEARN = "directory/learn";

    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(3);
    private static final int MAXIMUM_ATTEMPTS = 12;
    private static final int BACK_OFF_MILLIS = 20;
    private static final int NEWS_PATIENCE_MILLIS = 200;
    private static final int TELL_AGAIN_MILLIS = 50;
    private static final Duration KNOWN_WITHIN = Duration.ofSeconds(3);
    /// How long a proposal waits for a party that lacks earlier versions, when it cannot do without it.
    private static final Duration UPDATE_PATIENCE = Duration.ofMillis(500);
    /// How long a party is sent versions at once.
    private static final Duration UPDATE_FOR_AT_MOST = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(Proposer.class);

    private final int self;
    private final CommitQuorum quorum;
    private final RegisterStore store;
    private final Receipts receipts;
    private final Acceptor acceptor;
    private final Voters voters;
    private final Voters.Peers peers;
    /// Parties that are being sent what they lack, one register at a time.
    private final Set<Integer> updating = ConcurrentHashMap.newKeySet();
    /// One for each ballot for which votes are being collected.
    private final Set<CountDownLatch> ballots = ConcurrentHashMap.newKeySet();

    Proposer(
            int self,
            CommitQuorum quorum,
            RegisterStore store,
            Receipts receipts,
            Acceptor acceptor,
            Voters.Peers peers) {
        this.self = self;
        this.quorum = quorum;
        this.store = store;
        this.receipts = receipts;
        this.acceptor = acceptor;
        this.voters = new Voters(self, peers);
        this.peers = peers;
    }

    /// What became of a proposal.
    sealed interface Result {
        /// The proposed entry is committed, and a commit quorum knows.
        record Committed(CommittedEntry entry) implements Result {}

        /// Another entry took this version; this party knows it now.
        record Overtaken(Entry by) implements Result {}

        /// Parties that could be reached do not find the entry justified, so it cannot be committed now.
        record Refused(String why) implements Result {}

        /// Fewer than a commit quorum could be reached. The entry may be committed later by another proposer.
        record NotEnoughParties(List<String> problems) implements Result {}
    }

    /// What one ballot came to: a result, or null when a higher ballot got in the way.
    private record Round(@Nullable Result result, long seenBallot) {}

    Result propose(Entry entry) throws InterruptedException {
        long seen = Ballot.NONE;
        for (int attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt++) {
            Round round = runBallot(entry, Ballot.above(seen, self));
            if (round.result() != null) {
                return round.result();
            }
            seen = Math.max(seen, round.seenBallot());
            Thread.sleep(ThreadLocalRandom.current().nextInt(1, BACK_OFF_MILLIS << Math.min(attempt, 5)));
        }
        return new Result.NotEnoughParties(
                List.of("other proposals for %s kept getting in between".formatted(entry.getName())));
    }

    /// Waits until every ballot that has begun is over: then no vote that was given before counts any more, unless its
    /// entry is committed here.
    ///
    /// @return false when the time is over first
    boolean awaitBallots(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        for (CountDownLatch ballot : List.copyOf(ballots)) {
            if (!ballot.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return false;
            }
        }
        return true;
    }

    private Round runBallot(Entry wanted, long ballot) throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        ballots.add(over);
        try {
            return prepare(wanted, ballot);
        } finally {
            ballots.remove(over);
            over.countDown();
        }
    }

    private Round prepare(Entry wanted, long ballot) throws InterruptedException {
        PrepareRequest prepare = PrepareRequest.newBuilder()
                .setName(wanted.getName())
                .setVersion(wanted.getVersion())
                .setBallot(ballot)
                .build();
        Set<Integer> doubted = ConcurrentHashMap.newKeySet();
        List<Vote<PrepareAnswer>> votes = voters.ask(
                PREPARE,
                prepare,
                PrepareAnswer.parser(),
                () -> {
                    PrepareAnswer own = acceptor.prepare(prepare, self);
                    doubt(self, own, doubted);
                    return own;
                },
                (party, answer) -> {
                    check(answer, wanted);
                    doubt(party, answer, doubted);
                },
                vote -> isPromise(vote) && !doubted.contains(vote.party()),
                quorum.size(),
                CALL_TIMEOUT);
        long seen = ballot;
        List<PrepareAnswer> promises = new ArrayList<>();
        List<PrepareAnswer> doubtful = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        List<Thread> updates = new ArrayList<>();
        for (Vote<PrepareAnswer> vote : votes) {
            PrepareAnswer answer = vote.answer();
            if (answer == null) {
                problems.add(vote.problem());
                continue;
            }
            switch (answer.getOutcome()) {
                case OUTCOME_OK -> (doubted.contains(vote.party()) ? doubtful : promises).add(answer);
                case OUTCOME_OUTBID -> seen = Math.max(seen, outbid(vote.party(), answer.getBallot(), ballot));
                case OUTCOME_BEHIND -> updates.add(bringUpToDate(vote.party(), wanted.getName(), answer.getVersion()));
                case OUTCOME_DECIDED -> {
                    return publish(wanted, answer.getCommitted());
                }
                case OUTCOME_REFUSED, OUTCOME_UNSPECIFIED, UNRECOGNIZED ->
                    problems.add("party %d gave no usable answer".formatted(vote.party()));
            }
        }
        if (promises.size() < quorum.size()) {
            promises.addAll(doubtful);
        }
        if (promises.size() < quorum.size()) {
            awaitAll(updates);
            return promises.size() + problems.size() < votes.size()
                    ? new Round(null, seen)
                    : new Round(new Result.NotEnoughParties(problems), seen);
        }
        PrepareAnswer earlier = promises.stream()
                .filter(PrepareAnswer::hasAccepted)
                .max(Comparator.comparingLong(PrepareAnswer::getAcceptedBallot))
                .orElse(PrepareAnswer.getDefaultInstance());
        return accept(wanted, earlier, ballot);
    }

    private static boolean isPromise(Vote<PrepareAnswer> vote) {
        return vote.answer() != null && vote.answer().getOutcome() == Outcome.OUTCOME_OK;
    }

    /// A promise that comes with an entry which this party does not find justified, or without a receipt
    /// for it, is used only if there is no quorum without it: it is safe to do without any promise, and
    /// parties would refuse the entry.
    private void doubt(int party, PrepareAnswer answer, Set<Integer> doubted) {
        if (answer.getOutcome() != Outcome.OUTCOME_OK || !answer.hasAccepted()) {
            return;
        }
        Entry accepted = answer.getAccepted();
        try {
            receipts.checkOwn(
                    party, answer.getAcceptedBallot(), answer.getAcceptedReceipt(), answer.getCertificate(), accepted);
        } catch (TransitionCheck.Refused e) {
            doubted.add(party);
            return;
        }
        if (!acceptor.justifies(accepted)) {
            doubted.add(party);
        }
    }

    private void check(PrepareAnswer answer, Entry wanted) throws TransitionCheck.Refused {
        switch (answer.getOutcome()) {
            case OUTCOME_OK -> {
                if (answer.hasAccepted()) {
                    require(isSameVersion(answer.getAccepted(), wanted), "it accepted something else");
                    require(Ballot.isPossible(answer.getAcceptedBallot()), "there is no such ballot");
                }
            }
            case OUTCOME_DECIDED -> checkDecided(answer.getCommitted(), wanted);
            case OUTCOME_BEHIND -> checkBehind(answer.getVersion(), wanted);
            case OUTCOME_OUTBID, OUTCOME_REFUSED -> {}
            case OUTCOME_UNSPECIFIED, UNRECOGNIZED -> throw new TransitionCheck.Refused("it has no outcome");
        }
    }

    private void check(int party, AcceptAnswer answer, Entry entry, long ballot) throws TransitionCheck.Refused {
        switch (answer.getOutcome()) {
            case OUTCOME_OK -> receipts.checkOwn(party, ballot, answer.getReceipt(), answer.getCertificate(), entry);
            case OUTCOME_DECIDED -> checkDecided(answer.getCommitted(), entry);
            case OUTCOME_BEHIND -> checkBehind(answer.getVersion(), entry);
            case OUTCOME_OUTBID, OUTCOME_REFUSED -> {}
            case OUTCOME_UNSPECIFIED, UNRECOGNIZED -> throw new TransitionCheck.Refused("it has no outcome");
        }
    }

    private void checkDecided(CommittedEntry committed, Entry wanted) throws TransitionCheck.Refused {
        require(isSameVersion(committed.getEntry(), wanted), "it shows the decision of something else");
        receipts.checkCommitted(committed);
    }

    private static void checkBehind(long version, Entry wanted) throws TransitionCheck.Refused {
        require(version >= 0 && version < wanted.getVersion() - 1, "it lacks nothing by the version that it names");
    }

    private static boolean isSameVersion(Entry entry, Entry wanted) {
        return entry.getName().equals(wanted.getName()) && entry.getVersion() == wanted.getVersion();
    }

    private static void require(boolean holds, String otherwise) throws TransitionCheck.Refused {
        if (!holds) {
            throw new TransitionCheck.Refused(otherwise);
        }
    }

    private long outbid(int party, long promised, long ballot) {
        return party == self ? promised : Ballot.heard(promised, ballot);
    }

    /// The second phase: the entry accepted before at the highest ballot, or else the wanted one.
    private Round accept(Entry wanted, PrepareAnswer earlier, long ballot) throws InterruptedException {
        Entry entry = earlier.hasAccepted() ? earlier.getAccepted() : wanted;
        AcceptRequest.Builder request =
                AcceptRequest.newBuilder().setEntry(entry).setBallot(ballot);
        if (earlier.hasAccepted()) {
            request.setPriorReceipt(earlier.getAcceptedReceipt()).setPriorCertificate(earlier.getCertificate());
        }
        AcceptRequest accept = request.build();
        List<Vote<AcceptAnswer>> votes = voters.ask(
                ACCEPT,
                accept,
                AcceptAnswer.parser(),
                () -> acceptor.accept(accept, self),
                (party, answer) -> check(party, answer, entry, ballot),
                vote -> vote.answer() != null && vote.answer().getOutcome() == Outcome.OUTCOME_OK,
                quorum.size(),
                CALL_TIMEOUT);
        CommittedEntry.Builder committed =
                CommittedEntry.newBuilder().setEntry(entry).setBallot(ballot);
        Set<ByteString> certificates = new LinkedHashSet<>();
        List<String> refusals = new ArrayList<>();
        List<Thread> updates = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        long seen = ballot;
        for (Vote<AcceptAnswer> vote : votes) {
            AcceptAnswer answer = vote.answer();
            if (answer == null) {
                problems.add(vote.problem());
                continue;
            }
            switch (answer.getOutcome()) {
                case OUTCOME_OK -> {
                    committed.addReceipts(answer.getReceipt());
                    certificates.add(answer.getCertificate());
                }
                case OUTCOME_OUTBID -> seen = Math.max(seen, outbid(vote.party(), answer.getBallot(), ballot));
                case OUTCOME_BEHIND -> updates.add(bringUpToDate(vote.party(), entry.getName(), answer.getVersion()));
                case OUTCOME_DECIDED -> {
                    return publish(wanted, answer.getCommitted());
                }
                case OUTCOME_REFUSED -> refusals.add("party %d: %s".formatted(vote.party(), answer.getDetail()));
                case OUTCOME_UNSPECIFIED, UNRECOGNIZED ->
                    problems.add("party %d gave no usable answer".formatted(vote.party()));
            }
        }
        if (committed.getReceiptsCount() >= quorum.size()) {
            return publish(wanted, committed.addAllCertificates(certificates).build());
        }
        awaitAll(updates);
        int mayYetAccept = votes.size() - problems.size() - refusals.size();
        if (mayYetAccept >= quorum.size()) {
            return new Round(null, seen);
        }
        return new Round(
                refusals.isEmpty()
                        ? new Result.NotEnoughParties(problems)
                        : new Result.Refused(String.join("; ", refusals)),
                seen);
    }

    /// Commits here and lets the others know, until a commit quorum knows. Only then is the entry reported as
    /// committed: parties that accepted it without having heard that it was chosen still decide by the version
    /// before, so a signing quorum could be made of them alone. Waits a moment longer for the rest, so that a
    /// client which is answered through one party and asks through another finds what it did; it does not wait
    /// for a party that hangs.
    private Round publish(Entry wanted, CommittedEntry committed) throws InterruptedException {
        acceptor.take(committed);
        List<Integer> others = peers.others();
        News news = new News(committed, others.size());
        for (int party : others) {
            Thread.startVirtualThread(() -> tell(party, news));
        }
        try {
            if (!news.known.tryAcquire(quorum.size() - 1, KNOWN_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Round(
                        new Result.NotEnoughParties(
                                List.of("the change is agreed, but fewer than %d parties say that they know of it"
                                        .formatted(quorum.size()))),
                        committed.getBallot());
            }
            if (!news.told.await(NEWS_PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.atDebug()
                        .addKeyValue("register", committed.getEntry().getName())
                        .log("directory news still on its way");
            }
        } finally {
            news.over = true;
        }
        return committed.getEntry().equals(wanted)
                ? new Round(new Result.Committed(committed), committed.getBallot())
                : new Round(new Result.Overtaken(committed.getEntry()), committed.getBallot());
    }

    /// An entry on its way to the other parties.
    private static final class News {
        final CommittedEntry committed;
        final byte[] message;
        /// Parties that have it.
        final Semaphore known = new Semaphore(0);
        /// Parties that have it or could not be told at the first attempt.
        final CountDownLatch told;

        volatile boolean over;

        News(CommittedEntry committed, int others) {
            this.committed = committed;
            this.message =
                    LearnRequest.newBuilder().setCommitted(committed).build().toByteArray();
            this.told = new CountDownLatch(others);
        }
    }

    /// Tells one party until it knows, or nobody waits for it any more. It catches up when it is linked again.
    private void tell(int party, News news) {
        boolean first = true;
        while (!news.over) {
            boolean knows = learned(party, news);
            if (knows) {
                news.known.release();
            }
            if (first) {
                news.told.countDown();
                first = false;
            }
            if (knows) {
                return;
            }
            try {
                Thread.sleep(TELL_AGAIN_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private boolean learned(int party, News news) {
        try {
            LearnAnswer answer = LearnAnswer.parseFrom(peers.call(party, LEARN, news.message, CALL_TIMEOUT));
            return switch (answer.getOutcome()) {
                case OUTCOME_OK, OUTCOME_DECIDED -> true;
                case OUTCOME_BEHIND -> {
                    bringUpToDate(party, news.committed.getEntry().getName(), answer.getVersion());
                    yield false;
                }
                case OUTCOME_OUTBID, OUTCOME_REFUSED, OUTCOME_UNSPECIFIED, UNRECOGNIZED -> false;
            };
        } catch (Voters.Unreachable | InvalidProtocolBufferException e) {
            return false;
        }
    }

    /// Begins to send a party the versions of a register that it lacks, unless it is being sent some
    /// already. No request waits for its end.
    private Thread bringUpToDate(int party, String name, long has) {
        return Thread.startVirtualThread(() -> {
            if (party != self && has >= 0 && updating.add(party)) {
                try {
                    sendVersions(party, name, has);
                } catch (RuntimeException e) {
                    LOG.atInfo().addKeyValue("party", party).setCause(e).log("a lagging party was not sent everything");
                } finally {
                    updating.remove(party);
                }
            }
        });
    }

    private void sendVersions(int party, String name, long has) {
        long end = System.nanoTime() + UPDATE_FOR_AT_MOST.toNanos();
        for (long version = has + 1; version <= store.committedVersion(name); version++) {
            CommittedEntry missing =
                    Objects.requireNonNull(store.committed(name, version), "a committed version is kept");
            byte[] message =
                    LearnRequest.newBuilder().setCommitted(missing).build().toByteArray();
            try {
                Outcome outcome = LearnAnswer.parseFrom(peers.call(party, LEARN, message, CALL_TIMEOUT))
                        .getOutcome();
                boolean hasIt = outcome == Outcome.OUTCOME_OK || outcome == Outcome.OUTCOME_DECIDED;
                if (!hasIt || System.nanoTime() > end) {
                    return;
                }
            } catch (Voters.Unreachable | InvalidProtocolBufferException e) {
                return;
            }
        }
    }

    private static void awaitAll(List<Thread> updates) throws InterruptedException {
        long end = System.nanoTime() + UPDATE_PATIENCE.toNanos();
        for (Thread update : updates) {
            update.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
        }
    }
}

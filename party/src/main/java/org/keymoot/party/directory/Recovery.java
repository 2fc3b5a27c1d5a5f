package org.keymoot.party.directory;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.keymoot.api.directory.v1.Entry;
import org.keymoot.api.directory.v1.OpenVote;
import org.keymoot.api.directory.v1.RecoverAnswer;
import org.keymoot.api.directory.v1.RecoverRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a party does about votes and versions that its store has forgotten.
///
/// It asks every other party which votes are open there, takes the highest promises and acceptances over as its
/// own, and follows the party to its newest commit. docs/protocols/directory.md has the argument why that is
/// enough.
///
/// It keeps true: until then this party neither votes nor decides about anything.
public final class Recovery {
    static final String RECOVER = "directory/recover";

    /// Votes that one answer holds, so that it stays below the mesh's message limit.
    private static final int PAGE_VOTES = 50;

    /// Each call on the way has a limit of its own.
    private static final Duration FOLLOWED_WITHIN = Duration.ofHours(1);
    /// Longer than any ballot takes.
    private static final Duration BALLOTS_PATIENCE = Duration.ofSeconds(12);

    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(15);
    /// How long after its start a party lets others wait for a recovery that may end at any moment, as all do when a
    /// cluster starts for the first time.
    private static final Duration STARTING = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final Runs runs;
    private final RegisterStore store;
    private final Receipts receipts;
    private final CatchUp catchUp;
    private final Voters.Peers peers;
    private final Proposer proposer;
    private final ReentrantLock hearing = new ReentrantLock();
    private final long started = System.nanoTime();

    Recovery(
            Runs runs, RegisterStore store, Receipts receipts, CatchUp catchUp, Voters.Peers peers, Proposer proposer) {
        this.runs = runs;
        this.store = store;
        this.receipts = receipts;
        this.catchUp = catchUp;
        this.peers = peers;
        this.proposer = proposer;
    }

    public boolean isUnderWay() {
        return runs.recovering() != null;
    }

    /// Whether this party may not vote or decide yet; waits for a moment when it has just started.
    public boolean keepsOut() {
        if (runs.recovering() != null) {
            try {
                runs.awaitEnd(started + STARTING.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return runs.recovering() != null;
    }

    /// The parties that have to be heard yet.
    public List<Integer> awaited() {
        if (runs.recovering() == null) {
            return List.of();
        }
        Set<Integer> heard = runs.heard();
        return peers.others().stream().filter(party -> !heard.contains(party)).toList();
    }

    /// Why this party does not vote or decide; empty when it does.
    public String trouble() {
        String why = runs.recovering();
        return why == null
                ? ""
                : "recovering, since %s: takes no part until it has heard parties %s".formatted(why, awaited());
    }

    /// Hears a party, if that is awaited.
    public void hear(int party) {
        if (runs.recovering() == null) {
            return;
        }
        hearing.lock();
        try {
            if (!awaited().contains(party)) {
                return;
            }
            takeVotes(party);
            // Its votes first: what it commits in between is found among its commits.
            long end = System.nanoTime() + FOLLOWED_WITHIN.toNanos();
            catchUp.follow(party, FOLLOWED_WITHIN);
            if (System.nanoTime() >= end) {
                throw new Voters.Unreachable(party, "it was not followed to its newest commit in time", null);
            }
            LOG.atInfo().addKeyValue("party", party).log("party heard for the recovery");
            runs.heard(party, peers.others());
        } catch (Voters.Unreachable e) {
            LOG.atInfo().addKeyValue("reason", e.getMessage()).log("recovery could not hear a party");
        } finally {
            hearing.unlock();
        }
    }

    /// Goes on without a party that will never be heard.
    public void endWithout(int party) {
        hearing.lock();
        try {
            runs.heard(party, peers.others());
        } finally {
            hearing.unlock();
        }
    }

    private void takeVotes(int party) throws Voters.Unreachable {
        String after = "";
        do {
            RecoverRequest request = RecoverRequest.newBuilder().setAfter(after).build();
            RecoverAnswer answer;
            try {
                answer = RecoverAnswer.parseFrom(peers.call(party, RECOVER, request.toByteArray(), CALL_TIMEOUT));
            } catch (InvalidProtocolBufferException e) {
                throw new Voters.Unreachable(party, "its answer about open votes is damaged", e);
            }
            for (OpenVote vote : answer.getVotesList()) {
                check(party, vote);
                store.recall(vote);
            }
            if (!answer.getNext().isEmpty() && answer.getNext().compareTo(after) <= 0) {
                throw new Voters.Unreachable(party, "its answers about open votes do not come to an end", null);
            }
            after = answer.getNext();
        } while (!after.isEmpty());
    }

    private void check(int party, OpenVote vote) throws Voters.Unreachable {
        try {
            Entry accepted = vote.getAccepted();
            if (!vote.hasAccepted()) {
                return;
            }
            if (!Ballot.isPossible(vote.getAcceptedBallot())
                    || !accepted.getName().equals(vote.getName())
                    || accepted.getVersion() != vote.getVersion()) {
                throw new TransitionCheck.Refused("it tells of another version or of no ballot");
            }
            receipts.checkOwn(
                    vote.getReceipt().getParty(),
                    vote.getAcceptedBallot(),
                    vote.getReceipt(),
                    vote.getCertificate(),
                    accepted);
        } catch (TransitionCheck.Refused e) {
            throw new Voters.Unreachable(party, "what it tells of an open vote does not hold", e);
        }
    }

    /// Tells a recovering party of the votes that are open here, once none that it gave before it forgot is
    /// collected any more.
    RecoverAnswer answer(RecoverRequest request) throws TransitionCheck.Refused {
        RecoverAnswer.Builder answer = RecoverAnswer.newBuilder();
        if (request.getAfter().isEmpty()) {
            try {
                if (!proposer.awaitBallots(BALLOTS_PATIENCE)) {
                    throw new TransitionCheck.Refused("a ballot takes long to end");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TransitionCheck.Refused("this party is stopping");
            }
        }
        List<OpenVote> page = store.openVotes(request.getAfter(), PAGE_VOTES);
        page.forEach(vote -> answer.addVotes(witnessed(vote)));
        if (page.size() == PAGE_VOTES) {
            answer.setNext(page.getLast().getName());
        }
        return answer.build();
    }

    private OpenVote witnessed(OpenVote vote) {
        if (!vote.hasAccepted() || vote.hasReceipt()) {
            return vote;
        }
        return vote.toBuilder()
                .setReceipt(receipts.sign(vote.getAccepted(), vote.getAcceptedBallot()))
                .setCertificate(receipts.ownCertificate())
                .build();
    }
}

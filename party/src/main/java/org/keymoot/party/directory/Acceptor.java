package org.keymoot.party.directory;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.RegisterName;
import org.keymoot.api.directory.v1.AcceptAnswer;
import org.keymoot.api.directory.v1.AcceptRequest;
import org.keymoot.api.directory.v1.CommittedEntry;
import org.keymoot.api.directory.v1.Entry;
import org.keymoot.api.directory.v1.LearnAnswer;
import org.keymoot.api.directory.v1.Outcome;
import org.keymoot.api.directory.v1.PrepareAnswer;
import org.keymoot.api.directory.v1.PrepareRequest;
import org.keymoot.api.directory.v1.Receipt;

/// This party's vote in the agreement on registers (the acceptor of Lamport's "Paxos Made Simple", section 2.2, one
/// instance for each version of each register).
///
/// It keeps true: a promise and an acceptance are durable before they are answered, no value is accepted that
/// this party does not find justified, and no entry is committed without receipts of a commit quorum.
final class Acceptor {
    private final RegisterStore store;
    private final Receipts receipts;
    private final TransitionCheck check;
    private final CommitListeners listeners;
    private final Consumer<String> forgotten;

    /// @param forgotten told when this party is shown a vote of its own that it does not know
    Acceptor(
            RegisterStore store,
            Receipts receipts,
            TransitionCheck check,
            CommitListeners listeners,
            Consumer<String> forgotten) {
        this.store = store;
        this.receipts = receipts;
        this.check = check;
        this.listeners = listeners;
        this.forgotten = forgotten;
    }

    /// Promises `proposer` to accept nothing below its ballot.
    PrepareAnswer prepare(PrepareRequest request, int proposer) {
        if (!isProposal(request.getName(), request.getVersion(), request.getBallot(), proposer)) {
            return PrepareAnswer.newBuilder()
                    .setOutcome(Outcome.OUTCOME_REFUSED)
                    .build();
        }
        PrepareAnswer answer = store.promise(request.getName(), request.getVersion(), request.getBallot(), proposer);
        if (!answer.hasAccepted()) {
            return answer;
        }
        if (answer.hasAcceptedReceipt()) {
            // Known from another party, with its receipt: this one gives none for it. One liar's word keeps no
            // register from changing, so what this party would refuse is not handed on.
            return justifies(answer.getAccepted())
                    ? answer
                    : answer.toBuilder()
                            .clearAccepted()
                            .clearAcceptedBallot()
                            .clearAcceptedReceipt()
                            .clearCertificate()
                            .build();
        }
        return answer.toBuilder()
                .setAcceptedReceipt(receipts.sign(answer.getAccepted(), answer.getAcceptedBallot()))
                .setCertificate(receipts.ownCertificate())
                .build();
    }

    /// Accepts the entry if this party finds it justified and has promised no higher ballot.
    ///
    /// @param proposer the party that asks, whose own earlier receipt is no evidence that the entry was once fresh
    AcceptAnswer accept(AcceptRequest request, int proposer) {
        Entry entry = request.getEntry();
        if (!isProposal(entry.getName(), entry.getVersion(), request.getBallot(), proposer)) {
            return AcceptAnswer.newBuilder()
                    .setOutcome(Outcome.OUTCOME_REFUSED)
                    .setDetail("the register, its version or the ballot cannot be")
                    .build();
        }
        try {
            judge(request, proposer);
        } catch (TransitionCheck.Refused e) {
            return AcceptAnswer.newBuilder()
                    .setOutcome(Outcome.OUTCOME_REFUSED)
                    .setDetail(e.getMessage())
                    .build();
        }
        AcceptAnswer answer = store.accept(entry, request.getBallot(), proposer);
        if (answer.getOutcome() != Outcome.OUTCOME_OK) {
            return answer;
        }
        return answer.toBuilder()
                .setReceipt(receipts.sign(entry, request.getBallot()))
                .setCertificate(receipts.ownCertificate())
                .build();
    }

    /// Whether `proposer` may ask at all: it names a register, a version and a ballot of its own.
    private static boolean isProposal(String name, long version, long ballot, int proposer) {
        return version > 0 && Ballot.isOf(ballot, proposer) && RegisterName.isValid(name);
    }

    private void judge(AcceptRequest request, int proposer) throws TransitionCheck.Refused {
        Entry entry = request.getEntry();
        if (store.hasAccepted(entry)) {
            check.check(entry, TransitionCheck.Freshness.SHOWN_BY_A_RECEIPT);
            return;
        }
        TransitionCheck.Freshness freshness = isShownByAReceipt(request, proposer)
                ? TransitionCheck.Freshness.SHOWN_BY_A_RECEIPT
                : TransitionCheck.Freshness.REQUIRED;
        if (proposer == receipts.self() && !request.hasPriorReceipt()) {
            // What this party itself proposes for a client goes on record with the answer.
            check.check(entry, freshness);
        } else {
            check.checkForTheRecord(entry, freshness, proposer);
        }
    }

    private boolean isShownByAReceipt(AcceptRequest request, int proposer) {
        Receipt prior = request.getPriorReceipt();
        if (!request.hasPriorReceipt() || prior.getParty() == proposer) {
            return false;
        }
        try {
            receipts.checkWithCertificate(prior, request.getPriorCertificate(), request.getEntry());
            return true;
        } catch (TransitionCheck.Refused e) {
            return false;
        }
    }

    /// Takes over a committed entry, from whomever it comes, if its receipts are right and it is the next version here.
    LearnAnswer learn(CommittedEntry committed) throws TransitionCheck.Refused {
        LearnAnswer beforehand = standing(committed.getEntry());
        if (beforehand != null) {
            return beforehand;
        }
        receipts.checkCommitted(committed);
        return take(committed);
    }

    /// As [#learn], for an entry of which each receipt was checked.
    LearnAnswer take(CommittedEntry committed) {
        LearnAnswer beforehand = standing(committed.getEntry());
        if (beforehand != null) {
            return beforehand;
        }
        Entry entry = committed.getEntry();
        if (receipts.isOwnIn(committed)
                && store.acceptedBallot(entry.getName(), entry.getVersion()) < committed.getBallot()) {
            forgotten.accept("it gave a receipt for %s version %d that its store does not know"
                    .formatted(entry.getName(), entry.getVersion()));
        }
        if (store.commit(committed)) {
            listeners.committed(List.of(committed.getEntry()));
        }
        return answer(Outcome.OUTCOME_OK, committed.getEntry().getVersion());
    }

    /// Why `entry` is not what this party learns next; null when it is.
    private @Nullable LearnAnswer standing(Entry entry) {
        long known = store.committedVersion(entry.getName());
        if (entry.getVersion() == known + 1) {
            return null;
        }
        return answer(entry.getVersion() <= known ? Outcome.OUTCOME_DECIDED : Outcome.OUTCOME_BEHIND, known);
    }

    /// Whether this party would accept `entry`, were it fresh.
    boolean justifies(Entry entry) {
        try {
            check.check(entry, TransitionCheck.Freshness.SHOWN_BY_A_RECEIPT);
            return true;
        } catch (TransitionCheck.Refused e) {
            return false;
        }
    }

    private static LearnAnswer answer(Outcome outcome, long version) {
        return LearnAnswer.newBuilder().setOutcome(outcome).setVersion(version).build();
    }
}

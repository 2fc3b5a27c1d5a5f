package org.keymoot.party.directory;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks all parties of the cluster the same question at once, this one included.
public final class Voters {
    /// The calls of the directory on another party; the mesh carries them.
    public interface Peers {
        /// Indices of the other parties.
        List<Integer> others();

        /// @throws Unreachable when no answer came in time
        byte[] call(int party, String method, byte[] body, Duration timeout) throws Unreachable;
    }

    /// A party did not answer; it may still have acted on the question.
    public static final class Unreachable extends Exception {
        Unreachable(int party, String why, @Nullable Throwable cause) {
            super("party %d: %s".formatted(party, why), cause);
        }
    }

    /// One party's answer; null when it could not be reached, or gave none that holds.
    record Vote<A>(int party, @Nullable A answer, String problem) {}

    /// Answers the question at this party.
    interface Local<A> {
        A answer();
    }

    /// What another party's answer must be to count.
    interface Check<A> {
        /// @throws TransitionCheck.Refused when it cannot be believed
        void check(int party, A answer) throws TransitionCheck.Refused;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Voters.class);

    private final int self;
    private final Peers peers;

    Voters(int self, Peers peers) {
        this.self = self;
        this.peers = peers;
    }

    /// Asks all and returns the votes as soon as `wanted` of them satisfy `good`, or all are in. What does
    /// not pass `check`, each on a thread of its own, counts as no answer.
    <A extends MessageLite> List<Vote<A>> ask(
            String method,
            MessageLite question,
            Parser<A> parser,
            Local<A> local,
            Check<A> check,
            Predicate<Vote<A>> good,
            int wanted,
            Duration timeout)
            throws InterruptedException {
        BlockingQueue<Vote<A>> votes = new LinkedBlockingQueue<>();
        byte[] body = question.toByteArray();
        List<Integer> others = peers.others();
        for (int party : others) {
            Thread.startVirtualThread(() -> votes.add(askOne(party, method, body, parser, check, timeout)));
        }
        List<Vote<A>> in = new ArrayList<>();
        int satisfied = 0;
        Vote<A> own = new Vote<>(self, local.answer(), "");
        in.add(own);
        if (good.test(own)) {
            satisfied++;
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        while (in.size() < others.size() + 1 && satisfied < wanted) {
            Vote<A> vote = votes.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (vote == null) {
                break;
            }
            in.add(vote);
            if (vote.answer() != null && good.test(vote)) {
                satisfied++;
            }
        }
        return in;
    }

    private <A extends MessageLite> Vote<A> askOne(
            int party, String method, byte[] body, Parser<A> parser, Check<A> check, Duration timeout) {
        try {
            A answer = parser.parseFrom(peers.call(party, method, body, timeout));
            check.check(party, answer);
            return new Vote<>(party, answer, "");
        } catch (Unreachable e) {
            return new Vote<>(party, null, String.valueOf(e.getMessage()));
        } catch (InvalidProtocolBufferException e) {
            return unbelieved(party, method, "its bytes are no answer");
        } catch (TransitionCheck.Refused e) {
            return unbelieved(party, method, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("party", party).setCause(e).log("directory answer could not be checked");
            return new Vote<>(party, null, "party %d gave an answer that could not be checked".formatted(party));
        }
    }

    private static <A> Vote<A> unbelieved(int party, String method, String why) {
        LOG.atWarn()
                .addKeyValue("party", party)
                .addKeyValue("method", method)
                .addKeyValue("reason", why)
                .log("directory answer not believed");
        return new Vote<>(party, null, "party %d gave no usable answer: %s".formatted(party, why));
    }
}

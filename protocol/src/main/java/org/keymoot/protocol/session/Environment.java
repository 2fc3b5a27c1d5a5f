package org.keymoot.protocol.session;

import java.util.concurrent.Executor;
import org.keymoot.crypto.random.RandomSource;

/// What a party lends to a session.
///
/// @param random where all of the session's randomness comes from
/// @param algebra where heavy computation runs, see [Session#compute]
/// @param stages hears where the protocol has got to
public record Environment(RandomSource random, Executor algebra, Stages stages) {
    /// Hears of each long step once, when it begins.
    @FunctionalInterface
    public interface Stages {
        void begins(SessionId session, String protocol, String stage);
    }

    /// Computes on the calling thread and tells nobody.
    public static Environment of(RandomSource random) {
        return new Environment(random, Runnable::run, (session, protocol, stage) -> {});
    }
}

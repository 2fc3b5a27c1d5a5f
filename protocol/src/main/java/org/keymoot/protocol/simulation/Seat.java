package org.keymoot.protocol.simulation;

import java.time.Duration;
import java.util.Optional;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.protocol.session.Channel;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Environment;
import org.keymoot.protocol.session.Silent;

/// One party's place in a run: its randomness, its channels and what it has kept durably.
public final class Seat {
    static final Duration TIME_LIMIT = Duration.ofSeconds(10);

    private final World world;
    private final int party;
    private final int life;
    private final RandomSource random;

    Seat(World world, int party, int life, RandomSource random) {
        this.world = world;
        this.party = party;
        this.life = life;
        this.random = random;
    }

    public int party() {
        return party;
    }

    public Options options() {
        return world.options();
    }

    public RandomSource random() {
        return random;
    }

    public Environment environment() {
        return Environment.of(random);
    }

    /// The channel of this name, which connects all parties that ask for it; its time runs from now.
    public Channel channel(String name) {
        return world.channel(party, life, name, TIME_LIMIT);
    }

    /// Makes something durable under a name: it survives a crash.
    public void keep(String name, Object value) {
        world.keep(party, name, value);
    }

    /// What this party kept under the name, before a crash or after.
    public <T> Optional<T> kept(String name, Class<T> type) {
        return world.kept(party, name, type);
    }

    /// Declares that this party deviates from its protocol from here on, in a scenario whose code does so itself.
    public void deviate() {
        world.deviates(party);
    }

    /// A protocol run as one party sees it.
    @FunctionalInterface
    public interface Attempt<T> {
        T run() throws Cheated, Silent;
    }

    /// Runs a protocol and records how it ended.
    ///
    /// @param name the same at every party that takes part
    /// @return its result, or nothing when it failed
    public <T> Optional<T> attempt(String name, Attempt<T> attempt) {
        try {
            T value = attempt.run();
            world.ended(new Outcome(party, name, new Outcome.Result.Returned(value)));
            return Optional.of(value);
        } catch (Cheated e) {
            world.ended(new Outcome(party, name, new Outcome.Result.FoundCheating(e)));
        } catch (Silent e) {
            world.ended(new Outcome(party, name, new Outcome.Result.MetSilence(e)));
        }
        return Optional.empty();
    }
}

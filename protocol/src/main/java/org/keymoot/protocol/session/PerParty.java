package org.keymoot.protocol.session;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/// One value for each of a fixed, ascending list of parties, such as what each of them said in a round.
///
/// It keeps true: no party is missing and none is extra, so that no loop over it can pass vacuously.
public final class PerParty<M> {
    /// A party and its value.
    public record Entry<M>(int party, M value) {}

    private final List<Entry<M>> entries;
    private final List<Integer> parties;

    private PerParty(List<Entry<M>> entries) {
        this.entries = List.copyOf(entries);
        this.parties = entries.stream().map(Entry::party).toList();
        Parties.check(parties);
    }

    public static <M> PerParty<M> of(List<Entry<M>> entries) {
        return new PerParty<>(entries);
    }

    public static <M> PerParty<M> of(List<Integer> parties, IntFunction<M> value) {
        List<Entry<M>> entries = new ArrayList<>(parties.size());
        for (int party : parties) {
            entries.add(new Entry<>(party, value.apply(party)));
        }
        return new PerParty<>(entries);
    }

    public List<Integer> parties() {
        return parties;
    }

    /// The entries by ascending party.
    public List<Entry<M>> entries() {
        return entries;
    }

    public List<M> values() {
        return entries.stream().map(Entry::value).toList();
    }

    /// @throws IllegalArgumentException when the party is not among [#parties()]
    public M get(int party) {
        for (Entry<M> entry : entries) {
            if (entry.party() == party) {
                return entry.value();
            }
        }
        throw new IllegalArgumentException("P" + party + " is not among " + parties);
    }

    public <R> PerParty<R> map(Function<? super M, ? extends R> function) {
        return of(parties, party -> function.apply(get(party)));
    }
}

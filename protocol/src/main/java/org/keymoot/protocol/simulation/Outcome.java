package org.keymoot.protocol.simulation;

import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Silent;

/// How one party's attempt at one protocol ended.
///
/// @param attempt which protocol run, such as `dkg` or `sign 1,3`, the same at every party that takes part
public record Outcome(int party, String attempt, Result result) {
    /// What the attempt gave.
    public sealed interface Result {
        /// The protocol returned a value.
        record Returned(Object value) implements Result {}

        /// The protocol found cheating.
        record FoundCheating(Cheated cheated) implements Result {}

        /// A peer did not answer in time.
        record MetSilence(Silent silent) implements Result {}
    }

    /// One line without any value of the protocol.
    public String text() {
        String ending = switch (result) {
            case Result.Returned returned -> "returned";
            case Result.FoundCheating found ->
                "cheated culprits=" + found.cheated().culprits() + ": "
                        + found.cheated().getMessage();
            case Result.MetSilence met ->
                "silent parties=" + met.silent().parties() + ": " + met.silent().getMessage();
        };
        return "P" + party + " " + attempt + ": " + ending;
    }
}

package org.keymoot.protocol.simulation;

import java.util.HexFormat;
import java.util.List;

/// What came of one run.
///
/// @param violations what was broken; empty when all invariants held
/// @param historyHash a digest of everything that happened: two runs with the same one were the same
@SuppressWarnings("ArrayRecordComponent")
public record Report(
        long seed,
        Options options,
        List<String> violations,
        List<Outcome> outcomes,
        int happenings,
        long framesSent,
        long bytesSent,
        long simulatedMicros,
        byte[] historyHash) {
    public boolean passed() {
        return violations.isEmpty();
    }

    public boolean allReturned() {
        return outcomes.stream().allMatch(outcome -> outcome.result() instanceof Outcome.Result.Returned);
    }

    /// Everything about the run that helps to find what was broken.
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append("seed        ").append(seed).append('\n');
        text.append(options.expanded());
        text.append("happenings  ")
                .append(happenings)
                .append(", history ")
                .append(HexFormat.of().formatHex(historyHash, 0, 8))
                .append('\n');
        outcomes.forEach(
                outcome -> text.append("outcome     ").append(outcome.text()).append('\n'));
        violations.forEach(
                violation -> text.append("BROKEN      ").append(violation).append('\n'));
        return text.toString();
    }
}

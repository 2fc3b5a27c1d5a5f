package org.keymoot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.platform.audit.AuditChain;
import org.keymoot.platform.audit.AuditLog;
import org.keymoot.platform.audit.AuditOptions;
import org.keymoot.platform.audit.AuditRecord;

class AuditComparisonTest {
    @TempDir
    Path folder;

    private final Map<Integer, List<AuditRecord>> chains = new HashMap<>();

    private record Event(String name, Map<String, ?> fields) {}

    private static Event joined(String session, String request, Integer... participants) {
        return new Event(
                "session.joined",
                Map.of("session", session, "request", request, "participants", List.of(participants)));
    }

    private static Event signed(String session, String request, Integer... participants) {
        return new Event(
                "request",
                Map.of(
                        "session",
                        session,
                        "request",
                        request,
                        "outcome",
                        "signed",
                        "participants",
                        List.of(participants)));
    }

    private void chain(int party, Event... events) throws IOException {
        Path directory = folder.resolve("party-" + party);
        try (AuditLog log = AuditLog.open(AuditOptions.of(directory), InstantSource.system(), (what, cause) -> {})) {
            for (Event event : events) {
                log.append(event.name(), event.fields());
            }
        }
        chains.put(party, AuditChain.read(directory, 1, 100));
    }

    private List<String> contradictions() {
        return AuditComparison.contradictions(chains, chains);
    }

    @Test
    void agreeingChainsHaveNoContradiction() throws IOException {
        chain(1, joined("s", "r", 1, 2), signed("s", "r", 1, 2));
        chain(2, joined("s", "r", 1, 2));
        assertThat(contradictions()).isEmpty();
    }

    @Test
    void aMissingRecordOfAParticipantIsFound() throws IOException {
        chain(1, joined("s", "r", 1, 2), signed("s", "r", 1, 2));
        chain(2, joined("other", "r", 1, 2));
        assertThat(contradictions()).singleElement().asString().contains("party 1", "session s", "party 2");
    }

    @Test
    void differentRequestsOfOneSessionAreFound() throws IOException {
        chain(1, joined("s", "r", 1, 2), signed("s", "r", 1, 2));
        chain(2, joined("s", "another", 1, 2));
        assertThat(contradictions()).singleElement().asString().contains("different requests");
    }

    @Test
    void differentParticipantsOfOneSessionAreFound() throws IOException {
        chain(1, joined("s", "r", 1, 2), signed("s", "r", 1, 2));
        chain(2, joined("s", "r", 2, 3));
        assertThat(contradictions()).singleElement().asString().contains("different participants");
    }

    @Test
    void whatIsAppendedBetweenTwoFetchesIsNoContradiction() throws IOException {
        chain(1, joined("s", "r", 1, 2), signed("s", "r", 1, 2));
        chain(2, joined("s", "r", 1, 2));
        Map<Integer, List<AuditRecord>> first =
                Map.of(1, Objects.requireNonNull(chains.get(1)), 2, List.<AuditRecord>of());
        assertThat(AuditComparison.contradictions(first, chains)).isEmpty();
        assertThat(AuditComparison.contradictions(first, first)).isNotEmpty();
    }
}

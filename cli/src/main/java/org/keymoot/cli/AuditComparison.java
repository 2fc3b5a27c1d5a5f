package org.keymoot.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.keymoot.platform.audit.AuditRecord;
import tools.jackson.databind.JsonNode;

/// Holds the parties' audit records against each other: a signature or key that one party reports must be known to each
/// party that it says took part, for the same request.
final class AuditComparison {
    private AuditComparison() {}

    /// What a party says it joined.
    private record Joined(String request, List<Integer> participants) {}

    /// @param chains each party's records, in order, whose finished sessions are judged
    /// @param later the same chains, fetched after all of `chains`, in which each party's part is looked for
    /// @return one line for each contradiction
    static List<String> contradictions(Map<Integer, List<AuditRecord>> chains, Map<Integer, List<AuditRecord>> later) {
        Map<Integer, Map<String, Joined>> joined = new HashMap<>();
        later.forEach((party, records) -> joined.put(party, joinedBy(records)));
        List<String> found = new ArrayList<>();
        chains.forEach((party, records) -> {
            for (AuditRecord record : records) {
                JsonNode fields = record.content().path("fields");
                if (text(record.content(), "event").equals("request") && fields.has("session") && isDone(fields)) {
                    found.addAll(check(party, fields, joined));
                }
            }
        });
        return found;
    }

    private static boolean isDone(JsonNode content) {
        String outcome = text(content, "outcome");
        return List.of("signed", "created", "rotated", "evaluated", "drawn").contains(outcome);
    }

    private static List<String> check(int party, JsonNode done, Map<Integer, Map<String, Joined>> joined) {
        List<String> found = new ArrayList<>();
        String session = text(done, "session");
        if (session.contains(",")) {
            return checkSeveral(party, done, joined);
        }
        for (int participant : participants(done)) {
            Map<String, Joined> theirs = joined.get(participant);
            if (theirs == null) {
                continue;
            }
            Joined own = theirs.get(session);
            if (own == null) {
                found.add("party %d reports session %s with party %d, whose chain does not have it"
                        .formatted(party, session, participant));
            } else if (!own.request().equals(text(done, "request"))) {
                found.add("parties %d and %d took part in session %s for different requests"
                        .formatted(party, participant, session));
            } else if (!new TreeSet<>(own.participants()).equals(new TreeSet<>(participants(done)))) {
                found.add("parties %d and %d name different participants of session %s"
                        .formatted(party, participant, session));
            }
        }
        return found;
    }

    /// A request that took several sessions, as one that uses two keys: every participant was in one of them at least.
    private static List<String> checkSeveral(int party, JsonNode done, Map<Integer, Map<String, Joined>> joined) {
        List<String> found = new ArrayList<>();
        List<String> sessions = List.of(text(done, "session").split(","));
        for (int participant : participants(done)) {
            Map<String, Joined> theirs = joined.get(participant);
            if (theirs != null
                    && sessions.stream()
                            .map(theirs::get)
                            .noneMatch(own -> own != null && own.request().equals(text(done, "request")))) {
                found.add("party %d reports sessions %s with party %d, whose chain has none of them for that request"
                        .formatted(party, sessions, participant));
            }
        }
        return found;
    }

    private static Map<String, Joined> joinedBy(List<AuditRecord> records) {
        Map<String, Joined> joined = new HashMap<>();
        for (AuditRecord record : records) {
            if (text(record.content(), "event").equals("session.joined")) {
                JsonNode fields = record.content().path("fields");
                joined.put(text(fields, "session"), new Joined(text(fields, "request"), participants(fields)));
            }
        }
        return joined;
    }

    private static List<Integer> participants(JsonNode content) {
        List<Integer> participants = new ArrayList<>();
        content.path("participants").forEach(participant -> participants.add(participant.intValue()));
        return participants;
    }

    private static String text(JsonNode content, String field) {
        JsonNode value = content.get(field);
        return value == null ? "" : value.asString();
    }
}

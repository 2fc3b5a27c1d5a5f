package org.keymoot.access;

import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import org.keymoot.access.sigv4.SignatureVerifier;
import tools.jackson.databind.JsonNode;

/// The requests that changed a register before the last one and could still be sent again, as the value of the
/// register keeps them: digests with the time at which they were noted, in milliseconds.
///
/// It keeps true: a request changes a register once. When others have changed the register since, or made it a
/// tombstone, sending the request again is refused and brings nothing back.
public final class Repeats {
    /// Most requests that are kept for one register: the newest. Whatever was signed before those is refused.
    static final int MAXIMUM = 200;

    private static final String MEMBER = "repeats";
    /// In the place of a digest: of the requests that are no longer kept, the newest time.
    private static final String DROPPED = "before";

    private Repeats() {}

    /// A write in which its request is noted. Of a register that the request was the last to change, the content that
    /// is there: it is written anew, so that the answer is given only once a commit quorum knows it.
    ///
    /// @param present what the register holds; null when it was never written
    /// @param signedAt when the request says that it was signed
    /// @throws AwsException when the request changed the register before others did, or may have done so
    public static RegisterWrite once(
            RegisterWrite write, @Nullable RegisterValue present, String request, Instant signedAt, Instant now) {
        if (present == null) {
            return write;
        }
        JsonNode before = JsonReader.stored(present.json());
        String last = last(before);
        if (request.equals(last)) {
            return new RegisterWrite(write.name(), write.baseVersion(), present.json());
        }
        NavigableMap<String, String> repeats = in(before);
        String dropped = repeats.get(DROPPED);
        if (repeats.containsKey(request) || (dropped != null && signedAt.toEpochMilli() <= Long.parseLong(dropped))) {
            throw superseded();
        }
        JsonNode after = JsonReader.stored(write.json());
        NavigableMap<String, String> next = repeats;
        if (last != null && !last.equals(last(after))) {
            next = with(next, last, now);
        }
        if (!request.equals(last(after))) {
            next = with(next, request, now);
        }
        String json = CanonicalJson.object(after, MEMBER).put(MEMBER, next).text();
        return new RegisterWrite(write.name(), write.baseVersion(), json);
    }

    /// Clients sign anew what is refused so.
    static AwsException superseded() {
        return new AwsException(AwsError.of(
                "ThrottlingException",
                "This very request was carried out before, and others have changed the resource since. Sign it anew."));
    }

    /// The request that made the value what it is.
    private static @Nullable String last(JsonNode value) {
        JsonNode last = value.has("ended") ? value.get("ended") : value.get("request");
        return last == null ? null : last.stringValue();
    }

    /// Those that a register's value names.
    static NavigableMap<String, String> in(JsonNode value) {
        JsonNode repeats = value.get(MEMBER);
        NavigableMap<String, String> found = new TreeMap<>();
        if (repeats != null) {
            repeats.properties()
                    .forEach(one -> found.put(one.getKey(), one.getValue().stringValue()));
        }
        return found;
    }

    /// These and one more, without those that nobody would take any longer.
    static NavigableMap<String, String> with(NavigableMap<String, String> repeats, String request, Instant now) {
        NavigableMap<String, String> next = new TreeMap<>(repeats);
        long oldest = now.minus(SignatureVerifier.REPLAYABLE).toEpochMilli();
        next.values().removeIf(time -> Long.parseLong(time) < oldest);
        next.put(request, Long.toString(now.toEpochMilli()));
        while (next.size() > MAXIMUM) {
            next.remove(DROPPED);
            Map.Entry<String, String> first =
                    Collections.min(next.entrySet(), Comparator.comparingLong(one -> Long.parseLong(one.getValue())));
            next.remove(first.getKey());
            next.put(DROPPED, first.getValue());
        }
        return next;
    }

    /// As a record's component.
    static NavigableMap<String, String> copy(NavigableMap<String, String> repeats) {
        return Collections.unmodifiableNavigableMap(new TreeMap<>(repeats));
    }

    /// Writes them into a register's value.
    static void put(CanonicalJson.ObjectBuilder object, NavigableMap<String, String> repeats) {
        if (!repeats.isEmpty()) {
            object.put(MEMBER, repeats);
        }
    }
}

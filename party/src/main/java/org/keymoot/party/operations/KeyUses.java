package org.keymoot.party.operations;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.LastUse;
import org.keymoot.access.RegisterName;
import org.keymoot.api.party.v1.LastUseAnswer;
import org.keymoot.api.party.v1.LastUseRequest;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.mesh.PeerRefused;
import org.keymoot.party.mesh.PeerUnavailable;
import org.keymoot.party.store.KeyUseStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// When keys were last used. Each party notes the uses that it led, in memory first and on disk once in a
/// while, and asks the others when a client wants to know.
///
/// It keeps true: noting a use costs no write to disk, and a crash forgets the uses of a minute at most, which
/// the audit log still has.
final class KeyUses {
    private static final String METHOD = "usage/last";
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /// Keys whose uses are kept in memory until they are written.
    private static final int MAXIMUM_UNWRITTEN = 10_000;

    private static final Logger log = LoggerFactory.getLogger(KeyUses.class);

    private final Mesh mesh;
    private final KeyUseStore store;
    private final Map<RegisterName, LastUse> unwritten = new ConcurrentHashMap<>();

    KeyUses(Mesh mesh, KeyUseStore store) {
        this.mesh = mesh;
        this.store = store;
    }

    void start() {
        mesh.calls().serve(METHOD, (party, body) -> serve(body));
    }

    void used(RegisterName key, LastUse use) {
        if (unwritten.size() < MAXIMUM_UNWRITTEN || unwritten.containsKey(key)) {
            unwritten.merge(key, use, KeyUses::later);
        }
    }

    /// Writes what is not written yet.
    void write() {
        Map<RegisterName, LastUse> batch = new HashMap<>(unwritten);
        if (!batch.isEmpty()) {
            store.put(batch);
            batch.forEach((key, use) -> unwritten.remove(key, use));
        }
    }

    /// The last use that any party which can be reached knows of; null when none does.
    @Nullable LastUse last(RegisterName key) throws InterruptedException {
        byte[] question =
                LastUseRequest.newBuilder().setRegister(key.text()).build().toByteArray();
        ConcurrentLinkedQueue<LastUse> found = new ConcurrentLinkedQueue<>();
        List<Thread> asking = new ArrayList<>();
        for (int peer : mesh.linked()) {
            asking.add(Thread.startVirtualThread(() -> ask(peer, question, found)));
        }
        LastUse last = own(key);
        for (Thread thread : asking) {
            thread.join(PATIENCE);
        }
        for (LastUse use : found) {
            last = last == null ? use : later(last, use);
        }
        return last;
    }

    private @Nullable LastUse own(RegisterName key) {
        LastUse inMemory = unwritten.get(key);
        return inMemory == null ? store.last(key) : inMemory;
    }

    private static LastUse later(LastUse one, LastUse other) {
        return other.at().isAfter(one.at()) ? other : one;
    }

    private void ask(int peer, byte[] question, ConcurrentLinkedQueue<LastUse> found) {
        try {
            LastUseAnswer answer = LastUseAnswer.parseFrom(mesh.calls().call(peer, METHOD, question, PATIENCE));
            if (answer.getAtMillis() > 0) {
                found.add(new LastUse(
                        answer.getOperation(),
                        Instant.ofEpochMilli(answer.getAtMillis()),
                        answer.getEvent(),
                        answer.getRequestId()));
            }
        } catch (PeerUnavailable | PeerRefused | InvalidProtocolBufferException e) {
            log.atDebug()
                    .addKeyValue("peer", peer)
                    .addKeyValue("reason", e.getMessage())
                    .log("peer told no last use");
        }
    }

    private byte[] serve(byte[] body) throws PeerRefused {
        RegisterName key;
        try {
            key = new RegisterName(LastUseRequest.parseFrom(body).getRegister());
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new PeerRefused("malformed", "the question is malformed");
        }
        LastUse use = own(key);
        LastUseAnswer.Builder answer = LastUseAnswer.newBuilder();
        if (use != null) {
            answer.setOperation(use.operation())
                    .setAtMillis(use.at().toEpochMilli())
                    .setEvent(use.event())
                    .setRequestId(use.requestId());
        }
        return answer.build().toByteArray();
    }
}

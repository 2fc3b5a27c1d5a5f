package org.keymoot.party.operations;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.keymoot.access.KeyRecord;
import org.keymoot.access.KeyState;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.api.party.v1.PresignInvitation;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.party.directory.ReplicatedDirectory;
import org.keymoot.party.mesh.Declined;
import org.keymoot.party.mesh.HostedSession;
import org.keymoot.party.mesh.Invitation;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.store.PresignatureStore;
import org.keymoot.party.store.PresignatureStore.Slot;
import org.keymoot.protocol.ecdsa.EcdsaPresign;
import org.keymoot.protocol.ecdsa.Presignature;
import org.keymoot.protocol.message.MessageWriter;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Environment;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.session.Silent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The stock of presignatures: for each key and quorum in use, some are made in the background.
///
/// It keeps true: the party of lowest index in a quorum makes its stock; it is bounded for each key and quorum and in
/// all; nothing is made for a key that is not enabled, nor with a peer that is away or in quarantine.
///
/// Each party of a quorum may open signing sessions. A presignature belongs to the one of them that its id names, so
/// that no two ever pick the same for different messages; a party that has used up its own signs in line meanwhile.
/// Making begins when half of the target is used and goes on until it is reached; while signatures are asked for, it
/// waits until three quarters are used, so that a burst has the processors for itself.
final class Stock {
    private static final Duration IN_USE = Duration.ofMinutes(10);
    private static final Duration MAKING_TIME = Duration.ofSeconds(5);
    /// How long after a signature was asked for another may be expected.
    private static final Duration BURST_PAUSE = Duration.ofMillis(500);
    /// Between two looks at the counts, when nothing had to be made.
    private static final Duration LOOK_PAUSE = Duration.ofMillis(100);

    private static final Duration SPENT_KEPT = Duration.ofDays(1);
    private static final int MAX_SLOTS_IN_USE = 256;
    private static final int MAX_IN_ALL = 20_000;
    private static final Logger log = LoggerFactory.getLogger(Stock.class);

    private final Mesh mesh;
    private final ReplicatedDirectory directory;
    private final KeyShares shares;
    private final Pairs pairs;
    private final PresignatureStore store;
    private final Environment environment;
    private final AuditTrail audit;
    private final int target;
    private final Map<Slot, Use> uses = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Slot, Deque<byte[]>> candidates = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<String> picked = new LinkedHashSet<>();
    private final Set<Slot> low = new HashSet<>();
    private final Object nudge = new Object();
    private boolean nudged;
    private volatile long lastUseNanos = System.nanoTime() - BURST_PAUSE.toNanos();

    private record Use(RegisterName register, long untilNanos) {}

    /// @param target how many to keep for each key and quorum in use; 0 makes none
    Stock(
            Mesh mesh,
            ReplicatedDirectory directory,
            KeyShares shares,
            Pairs pairs,
            PresignatureStore store,
            Environment environment,
            AuditTrail audit,
            int target) {
        this.mesh = mesh;
        this.directory = directory;
        this.shares = shares;
        this.pairs = pairs;
        this.store = store;
        this.environment = environment;
        this.audit = audit;
        this.target = target;
    }

    void start() {
        mesh.sessions().serve(EcdsaPresign.PROTOCOL, this::join);
    }

    /// The key is used by this quorum now.
    void used(KeyRecord key, List<Integer> quorum) {
        if (!key.usesPresignatures() || target == 0) {
            return;
        }
        long now = System.nanoTime();
        lastUseNanos = now;
        synchronized (uses) {
            uses.put(slot(key, quorum), new Use(key.name(), now + IN_USE.toNanos()));
            while (uses.size() > MAX_SLOTS_IN_USE) {
                uses.remove(uses.keySet().iterator().next());
            }
        }
        if (quorum.getFirst() == mesh.membership().self()) {
            synchronized (nudge) {
                nudged = true;
                nudge.notifyAll();
            }
        }
    }

    /// The id of one to sign with, or empty bytes when there is none.
    byte[] pick(KeyRecord key, List<Integer> quorum) {
        if (!key.usesPresignatures()) {
            return new byte[0];
        }
        Slot slot = slot(key, quorum);
        synchronized (candidates) {
            Deque<byte[]> known = candidates.computeIfAbsent(slot, any -> new ArrayDeque<>());
            if (known.isEmpty()) {
                known.addAll(freshCandidates(slot));
            }
            byte[] id = known.poll();
            while (candidates.size() > MAX_SLOTS_IN_USE) {
                candidates.remove(candidates.keySet().iterator().next());
            }
            if (id == null) {
                return new byte[0];
            }
            picked.add(HexFormat.of().formatHex(id));
            while (picked.size() > MAX_IN_ALL) {
                picked.remove(picked.iterator().next());
            }
            return id;
        }
    }

    /// This party's own of the store that were not picked before.
    private List<byte[]> freshCandidates(Slot slot) {
        int place = slot.quorum().indexOf(mesh.membership().self());
        return store.available(slot, 4 * Math.max(1, target)).stream()
                .filter(id -> slot.placeOf(id) == place
                        && !picked.contains(HexFormat.of().formatHex(id)))
                .toList();
    }

    /// Refills until the thread is interrupted.
    void refill() {
        try {
            while (true) {
                boolean made = false;
                for (Map.Entry<Slot, Use> entry : slotsToFill()) {
                    made |= fillOne(entry.getKey(), entry.getValue());
                }
                if (made) {
                    continue;
                }
                Thread.sleep(LOOK_PAUSE);
                synchronized (nudge) {
                    if (!nudged) {
                        nudge.wait(1000);
                    }
                    nudged = false;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Map.Entry<Slot, Use>> slotsToFill() {
        long now = System.nanoTime();
        synchronized (uses) {
            uses.values().removeIf(use -> use.untilNanos() - now < 0);
            low.retainAll(uses.keySet());
            List<Map.Entry<Slot, Use>> slots = new ArrayList<>();
            uses.forEach((slot, use) -> {
                if (slot.quorum().getFirst() == mesh.membership().self()) {
                    slots.add(Map.entry(slot, use));
                }
            });
            return slots;
        }
    }

    /// Makes one when the slot is low. True when one was made.
    private boolean fillOne(Slot slot, Use use) {
        List<Integer> linked = mesh.linked();
        boolean ready = slot.quorum().stream()
                .filter(p -> p != mesh.membership().self())
                .allMatch(p -> linked.contains(p) && pairs.isReady(p));
        if (!ready || !isDue(slot) || store.countAvailable() >= MAX_IN_ALL) {
            return false;
        }
        Optional<KeyRecord> key = enabledKey(use.register(), slot.quorum());
        if (key.isEmpty()) {
            return false;
        }
        byte[] invitation = PresignInvitation.newBuilder()
                .setRegister(use.register().text())
                .build()
                .toByteArray();
        try (HostedSession hosted =
                mesh.sessions().open(EcdsaPresign.PROTOCOL, slot.quorum(), invitation, MAKING_TIME)) {
            return run(hosted, key.get(), slot);
        } catch (Silent e) {
            log.atInfo().addKeyValue("reason", e.getMessage()).log("presignature not made");
            pause();
            return false;
        } catch (RuntimeException e) {
            log.atWarn().setCause(e).log("presignature not made");
            pause();
            return false;
        }
    }

    /// Whether one is to be made now. What counts is the party of the quorum that has the fewest, since no other may
    /// use its own.
    private boolean isDue(Slot slot) {
        long[] free = store.countByPlace(slot);
        long usable = free.length * Arrays.stream(free).min().orElse(0);
        if (usable >= target) {
            low.remove(slot);
        } else if (usable <= target / 2) {
            low.add(slot);
        }
        boolean burst = System.nanoTime() - lastUseNanos < BURST_PAUSE.toNanos();
        return low.contains(slot) && (!burst || usable <= target / 4);
    }

    private void join(Invitation invitation, HostedSession hosted) throws Declined, Silent {
        RegisterName register;
        try {
            register = new RegisterName(
                    PresignInvitation.parseFrom(invitation.body()).getRegister());
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new Declined("malformed", "the invitation is malformed");
        }
        if (invitation.opener() != invitation.parties().getFirst()) {
            throw new Declined("malformed", "the lowest party of a quorum makes its stock");
        }
        KeyRecord key = enabledKey(register, invitation.parties())
                .orElseThrow(() -> new Declined("denied", "no such key is enabled for this quorum"));
        Slot slot = slot(key, invitation.parties());
        if (store.countAvailable(slot) > 4L * target || store.countAvailable() >= MAX_IN_ALL) {
            store.prune(slot, 4 * Math.max(1, target), SPENT_KEPT);
            throw new Declined("full", "the stock is full");
        }
        run(hosted, key, slot);
    }

    private boolean run(HostedSession hosted, KeyRecord key, Slot slot) throws Silent {
        KeyShares.Lease lease = shares.lease(key).orElse(null);
        if (lease == null) {
            hosted.abandon("no_share", "this party has no share of the key");
            return false;
        }
        try (lease) {
            MessageWriter terms = new MessageWriter(256);
            lease.share().terms().write(terms);
            terms.point(lease.share().publicKey());
            SetUp setUp = new SetUp(EcdsaPresign.PROTOCOL, hosted.idBytes(), hosted.parties(), terms.toByteArray());
            Session session = Session.fresh(setUp, hosted.self(), hosted, environment);
            try (Presignature made = EcdsaPresign.run(session, lease.share(), pairs, pairs);
                    SecretScope scope = new SecretScope()) {
                store.put(made.id(), slot, made.encode(scope).segment(Disclosure.I_TAKE_THE_SECRET_OUT));
            }
            return true;
        } catch (Cheated e) {
            audit.cheated(EcdsaPresign.PROTOCOL, hosted.id(), e.step(), e.culprits(), String.valueOf(e.getMessage()));
            hosted.abandon("cheated", "a check failed");
            pause();
            return false;
        } catch (PairQuarantined e) {
            hosted.abandon("quarantine", "a pair is out of use");
            pause();
            return false;
        }
    }

    /// Forgets traces of what was spent long ago.
    void prune() {
        synchronized (uses) {
            uses.keySet().forEach(slot -> store.prune(slot, 4 * Math.max(1, target), SPENT_KEPT));
        }
    }

    private Optional<KeyRecord> enabledKey(RegisterName register, List<Integer> quorum) {
        if (!register.isKey()) {
            return Optional.empty();
        }
        RegisterValue value = directory.read(view -> view.read(register));
        if (value == null || !value.live()) {
            return Optional.empty();
        }
        KeyRecord key = KeyRecord.decode(register, value.json());
        boolean fits = key.state() == KeyState.ENABLED
                && key.usesPresignatures()
                && quorum.size() == key.reconstructionThreshold()
                && quorum.getLast() <= key.parties();
        return fits ? Optional.of(key) : Optional.empty();
    }

    private static void pause() {
        try {
            Thread.sleep(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Slot slot(KeyRecord key, List<Integer> quorum) {
        return new Slot(key.keyId(), KeyShares.epochOf(key), quorum);
    }
}

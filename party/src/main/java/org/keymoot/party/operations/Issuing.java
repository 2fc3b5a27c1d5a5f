package org.keymoot.party.operations;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Decision;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.iam.AccessKeyRecord;
import org.keymoot.api.party.v1.StoreSecret;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.party.directory.ReplicatedDirectory;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.mesh.PeerRefused;
import org.keymoot.party.mesh.PeerUnavailable;
import org.keymoot.party.store.SecretStore;

/// Draws secrets that clients' requests ask for and sees that the parties hold them.
///
/// It keeps true: a party stores a secret only for a request of which it decided itself that it asks for one, and the
/// register that makes the secret count is proposed only when a commit quorum holds it.
final class Issuing {
    private static final String METHOD = "secret/store";
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final int RANDOM_BYTES = 30;
    /// So many characters of Base64, as AWS's secret access keys have.
    private static final int CHARACTERS = 40;
    private static final int MOST_AT_A_TIME = 1000;
    /// A secret seals the sessions of one month, and no session lasts longer than two days.
    private static final Duration SESSIONS_SECRET_KEPT = Duration.ofDays(40);

    private final Mesh mesh;
    private final Judge judge;
    private final ReplicatedDirectory directory;
    private final SecretStore secrets;
    private final SecretFetching fetching;
    private final RandomSource random;
    private final AuditTrail audit;

    Issuing(
            Mesh mesh,
            Judge judge,
            ReplicatedDirectory directory,
            SecretStore secrets,
            SecretFetching fetching,
            RandomSource random,
            AuditTrail audit) {
        this.mesh = mesh;
        this.judge = judge;
        this.directory = directory;
        this.secrets = secrets;
        this.fetching = fetching;
        this.random = random;
        this.audit = audit;
    }

    /// A secret that a commit quorum holds, by its commitment.
    record Issued(String commitment, List<Integer> holders) {}

    void start() {
        mesh.calls().serve(METHOD, this::store);
    }

    /// Draws a secret and gives it to the peers.
    Issued lead(SignedRequest request, Judge.Judgement judgement, Decision.IssueSecret issue, Instant decidedAt)
            throws Unavailable {
        byte[] secret = draw();
        byte[] message;
        String commitment;
        try {
            commitment = AccessKeyRecord.commitment(issue.register(), secret);
            message = StoreSecret.newBuilder()
                    .setRequest(ClientRequests.toWire(request))
                    .addAllReliedOn(judgement.reliedOn())
                    .setDecidedAtMillis(decidedAt.toEpochMilli())
                    .setSecret(ByteString.copyFrom(secret))
                    .build()
                    .toByteArray();
            secrets.put(issue.register(), commitment, secret);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
        List<Integer> holders = new ArrayList<>(List.of(mesh.membership().self()));
        List<String> problems = new ArrayList<>();
        try {
            for (int peer : mesh.linked()) {
                try {
                    mesh.calls().call(peer, METHOD, message, PATIENCE);
                    holders.add(peer);
                } catch (PeerUnavailable | PeerRefused e) {
                    problems.add("party %d: %s".formatted(peer, e.getMessage()));
                }
            }
        } finally {
            Arrays.fill(message, (byte) 0);
        }
        if (holders.size() < directory.commitQuorum()) {
            throw new Unavailable(
                    "a new secret must be held by %d parties, and only %d could take it %s"
                            .formatted(directory.commitQuorum(), holders.size(), problems),
                    false);
        }
        holders.sort(null);
        return new Issued(commitment, holders);
    }

    private byte[] draw() {
        try (SecretBytes drawn = SecretBytes.random(RANDOM_BYTES, random)) {
            byte[] raw = drawn.segment(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE);
            try {
                return Base64.getEncoder().encode(raw);
            } finally {
                Arrays.fill(raw, (byte) 0);
            }
        }
    }

    /// The answer that shows the secret of a commitment.
    String shown(RegisterName register, String commitment, Function<String, String> answer) throws Unavailable {
        byte[] secret = secrets.open(register, commitment);
        if (secret == null && fetching.fetch(register, commitment)) {
            secret = secrets.open(register, commitment);
        }
        if (secret == null) {
            throw new Unavailable("no party that can be reached holds the secret", false);
        }
        try {
            return answer.apply(new String(secret, StandardCharsets.US_ASCII));
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private byte[] store(int fromParty, byte[] body) throws PeerRefused {
        StoreSecret message;
        try {
            message = StoreSecret.parseFrom(body);
        } catch (InvalidProtocolBufferException e) {
            throw new PeerRefused("malformed", "the message is malformed");
        }
        if (!ClientRequests.isWithinLimits(message.getRequest())
                || message.getSecret().size() != CHARACTERS) {
            throw new PeerRefused("malformed", "the request or the secret is beyond its limits");
        }
        Instant decidedAt = Instant.ofEpochMilli(message.getDecidedAtMillis());
        if (!judge.isNear(decidedAt)) {
            throw new PeerRefused("clock", "the clocks differ by more than " + Judge.CLOCK_TOLERANCE);
        }
        judge.catchUp(fromParty, message.getReliedOnList());
        Decision decision = judge.decide(ClientRequests.fromWire(message.getRequest()), decidedAt)
                .decision();
        if (!(decision instanceof Decision.IssueSecret issue) || issue.present() != null) {
            String reason = decision instanceof Decision.Refused refused
                    ? refused.error().type()
                    : "the request asks for no new secret here";
            audit.declines(decision.context(), METHOD, "", fromParty, reason);
            throw new PeerRefused("denied", reason);
        }
        byte[] secret = message.getSecret().toByteArray();
        String commitment = AccessKeyRecord.commitment(issue.register(), secret);
        audit.joins(issue.context(), METHOD, "", fromParty, List.of());
        secrets.put(issue.register(), commitment, secret);
        return new byte[0];
    }

    /// Removes the secrets of a register that do not count.
    void settle(RegisterName register) {
        secrets.keepOnly(register, committed(register));
    }

    private @Nullable String committed(RegisterName register) {
        RegisterValue value = directory.read(view -> view.read(register));
        return value == null || !value.live() ? null : AccessKeyRecord.commitmentIn(value.json());
    }

    /// Removes secrets that no register came to count, and those whose register is gone.
    void tidy(Instant now) {
        for (SecretStore.Row row : secrets.storedBefore(now.minus(RegisterCheck.ABANDONED_AFTER), MOST_AT_A_TIME)) {
            if (!row.commitment().equals(committed(row.register()))) {
                settle(row.register());
            }
        }
        for (SecretStore.Row row : secrets.storedBefore(now.minus(SESSIONS_SECRET_KEPT), MOST_AT_A_TIME)) {
            if (row.register().kind() == RegisterName.Kind.SESSIONKEY) {
                secrets.keepOnly(row.register(), null);
            }
        }
    }
}

package org.keymoot.party.operations;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Decision;
import org.keymoot.access.KeyOrigin;
import org.keymoot.access.KeyRecord;
import org.keymoot.access.Kms;
import org.keymoot.access.Material;
import org.keymoot.access.NewImport;
import org.keymoot.access.NewMaterial;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RegisterWrite;
import org.keymoot.access.RequestContext;
import org.keymoot.access.iam.AccessKeyRecord;
import org.keymoot.access.sigv4.SignatureVerifier;
import org.keymoot.api.directory.v1.Command;
import org.keymoot.api.directory.v1.Entry;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.party.directory.ReplicatedDirectory;
import org.keymoot.party.directory.TransitionCheck;
import org.keymoot.party.store.SecretStore;

/// This party's judgement of what others propose for a register.
///
/// It keeps true: a register takes only the very value that this party computes from the client's signed request, or
/// from the register itself; and a key comes to be only with a public key that this party durably holds a
/// share of, and every other party as well by its own word.
final class RegisterCheck implements TransitionCheck {
    /// How far the time in an entry may be from this party's clock when it is first proposed.
    static final Duration FRESH = Duration.ofMinutes(5);

    /// No request that made a share is still fresh anywhere after this time.
    static final Duration ABANDONED_AFTER = SignatureVerifier.REPLAYABLE;

    /// What the register of a key holds whose making never came to its end.
    static final String ABANDONED_KEY = "{\"abandoned\":true,\"deleted\":true}";

    private static final Pattern ID_OF_ONE_REGION = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private final Supplier<ReplicatedDirectory> directory;
    private final Supplier<Judge> judge;
    private final KeyShares shares;
    private final SecretStore secrets;
    private final InstantSource clock;
    private final AuditTrail audit;

    RegisterCheck(
            Supplier<ReplicatedDirectory> directory,
            Supplier<Judge> judge,
            KeyShares shares,
            SecretStore secrets,
            InstantSource clock,
            AuditTrail audit) {
        this.directory = directory;
        this.judge = judge;
        this.shares = shares;
        this.secrets = secrets;
        this.clock = clock;
        this.audit = audit;
    }

    @Override
    public void check(Entry entry, Freshness freshness) throws Refused {
        judge(entry, freshness);
    }

    @Override
    public void checkForTheRecord(Entry entry, Freshness freshness, int proposer) throws Refused {
        RequestContext context = judge(entry, freshness);
        if (context != null) {
            audit.accepts(context, entry.getName(), entry.getVersion(), proposer);
        }
    }

    /// @return what a client's request asks for, null when the entry has another reason
    private @Nullable RequestContext judge(Entry entry, Freshness freshness) throws Refused {
        Instant at = Instant.ofEpochMilli(entry.getCommand().getAtMillis());
        if (freshness == Freshness.REQUIRED
                && Duration.between(at, clock.instant()).abs().compareTo(FRESH) > 0) {
            throw new Refused("its time %s is more than %s from this party's clock".formatted(at, FRESH));
        }
        RegisterName name;
        try {
            name = new RegisterName(entry.getName());
        } catch (IllegalArgumentException e) {
            throw new Refused("there is no register of this name");
        }
        Command command = entry.getCommand();
        switch (command.getReasonCase()) {
            case CLIENT -> {
                return checkClient(entry, name, command.getClient(), at);
            }
            case DELETION_DUE -> require(entry, directory.get().read(view -> Kms.deletion(view, name, at)));
            case ABANDONED -> checkAbandoned(entry, name);
            case MATERIAL_EXPIRED -> require(entry, directory.get().read(view -> Kms.expiry(view, name, at)));
            case ROTATION_DUE -> {
                NewMaterial due = directory.get().read(view -> Kms.rotation(view, name, at));
                if (due == null) {
                    throw new Refused("no rotation is due");
                }
                checkMaterial(entry, name, due);
            }
            case REASON_NOT_SET -> throw new Refused("it has no reason");
        }
        return null;
    }

    private RequestContext checkClient(Entry entry, RegisterName name, ClientRequest client, Instant at)
            throws Refused {
        if (!ClientRequests.isWithinLimits(client)) {
            throw new Refused("the request is beyond its limits");
        }
        Decision decision =
                judge.get().decide(ClientRequests.fromWire(client), at).decision();
        if (decision instanceof Decision.Change change) {
            require(entry, only(change.writes(), name));
        } else if (decision instanceof Decision.Reserve reserve) {
            require(entry, reserve.write());
        } else if (decision instanceof Decision.MakeKey make) {
            checkKey(entry, name, make);
        } else if (decision instanceof Decision.MakeMaterial make) {
            checkMaterial(entry, name, make.material());
        } else if (decision instanceof Decision.ImportMaterial brought) {
            checkImport(entry, name, brought.material());
        } else if (decision instanceof Decision.IssueSecret issue) {
            checkSecret(entry, name, issue);
        } else if (decision instanceof Decision.Refused refused) {
            throw new Refused("the request is refused: " + refused.error().type());
        } else {
            throw new Refused("the request changes nothing");
        }
        return decision.context();
    }

    /// The write of material that the parties made together, given the record that it would give the key.
    private interface Writing {
        /// @throws RuntimeException when the material is none that the key may have
        RegisterWrite of(KeyRecord proposed, Material material);
    }

    /// Material comes to be only where all parties have said that they hold a share of it.
    ///
    /// @param epoch of the sharing; null for the current material
    private void checkMade(Entry entry, RegisterName name, @Nullable Long epoch, Writing writing) throws Refused {
        KeyRecord proposed;
        Material material;
        try {
            proposed = KeyRecord.decode(name, entry.getValue().toString(StandardCharsets.UTF_8));
            material = epoch == null
                    ? Objects.requireNonNull(proposed.currentMaterial())
                    : proposed.materials().stream()
                            .filter(one -> KeyShares.epochOf(one) == epoch)
                            .findFirst()
                            .orElseThrow();
            require(entry, writing.of(proposed, material));
        } catch (RuntimeException e) {
            throw new Refused("the value is no key with material that was made now");
        }
        if (!shares.holdsConfirmed(proposed, material)) {
            throw new Refused("this party holds no share of that material that all have confirmed");
        }
    }

    private void checkKey(Entry entry, RegisterName name, Decision.MakeKey make) throws Refused {
        checkMade(entry, name, null, (proposed, material) -> make.write(proposed.publicSide()));
    }

    private void checkMaterial(Entry entry, RegisterName name, NewMaterial made) throws Refused {
        checkMade(entry, name, null, (proposed, material) -> made.write(proposed.publicSide()));
    }

    private void checkImport(Entry entry, RegisterName name, NewImport brought) throws Refused {
        checkMade(
                entry,
                name,
                brought.epoch(),
                (proposed, material) -> brought.write(
                        material.point(proposed.spec().group()),
                        Objects.requireNonNull(material.imported()).sharing()));
    }

    private void checkSecret(Entry entry, RegisterName name, Decision.IssueSecret issue) throws Refused {
        String commitment;
        try {
            commitment = AccessKeyRecord.commitmentIn(entry.getValue().toString(StandardCharsets.UTF_8));
        } catch (RuntimeException e) {
            throw new Refused("the value commits to no secret");
        }
        if (commitment == null || issue.present() != null) {
            throw new Refused("the request issues no such secret");
        }
        require(entry, issue.write().apply(commitment));
        if (!secrets.holds(name, commitment)) {
            throw new Refused("this party was not given the secret");
        }
    }

    /// A making or an import that never came to its end leaves pending shares at some parties. Once the register
    /// that they wait for has a version that makes nothing of them, they can be erased.
    private void checkAbandoned(Entry entry, RegisterName name) throws Refused {
        if (!name.isKey()) {
            throw new Refused("only keys and imports of material are given up");
        }
        Duration age = shares.pendingAge(name, entry.getVersion());
        if (age != null && age.compareTo(ABANDONED_AFTER) < 0) {
            throw new Refused("the key or its material may still come to be");
        }
        if (entry.getVersion() == 1) {
            checkAbandonedKey(entry, name, age != null);
        } else if (age == null) {
            throw new Refused("this party knows of no import that did not come to its end");
        } else {
            require(entry, directory.get().read(view -> abandonedImport(view.read(name), name)));
        }
    }

    /// A party that left a making early has no share of it and cannot tell whether there ever was one. It
    /// believes that of names which nothing else can take: the ids of multi-Region keys wait for their replicas
    /// in other Regions.
    private void checkAbandonedKey(Entry entry, RegisterName name, boolean waits) throws Refused {
        if (shares.isTaken(name) || directory.get().read(view -> Kms.livesElsewhere(view, name))) {
            throw new Refused("this party knows a key with that id");
        }
        if (!waits && !ID_OF_ONE_REGION.matcher(name.last()).matches()) {
            throw new Refused("this party knows of no key of that name that was being made");
        }
        require(entry, new RegisterWrite(name, 0, ABANDONED_KEY));
    }

    /// The write that ends an import: the same content again. Null for a register that can have none.
    static @Nullable RegisterWrite abandonedImport(@Nullable RegisterValue value, RegisterName name) {
        return value == null
                        || !value.live()
                        || KeyRecord.decode(name, value.json()).origin() != KeyOrigin.EXTERNAL
                ? null
                : new RegisterWrite(name, value.version(), value.json());
    }

    private static @Nullable RegisterWrite only(List<RegisterWrite> writes, RegisterName name) {
        return writes.stream()
                .filter(write -> write.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static void require(Entry entry, @Nullable RegisterWrite write) throws Refused {
        if (write == null
                || !write.name().text().equals(entry.getName())
                || write.version() != entry.getVersion()
                || !write.json().equals(entry.getValue().toString(StandardCharsets.UTF_8))) {
            throw new Refused("this party computes another value, or none, from the same reason");
        }
    }

    static boolean isAbandoned(RegisterValue value) {
        return value.json().equals(ABANDONED_KEY);
    }
}

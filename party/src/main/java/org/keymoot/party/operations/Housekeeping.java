package org.keymoot.party.operations;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.keymoot.access.KeyOrigin;
import org.keymoot.access.KeyRecord;
import org.keymoot.access.Kms;
import org.keymoot.access.Material;
import org.keymoot.access.NewMaterial;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RegisterWrite;
import org.keymoot.api.directory.v1.Abandoned;
import org.keymoot.api.directory.v1.Command;
import org.keymoot.api.directory.v1.DeletionDue;
import org.keymoot.api.directory.v1.Entry;
import org.keymoot.api.directory.v1.MaterialExpired;
import org.keymoot.api.directory.v1.RotationDue;
import org.keymoot.party.directory.ReplicatedDirectory;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.store.ImportKeyStore;
import org.keymoot.party.store.ShareStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What follows from the registers without a client: shares come into use, are erased when their key is gone, and are
/// cleaned up when their key never came to be; and this party follows its peers.
///
/// It keeps true: a pending share is removed only once the directory has settled that the key will never exist, and a
/// share in use is erased only once the directory has the key's deletion, from all Regions that the
/// key is in.
final class Housekeeping {
    static final Duration FOLLOW_EVERY = Duration.ofSeconds(15);
    /// How often a party that recovers asks those that it has not heard.
    private static final Duration RECOVER_EVERY = Duration.ofSeconds(1);
    private static final Duration TIDY_EVERY = Duration.ofMinutes(1);
    private static final int MAX_ORPHANS_AT_A_TIME = 100;
    private static final int MAX_IMPORTS_SWEPT = 100_000;
    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

    private final Mesh mesh;
    private final ReplicatedDirectory directory;
    private final ShareStore shareStore;
    private final KeyShares shares;
    private final KeyMaking keyMaking;
    private final Erasing erasing;
    private final Stock stock;
    private final Issuing issuing;
    private final KeyUses uses;
    private final Judge judge;
    private final ImportKeyStore importKeys;
    private volatile boolean sweptImports;
    private int pendingSeen;

    Housekeeping(
            Mesh mesh,
            ReplicatedDirectory directory,
            ShareStore shareStore,
            KeyShares shares,
            KeyMaking keyMaking,
            Erasing erasing,
            Stock stock,
            Issuing issuing,
            KeyUses uses,
            Judge judge,
            ImportKeyStore importKeys) {
        this.mesh = mesh;
        this.directory = directory;
        this.shareStore = shareStore;
        this.shares = shares;
        this.keyMaking = keyMaking;
        this.erasing = erasing;
        this.stock = stock;
        this.issuing = issuing;
        this.uses = uses;
        this.judge = judge;
        this.importKeys = importKeys;
    }

    void start() {
        directory.onCommit(this::committed);
        mesh.onLink(this::linked);
    }

    private void linked(int peer) {
        directory.recovery().hear(peer);
        directory.follow(peer);
    }

    /// Runs until the thread is interrupted.
    void run() {
        Instant tidied = Instant.MIN;
        long followed = System.nanoTime();
        try {
            while (true) {
                Thread.sleep(RECOVER_EVERY);
                try {
                    if (directory.recovery().isUnderWay()) {
                        mesh.linked().forEach(directory.recovery()::hear);
                    }
                    if (System.nanoTime() - followed < FOLLOW_EVERY.toNanos()) {
                        continue;
                    }
                    followed = System.nanoTime();
                    mesh.linked().forEach(directory::follow);
                    if (tidied.plus(TIDY_EVERY).isBefore(judge.now())) {
                        tidied = judge.now();
                        tidy();
                    }
                } catch (RuntimeException e) {
                    log.atWarn().setCause(e).log("housekeeping failed");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Settles what a crash or a commit in this party's absence left open, and does what is due by
    /// now. What fails stops nothing else.
    void tidy() throws InterruptedException {
        if (directory.recovery().isUnderWay()) {
            return;
        }
        Instant now = Instant.ofEpochMilli(judge.now().toEpochMilli());
        for (ShareStore.Row row : somePending()) {
            attempt(row.keyId(), () -> settlePending(row, now));
        }
        attempt("imports", this::sweepImports);
        attempt("what is due", () -> doWhatIsDue(now));
        attempt("shares of deleted keys", this::eraseDeleted);
        attempt("wrapping keys", () -> importKeys.removeOver(now));
        attempt("issued secrets", () -> issuing.tidy(now));
        attempt("stock", stock::prune);
        attempt("uses of keys", uses::write);
    }

    private interface Item {
        void run() throws InterruptedException;
    }

    private static boolean attempt(String what, Item item) throws InterruptedException {
        try {
            item.run();
            return true;
        } catch (RuntimeException e) {
            log.atWarn().addKeyValue("what", what).setCause(e).log("housekeeping failed");
            return false;
        }
    }

    private void settlePending(ShareStore.Row row, Instant now) throws InterruptedException {
        RegisterName register = new RegisterName(row.register());
        RegisterValue value = directory.read(view -> view.read(register));
        if (value != null) {
            apply(register, value);
            endImport(row, register, value, now);
        } else if (isAbandoned(register, 1)) {
            commit(
                    new RegisterWrite(register, 0, RegisterCheck.ABANDONED_KEY),
                    Command.newBuilder().setAbandoned(Abandoned.getDefaultInstance()),
                    now,
                    "the making of a key is given up");
        }
    }

    /// Goes through all keys, a page and a reading at a time, so that no reading lasts.
    private void doWhatIsDue(Instant now) throws InterruptedException {
        boolean rotates = rotatesHere();
        String after = "";
        while (after != null) {
            String from = after;
            Kms.Due due = directory.read(view -> Kms.due(view, from, now));
            for (RegisterName key : due.deletion()) {
                attempt(key.text(), () -> delete(key, now));
            }
            for (RegisterName key : due.expiry()) {
                attempt(key.text(), () -> expire(key, now));
            }
            for (RegisterName key : due.rotation()) {
                rotates = rotates && rotate(key, now);
            }
            after = due.last();
        }
    }

    /// Shares go at the commit and not before: by another party's clock the deletion may still be
    /// cancelled.
    private void delete(RegisterName key, Instant now) throws InterruptedException {
        RegisterWrite deletion = directory.read(view -> Kms.deletion(view, key, now));
        if (deletion != null) {
            commit(
                    deletion,
                    Command.newBuilder().setDeletionDue(DeletionDue.getDefaultInstance()),
                    now,
                    "a key's waiting period is over");
        }
    }

    private void commit(RegisterWrite write, Command.Builder reason, Instant now, String why)
            throws InterruptedException {
        ReplicatedDirectory.Commit outcome =
                directory.commit(write, reason.setAtMillis(now.toEpochMilli()).build());
        log.atInfo()
                .addKeyValue("key", write.name().last())
                .addKeyValue("outcome", outcome)
                .log(why);
    }

    /// Erases the shares of keys that are gone, as a crash after the commit leaves them. Those of
    /// multi-Region keys go here alone: a party that was away, or is told of one Region only, may know
    /// of a Region's end before it knows of the Regions that came after.
    private void eraseDeleted() throws InterruptedException {
        List<ShareStore.Row> rows = shareStore.ofDeletedKeys(MAX_ORPHANS_AT_A_TIME);
        boolean ofSeveral = rows.stream().anyMatch(row -> Kms.mayLiveElsewhere(new RegisterName(row.register())));
        boolean followed = ofSeveral && followsACommitQuorumsPart();
        for (ShareStore.Row row : rows) {
            RegisterName register = new RegisterName(row.register());
            if (!Kms.mayLiveElsewhere(register)) {
                attempt(row.keyId(), () -> applyNow(register));
            } else if (followed && !directory.read(view -> Kms.livesElsewhere(view, register))) {
                attempt(row.keyId(), () -> gone(register));
            }
        }
    }

    /// Takes over what other parties have committed; true when every commit is known to one of them.
    private boolean followsACommitQuorumsPart() {
        long followed = mesh.linked().stream().filter(directory::followNow).count();
        return followed >= mesh.membership().parties() - directory.commitQuorum() + 1;
    }

    private void gone(RegisterName register) {
        erasing.ofDeleted(register.last());
        importKeys.removeAll(register);
    }

    /// Ends an import that did not come to its end, so that no share of it is kept.
    private void endImport(ShareStore.Row row, RegisterName register, RegisterValue value, Instant now)
            throws InterruptedException {
        if (row.epoch() == KeyShares.FIRST_EPOCH || row.epoch() != value.version() + 1) {
            return;
        }
        RegisterWrite end = RegisterCheck.abandonedImport(value, register);
        if (end != null && isAbandoned(register, row.epoch())) {
            commit(
                    end,
                    Command.newBuilder().setAbandoned(Abandoned.getDefaultInstance()),
                    now,
                    "an import is given up");
        }
    }

    /// Erases at once what a crash, or a record that could not be written, kept from being erased
    /// before.
    private void sweepImports() throws InterruptedException {
        if (sweptImports) {
            return;
        }
        sweptImports = true;
        for (ShareStore.Row row : shareStore.ofImports(MAX_IMPORTS_SWEPT)) {
            if (!attempt(row.keyId(), () -> applyNow(new RegisterName(row.register())))) {
                sweptImports = false;
            }
        }
    }

    /// Takes expired material from a key.
    private void expire(RegisterName key, Instant now) throws InterruptedException {
        RegisterWrite expiry = directory.read(view -> Kms.expiry(view, key, now));
        if (expiry != null) {
            commit(
                    expiry,
                    Command.newBuilder().setMaterialExpired(MaterialExpired.getDefaultInstance()),
                    now,
                    "imported material expired");
        }
    }

    /// The party of lowest index that is up rotates, for it takes all of them anyway.
    private boolean rotatesHere() {
        return mesh.linked().stream().allMatch(peer -> peer > mesh.membership().self());
    }

    /// Makes what a schedule asks for; false when the parties are not there for it, so that others
    /// need not be tried.
    private boolean rotate(RegisterName register, Instant now) throws InterruptedException {
        try {
            NewMaterial material = judge.rotation(register, now);
            if (material == null) {
                return true;
            }
            KeyMaking.Made made = keyMaking.lead(material);
            commit(
                    material.write(made.publicSide()),
                    Command.newBuilder().setRotationDue(RotationDue.getDefaultInstance()),
                    now,
                    "key rotated by its schedule");
            return true;
        } catch (Unavailable e) {
            log.atInfo()
                    .addKeyValue("key", register.last())
                    .addKeyValue("reason", e.getMessage())
                    .log("rotation not made");
            return false;
        } catch (RuntimeException e) {
            log.atWarn().addKeyValue("key", register.last()).setCause(e).log("rotation failed");
            return true;
        }
    }

    /// The commit stands whatever becomes of this; what fails is done when this party tidies.
    private void committed(Entry entry) {
        try {
            apply(
                    new RegisterName(entry.getName()),
                    new RegisterValue(entry.getVersion(), entry.getValue().toString(StandardCharsets.UTF_8)));
        } catch (RuntimeException e) {
            sweptImports = false;
            log.atWarn()
                    .addKeyValue("register", entry.getName())
                    .setCause(e)
                    .log("what follows from a commit is left for later");
        }
    }

    private void applyNow(RegisterName register) {
        RegisterValue value = directory.read(view -> view.read(register));
        if (value != null) {
            apply(register, value);
        }
    }

    private void apply(RegisterName register, RegisterValue value) {
        if (register.kind() == RegisterName.Kind.ACCESSKEY && !value.live()) {
            issuing.settle(register);
        }
        if (!register.isKey()) {
            return;
        }
        if (RegisterCheck.isAbandoned(value)) {
            erasing.ofAbandoned(register);
        } else if (!value.live()) {
            if (!Kms.mayLiveElsewhere(register)) {
                gone(register);
            }
        } else {
            KeyRecord key = KeyRecord.decode(register, value.json());
            shares.settle(key, value.version());
            erasing.ofSuperseded(key, value.version());
            if (key.origin() == KeyOrigin.EXTERNAL && !key.materials().stream().allMatch(Material::present)) {
                importKeys.removeUsed(register);
            }
        }
    }

    /// Other ones each time when there are many, since some may have to wait for parties that are away.
    private List<ShareStore.Row> somePending() {
        List<ShareStore.Row> rows = shareStore.pending(pendingSeen, MAX_ORPHANS_AT_A_TIME);
        pendingSeen = rows.size() < MAX_ORPHANS_AT_A_TIME ? 0 : pendingSeen + rows.size();
        return rows;
    }

    private boolean isAbandoned(RegisterName register, long version) {
        Duration age = shares.pendingAge(register, version);
        return age != null && age.compareTo(RegisterCheck.ABANDONED_AFTER) > 0;
    }
}

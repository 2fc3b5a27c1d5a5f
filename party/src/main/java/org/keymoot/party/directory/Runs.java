package org.keymoot.party.directory;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;
import org.keymoot.platform.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The runs of this party that its store descends from, and whether the store has forgotten any.
///
/// A store forgets when its database is put back from a copy, or is lost and made anew. The name of the newest
/// run stands in the database and in a file beside it that no backup holds, so that the two disagree in either
/// case. A copy that was put back with that file is noticed when this party is shown a receipt of its own that
/// it does not know.
///
/// It keeps true: a store that has forgotten stays *recovering*, across restarts, until every other party was heard, or
/// an operator has given up on those that were not.
public final class Runs {
    private static final Logger LOG = LoggerFactory.getLogger(Runs.class);
    private static final String RECOVERING = "recovering";
    private static final String NEW = "its store is new";
    private static final String RESTORED = "its store was put back from a copy";

    private final Store store;
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable String recovering;

    public Runs(Store store) {
        this.store = store;
        this.recovering = store.read(Runs::recovering);
    }

    /// Begins a run, before anything else uses the store.
    ///
    /// @param made whether the database was made just now
    /// @param marker the run that the file beside the database names; null when there is no file
    public static void begin(Store store, String run, boolean made, @Nullable String marker) {
        store.write(sql -> {
            // A database from before runs were remembered has a file beside it, whose word is taken.
            if (!made
                    && marker != null
                    && sql.fetch("select id from own_run limit 1").isEmpty()) {
                remember(sql, marker);
            }
            boolean forgot = made || marker == null || !knows(sql, marker);
            remember(sql, run);
            if (forgot) {
                begin(sql, made ? NEW : RESTORED);
            }
            return true;
        });
    }

    /// Why this party recovers; null when it does not.
    public @Nullable String recovering() {
        return recovering;
    }

    /// Calls `listener` with the reason when a recovery begins while the party runs, and with nothing when one ends.
    public void onRecovery(Consumer<String> listener) {
        listeners.add(listener);
    }

    /// Begins a recovery, unless one is under way, since it has turned out that the store has forgotten something.
    synchronized void forgot(String why) {
        if (recovering != null) {
            return;
        }
        store.write(sql -> {
            begin(sql, why);
            return true;
        });
        recovering = why;
        LOG.atError().addKeyValue("reason", why).log("the store has forgotten");
        listeners.forEach(listener -> listener.accept(why));
    }

    /// The parties that were heard since the recovery began.
    Set<Integer> heard() {
        return store.read(Runs::heard);
    }

    /// Notes that a party was heard, or is given up; the recovery ends with the last of `others`.
    public synchronized void heard(int party, List<Integer> others) {
        if (recovering == null) {
            return;
        }
        boolean over = store.write(sql -> {
            sql.execute("insert into heard_party (party) values (?) on conflict (party) do nothing", party);
            if (!heard(sql).containsAll(others)) {
                return false;
            }
            sql.execute("delete from heard_party");
            sql.execute("delete from fact where name = ?", RECOVERING);
            return true;
        });
        if (over) {
            recovering = null;
            notifyAll();
            LOG.atInfo().log("recovery ended");
            listeners.forEach(listener -> listener.accept(""));
        }
    }

    /// Waits until the recovery is over, or the time is.
    synchronized void awaitEnd(long deadlineNanos) throws InterruptedException {
        while (recovering != null) {
            long left = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return;
            }
            wait(left);
        }
    }

    private static Set<Integer> heard(DSLContext sql) {
        return Set.copyOf(sql.fetch("select party from heard_party").map(row -> row.get(0, Integer.class)));
    }

    private static void begin(DSLContext sql, String why) {
        sql.execute("delete from heard_party");
        sql.execute(
                "insert into fact (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
                RECOVERING,
                why);
    }

    private static void remember(DSLContext sql, String run) {
        sql.execute("insert into own_run (id) values (?) on conflict (id) do nothing", run);
    }

    private static boolean knows(DSLContext sql, String run) {
        return !sql.fetch("select id from own_run where id = ?", run).isEmpty();
    }

    private static @Nullable String recovering(DSLContext sql) {
        return sql.fetchOptional("select value from fact where name = ?", RECOVERING)
                .map(row -> row.get(0, String.class))
                .orElse(null);
    }
}

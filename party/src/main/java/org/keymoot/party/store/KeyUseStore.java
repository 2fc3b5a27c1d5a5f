package org.keymoot.party.store;

import java.time.Instant;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.LastUse;
import org.keymoot.access.RegisterName;
import org.keymoot.platform.store.Store;

/// When this party last led a use of each key.
public final class KeyUseStore {
    private final Store store;

    KeyUseStore(Store store) {
        this.store = store;
    }

    public void put(Map<RegisterName, LastUse> uses) {
        store.write(sql -> {
            uses.forEach((key, use) -> sql.execute(
                    """
                    insert into key_use (register, operation, at_millis, event, request_id) values (?, ?, ?, ?, ?)
                    on conflict (register) do update set operation = excluded.operation, at_millis = excluded.at_millis,
                        event = excluded.event, request_id = excluded.request_id""", key.text(), use.operation(), use.at().toEpochMilli(), use.event(), use.requestId()));
            return uses.size();
        });
    }

    /// Null when this party knows of none.
    public @Nullable LastUse last(RegisterName key) {
        Record row = store.read(sql -> sql.fetchOne(
                "select operation, cast(at_millis as text), event, request_id from key_use where register = ?",
                key.text()));
        return row == null
                ? null
                : new LastUse(
                        row.get(0, String.class),
                        Instant.ofEpochMilli(Long.parseLong(row.get(1, String.class))),
                        row.get(2, String.class),
                        row.get(3, String.class));
    }
}

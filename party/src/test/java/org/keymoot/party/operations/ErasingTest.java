package org.keymoot.party.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.RegisterName;
import org.keymoot.party.store.NodeStore;
import org.keymoot.party.store.Owner;
import org.keymoot.party.store.ShareStore;
import org.keymoot.platform.audit.AuditLog;
import org.keymoot.platform.audit.AuditOptions;
import org.keymoot.platform.disk.FailStop;
import org.keymoot.platform.disk.PrivateFiles;
import org.keymoot.platform.seal.KeyRing;
import org.keymoot.platform.seal.Sealer;

class ErasingTest {
    private static final FailStop NOT_EXPECTED = (what, cause) -> {
        throw new AssertionError(what, cause);
    };
    private static final RegisterName REGISTER = new RegisterName("key/123456789012/us-east-1/key-1");
    private static final RegisterName ABANDONED = new RegisterName("key/123456789012/us-east-1/key-2");
    private static final byte[] PUBLIC_KEY = {1};

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void nothingIsErasedWithoutItsRecordAndWhatWasPutOffIsDoneLater() throws Exception {
        SecureRandom random = new SecureRandom();
        try (NodeStore store = NodeStore.open(
                PrivateFiles.createDirectory(folder.resolve("party")),
                new Owner("test", 1, true),
                new Sealer(KeyRing.create(folder.resolve("seal-key"), random), random),
                InstantSource.system(),
                random,
                NOT_EXPECTED)) {
            ShareStore rows = store.shares();
            rows.pending("key-1", 0, REGISTER.text(), PUBLIC_KEY, MemorySegment.ofArray(new byte[] {2}));
            rows.activate("key-1", 0, PUBLIC_KEY);
            rows.pending("key-2", 0, ABANDONED.text(), PUBLIC_KEY, MemorySegment.ofArray(new byte[] {3}));

            AuditLog closed = log();
            closed.close();
            Erasing unrecorded = erasing(store, closed);
            assertThatThrownBy(() -> unrecorded.ofDeleted("key-1")).isInstanceOf(RuntimeException.class);
            assertThatThrownBy(() -> unrecorded.ofAbandoned(ABANDONED)).isInstanceOf(RuntimeException.class);
            assertThat(rows.holds("key-1", 0, PUBLIC_KEY)).isTrue();
            assertThat(rows.isPending("key-2", 0, PUBLIC_KEY)).isTrue();

            try (AuditLog log = log()) {
                Erasing recorded = erasing(store, log);
                for (int time = 0; time < 2; time++) {
                    recorded.ofDeleted("key-1");
                    recorded.ofAbandoned(ABANDONED);
                }
                assertThat(rows.holdsAny("key-1")).isFalse();
                assertThat(rows.holdsAny("key-2")).isFalse();
                assertThat(log.head().sequence()).isEqualTo(2);
            }
        }
    }

    private AuditLog log() throws Exception {
        return AuditLog.open(AuditOptions.of(folder.resolve("audit")), InstantSource.system(), NOT_EXPECTED);
    }

    private static Erasing erasing(NodeStore store, AuditLog log) {
        return new Erasing(store.shares(), new KeyShares(store.shares()), store.presignatures(), new AuditTrail(log));
    }
}

package org.keymoot.party;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import org.keymoot.party.store.ForeignStore;
import org.keymoot.platform.audit.AuditCorrupt;
import org.keymoot.platform.config.ConfigException;
import org.keymoot.platform.config.ConfigLoader;
import org.keymoot.platform.disk.DirectoryInUse;
import org.keymoot.platform.disk.FailStop;
import org.keymoot.platform.disk.InsecurePermissions;
import org.keymoot.platform.seal.SealBroken;
import org.keymoot.platform.store.StoreFailed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs a party until it is told to stop: `PartyMain --config FILE`.
public final class PartyMain {
    private static final int USAGE = 2;
    private static final int INTEGRITY = 7;
    private static final int CONFLICT = 6;
    private static final int FAILED = 1;

    private PartyMain() {}

    public static void main(String[] args) throws InterruptedException {
        long started = System.nanoTime();
        Logger log = LoggerFactory.getLogger(PartyMain.class);
        if (args.length != 2 || !args[0].equals("--config")) {
            System.err.println("usage: PartyMain --config FILE");
            System.exit(USAGE);
            return;
        }
        try {
            PartyConfig config = ConfigLoader.ofProcess()
                    .load(PartyConfig.class, Path.of(args[1]))
                    .value();
            PartyNode node = PartyNode.start(config, Clock.systemUTC(), FailStop.haltingProcess());
            CountDownLatch stopped = new CountDownLatch(1);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                node.close();
                                log.atInfo()
                                        .addKeyValue("party", config.party())
                                        .log("stopped");
                                stopped.countDown();
                            },
                            "stop"));
            log.atInfo()
                    .addKeyValue("party", config.party())
                    .addKeyValue("cluster", config.cluster())
                    .addKeyValue("listen", node.address().toString())
                    .addKeyValue("version", PartyNode.SOFTWARE_VERSION)
                    .addKeyValue("millis", (System.nanoTime() - started) / 1_000_000)
                    .log("ready");
            stopped.await();
        } catch (ConfigException e) {
            fail(log, e, USAGE);
        } catch (SealBroken | StoreFailed | AuditCorrupt e) {
            fail(log, e, INTEGRITY);
        } catch (IOException | ForeignStore | DirectoryInUse | InsecurePermissions e) {
            fail(log, e, CONFLICT);
        } catch (IllegalStateException e) {
            fail(log, e, FAILED);
        }
    }

    private static void fail(Logger log, Exception e, int status) {
        log.atError().addKeyValue("reason", e.getMessage()).log("party does not start");
        System.err.println(e.getMessage());
        System.exit(status);
    }
}

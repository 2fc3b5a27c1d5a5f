package org.keymoot.kms;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.keymoot.platform.config.ConfigException;
import org.keymoot.platform.config.ConfigLoader;
import org.keymoot.platform.disk.InsecurePermissions;

/// Starts an endpoint: `org.keymoot.kms.KmsMain --config FILE`. It prints one line when it is ready and stops on
/// SIGTERM after the requests under way.
public final class KmsMain {
    private static final String USAGE = """
            Examples:
              java -cp 'lib/*' org.keymoot.kms.KmsMain --config /etc/keymoot/kms.yaml

            Runs an AWS-KMS-compatible endpoint in front of the parties that FILE names.

              --config FILE   settings in YAML; KEYMOOT_… variables override them
              --help          show this text

            Exit codes: 0 stopped, 2 wrong arguments or settings, 6 could not start.""";

    private static final int COULD_NOT_START = 6;
    private static final int WRONG_SETTINGS = 2;

    private KmsMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        List<String> given = List.of(arguments);
        if (given.contains("--help")) {
            System.out.println(USAGE);
            return;
        }
        if (given.size() != 2 || !given.getFirst().equals("--config")) {
            System.err.println("expected --config FILE\n" + USAGE);
            System.exit(WRONG_SETTINGS);
        }
        int failure = run(Path.of(given.get(1)));
        if (failure != 0) {
            System.exit(failure);
        }
    }

    private static int run(Path file) throws InterruptedException {
        KmsServer server;
        try {
            KmsConfig config =
                    ConfigLoader.ofProcess().load(KmsConfig.class, file).value();
            server = KmsServer.start(config, InstantSource.system());
        } catch (ConfigException e) {
            System.err.println(e.getMessage());
            return WRONG_SETTINGS;
        } catch (IOException | InsecurePermissions e) {
            System.err.println("the endpoint could not start: " + e.getMessage());
            return COULD_NOT_START;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
        System.out.println("endpoint ready at " + server.url());
        server.awaitClose();
        return 0;
    }
}

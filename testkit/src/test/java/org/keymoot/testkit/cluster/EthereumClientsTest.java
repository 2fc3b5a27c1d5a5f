package org.keymoot.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Ethereum's own libraries, and the launcher's commands, on keys that three parties hold.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EthereumClientsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    static Path folder = Path.of("");

    private static RunningCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = RunningCluster.start(folder.resolve("cluster"));
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    private static Shell.Result script(String text) throws Exception {
        String launcher = Shell.repository().resolve("keymoot").toString();
        return Shell.run(
                folder,
                Map.of("KEYMOOT_NO_BUILD", "1"),
                "",
                List.of(
                        "bash",
                        "-euo",
                        "pipefail",
                        "-c",
                        "eval \"$(%s env --data %s)\"\n%s"
                                .formatted(launcher, cluster.data(), text.replace("keymoot ", launcher + " "))),
                PATIENCE);
    }

    @Test
    void ethersAndViemFindTheKeysAddressInWhatItSigned() throws Exception {
        Path tools = Shell.repository().resolve("testkit/tools/ethereum");
        Path node = folder.resolve("node");
        script(tools.resolve("install") + " " + node).mustSucceed();
        Shell.Result result = script("node " + node.resolve("clients.mjs")).mustSucceed();
        JsonNode found = JsonMapper.shared().readTree(result.out());
        String address = found.required("address").stringValue();
        for (String member : List.of("viemAddress", "ethersSigner", "viemSigner", "messageSigner")) {
            assertThat(found.required(member).stringValue()).as(member).isEqualTo(address);
        }
    }

    @Test
    void ofTransactionsThatContradictEachOtherOneIsSigned() throws Exception {
        script("keymoot provision agents --environment staging --json").mustSucceed();
        Path rules = Files.writeString(folder.resolve("rules.json"), "{\"transactions\":{\"chains\":[1]}}");
        script("keymoot eth rules alias/staging-relayer-signer --file " + rules).mustSucceed();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Shell.Result>> asked = threads.invokeAll(IntStream.rangeClosed(1, 4)
                    .<Callable<Shell.Result>>mapToObj(value -> () -> script(
                            "keymoot eth sign-tx alias/staging-relayer-signer --chain-id 1 --nonce 0 --gas-price 1"
                                    + " --to 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --value " + value))
                    .toList());
            int signed = 0;
            for (Future<Shell.Result> result : asked) {
                if (result.get().exitCode() == 0) {
                    signed++;
                } else {
                    assertThat(result.get().err()).contains("SignRulesException");
                }
            }
            assertThat(signed).isEqualTo(1);
        }
    }
}

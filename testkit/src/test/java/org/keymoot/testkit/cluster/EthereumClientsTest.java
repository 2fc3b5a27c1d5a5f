package org.keymoot.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.ethereum.Address;
import org.keymoot.cli.TestChain;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Ethereum's own libraries, and the launcher's commands, on keys that three parties hold.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EthereumClientsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    static Path folder = Path.of("");

    private static RunningCluster cluster;
    private static Path node = Path.of("");

    @BeforeAll
    static void start() throws Exception {
        cluster = RunningCluster.start(folder.resolve("cluster"));
        node = folder.resolve("node");
        script(Shell.repository().resolve("testkit/tools/node/install") + " " + node)
                .mustSucceed();
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
    void signersOfEthersAndViemOnKmsSignWhatTheirLibrariesFindRight() throws Exception {
        JsonNode found = JsonMapper.shared()
                .readTree(script("node " + node.resolve("clients.mjs"))
                        .mustSucceed()
                        .out());
        for (String library : List.of("ethers", "viem")) {
            JsonNode of = found.required(library);
            String address = of.required("address").stringValue();
            assertThat(of.required("own").stringValue()).as(library).isEqualToIgnoringCase(address);
            signedAll(library, of, address);
        }
        assertThat(found.at("/ethers/address")).isNotEqualTo(found.at("/viem/address"));
    }

    /// A message, a transaction and typed data.
    private static void signedAll(String library, JsonNode found, String address) {
        for (String payload : List.of("message", "transaction", "typedData")) {
            assertThat(found.required(payload).stringValue())
                    .as("%s: %s", library, payload)
                    .isEqualTo(address);
        }
        assertThat(found.required("data").stringValue()).as(library).isEqualTo("0xa9059cbb");
    }

    @Test
    void ethersAndViemUseKeysOverTheApiOfWeb3signer() throws Exception {
        String address = payer("alias/behind-web3signer").checksummed();
        String token = "0123456789abcdef0123456789abcdef";
        Path tokenFile = Files.createFile(
                folder.resolve("token"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(tokenFile, token);
        Path settings = Files.writeString(folder.resolve("web3signer.yaml"), """
                listen: 127.0.0.1:0
                keys: [alias/behind-web3signer]
                chainId: 1337
                tokenFile: %s
                """.formatted(tokenFile));
        Path said = folder.resolve("web3signer.out");
        ProcessBuilder builder = new ProcessBuilder(
                        Shell.repository().resolve("keymoot").toString(),
                        "web3signer",
                        "run",
                        "--config",
                        settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment().put("KEYMOOT_NO_BUILD", "1");
        cluster.environment()
                .properties()
                .forEach(variable -> builder.environment()
                        .put(variable.getKey(), variable.getValue().stringValue()));
        Process listener = builder.start();
        try {
            Pattern ready = Pattern.compile("ready at [^0-9]*(127\\.0\\.0\\.1:[0-9]+)");
            RunningCluster.await(
                    "web3signer listens",
                    Duration.ofSeconds(60),
                    () -> matcher(ready, said).find());
            Matcher at = matcher(ready, said);
            assertThat(at.find()).isTrue();
            String url = "http://" + at.group(1);
            JsonNode found = JsonMapper.shared()
                    .readTree(script("node %s %s %s".formatted(node.resolve("web3signer.mjs"), url, token))
                            .mustSucceed()
                            .out());
            for (String library : List.of("ethers", "viem")) {
                JsonNode of = found.required(library);
                assertThat(of.required("addresses").values())
                        .extracting(JsonNode::stringValue)
                        .containsExactly(address);
                signedAll(library, of, address);
            }
            Shell.Result stranger =
                    script("node %s %s %s".formatted(node.resolve("web3signer.mjs"), url, "f".repeat(32)));
            assertThat(stranger.exitCode()).isNotZero();
            assertThat(stranger.err()).contains("401");
        } finally {
            listener.destroy();
            assertThat(listener.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static Matcher matcher(Pattern pattern, Path file) {
        try {
            return pattern.matcher(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The address of a new key with this alias.
    private static Address payer(String alias) throws Exception {
        try (KmsClient kms = cluster.client()) {
            String key = kms.createKey(r -> r.keySpec(KeySpec.ECC_SECG_P256_K1).keyUsage(KeyUsageType.SIGN_VERIFY))
                    .keyMetadata()
                    .keyId();
            kms.createAlias(r -> r.aliasName(alias).targetKeyId(key));
        }
        return address(alias);
    }

    private static Address address(String alias) throws Exception {
        return Address.parse(
                script("keymoot eth address " + alias).mustSucceed().out().strip());
    }

    @Test
    void fundPaysEverySignerOfAnEnvironmentOnceThoughAnswersAndAPartyAreLost() throws Exception {
        script("keymoot provision agents --environment funded --json").mustSucceed();
        Address bank = payer("alias/bank");
        BigInteger half = TestChain.ETHER.shiftRight(1);
        try (TestChain chain = new TestChain()) {
            BigInteger before = TestChain.ETHER.multiply(BigInteger.TEN);
            chain.balances.put(bank, before);
            chain.lostAnswers = 1;
            String fund = "keymoot fund --rpc %s --from alias/bank --amount 0.5 --environment funded --yes --json"
                            .formatted(chain.url())
                    + " --reason gas --wait 5 --journal " + folder.resolve("journal.json");
            JsonNode paid =
                    JsonMapper.shared().readTree(script(fund).mustSucceed().out());
            assertThat(paid.required("from").stringValue()).isEqualTo(bank.checksummed());
            assertThat(paid.required("payments").values())
                    .hasSize(4)
                    .allMatch(payment -> payment.required("state").stringValue().equals("PAID"));
            assertThat(chain.blocks)
                    .hasSize(4)
                    .allMatch(signed -> signed.transaction().value().equals(half));
            Set<Address> recipients = new HashSet<>();
            for (String role : List.of("watcher", "updater", "relayer", "processor")) {
                Address address = address("alias/funded-" + role + "-signer");
                recipients.add(address);
                assertThat(chain.balance(address)).as(role).isEqualTo(half);
            }
            assertThat(recipients).hasSize(4);
            assertThat(chain.balance(bank)).isLessThan(before.subtract(half.shiftLeft(2)));

            // Two of the three go on; who has enough is not paid again.
            cluster.kill("party-2");
            Address emptied = address("alias/funded-relayer-signer");
            chain.balances.put(emptied, BigInteger.ZERO);
            script(fund + " --below 0.1").mustSucceed();
            assertThat(chain.blocks).hasSize(5);
            assertThat(chain.blocks.getLast().transaction().to()).isEqualTo(emptied);
            assertThat(chain.balance(emptied)).isEqualTo(half);
            cluster.awaitWhole();
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

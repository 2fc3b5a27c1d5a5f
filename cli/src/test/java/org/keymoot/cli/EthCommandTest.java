package org.keymoot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.ethereum.Hex;
import org.keymoot.access.ethereum.PersonalMessage;
import org.keymoot.access.ethereum.RecoverableSignature;
import org.keymoot.access.ethereum.SignedTransaction;
import org.keymoot.access.ethereum.Transaction;
import org.keymoot.access.ethereum.TypedData;
import org.keymoot.cli.aws.AwsSettings;
import org.keymoot.cli.aws.KmsClient;

class EthCommandTest {
    @TempDir
    Path folder = Path.of("");

    private WholeKeyKms kms;

    @BeforeEach
    void start() throws IOException {
        kms = new WholeKeyKms(folder);
    }

    @AfterEach
    void stop() {
        kms.close();
    }

    private static KmsClient client() throws IOException {
        AwsSettings settings = new AwsSettings(Map.of(), "test");
        return new KmsClient(
                settings.endpoint(null),
                settings.region(null),
                settings.credentials(true),
                settings.certificates(),
                InstantSource.system());
    }

    private static String makeKey(String spec) throws IOException {
        try (KmsClient client = client()) {
            return client.call("CreateKey", Map.of("KeySpec", spec, "KeyUsage", "SIGN_VERIFY"))
                    .at("/KeyMetadata/KeyId")
                    .asString();
        }
    }

    private static String address(String key) {
        CommandRun run = CommandRun.of("eth", "address", key, "--profile", "test");
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.out().strip();
    }

    @Test
    void signsAMessageFromWhichTheKeysAddressIsRecovered() throws Exception {
        String key = makeKey("ECC_SECG_P256K1");
        CommandRun run = CommandRun.of("eth", "sign-message", key, "--message", "hello", "--profile", "test");
        byte[] digest = PersonalMessage.digest("hello".getBytes(StandardCharsets.UTF_8));
        assertThat(RecoverableSignature.decode(Hex.bytes(run.out().strip()))
                        .signer(digest)
                        .checksummed())
                .isEqualTo(address(key));
        CommandRun fromHex = CommandRun.of("eth", "sign-message", key, "--hex", "68656c6c6f", "--profile", "test");
        assertThat(fromHex.out()).isEqualTo(run.out());
    }

    @Test
    void signsTransactionsFromFlagsAFileAndRlpAlike() throws Exception {
        String key = makeKey("ECC_SECG_P256K1");
        CommandRun flags = CommandRun.of(
                "eth",
                "sign-tx",
                key,
                "--chain-id",
                "44787",
                "--nonce",
                "7",
                "--to",
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                "--value",
                "0.5",
                "--max-fee",
                "30",
                "--priority-fee",
                "1gwei",
                "--profile",
                "test",
                "--json");
        assertThat(flags.exitCode()).as(flags.err()).isZero();
        SignedTransaction signed =
                SignedTransaction.decode(Hex.bytes(flags.json().required("raw").asString()));
        assertThat(signed.sender().checksummed()).isEqualTo(address(key));
        assertThat(signed.transaction().value()).isEqualTo(new BigInteger("500000000000000000"));
        assertThat(signed.transaction().fee())
                .isEqualTo(new Transaction.Dynamic(
                        BigInteger.valueOf(1_000_000_000L), BigInteger.valueOf(30_000_000_000L)));
        CommandRun rlp = CommandRun.of(
                "eth",
                "sign-tx",
                key,
                "--unsigned",
                Hex.of(signed.transaction().encodeUnsigned()),
                "--profile",
                "test");
        assertThat(rlp.out().strip()).isEqualTo(flags.json().required("raw").asString());
        Path file = folder.resolve("tx.json");
        Files.writeString(file, """
                {"chainId":"0xaef3","nonce":"0x7","to":"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed","gas":21000,
                 "value":"0x6f05b59d3b20000","maxFeePerGas":"30000000000","maxPriorityFeePerGas":1000000000}""");
        CommandRun json = CommandRun.of("eth", "sign-tx", key, "--file", file.toString(), "--profile", "test");
        assertThat(json.out()).as(json.err()).isEqualTo(rlp.out());
    }

    @Test
    void signsTypedData() throws Exception {
        String key = makeKey("ECC_SECG_P256K1");
        String data = "{\"types\":{\"A\":[{\"name\":\"x\",\"type\":\"uint8\"}]},\"primaryType\":\"A\",\"domain\":{},"
                + "\"message\":{\"x\":1}}";
        Path file = folder.resolve("data.json");
        Files.writeString(file, data);
        CommandRun run = CommandRun.of("eth", "sign-typed-data", key, "--file", file.toString(), "--profile", "test");
        byte[] digest = TypedData.parse(data.getBytes(StandardCharsets.UTF_8)).digest();
        assertThat(RecoverableSignature.decode(Hex.bytes(run.out().strip()))
                        .signer(digest)
                        .checksummed())
                .isEqualTo(address(key));
        Files.writeString(file, data.replace("\"x\":1", "\"x\":1,\"hidden\":2"));
        CommandRun refused =
                CommandRun.of("eth", "sign-typed-data", key, "--file", file.toString(), "--profile", "test");
        assertThat(refused.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(refused.err()).contains("hidden");
    }

    @Test
    void refusesAKeyOfAnotherCurve() throws Exception {
        String key = makeKey("ECC_NIST_P256");
        CommandRun other = CommandRun.of("eth", "address", key, "--profile", "test");
        assertThat(other.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(other.err()).contains("ECC_SECG_P256K1");
        CommandRun missing = CommandRun.of("eth", "address", "alias/none", "--profile", "test");
        assertThat(missing.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(missing.err()).contains("NotFoundException");
    }

    @Test
    void aRepeatedRequestAfterALostAnswerMakesNoSecondKey() throws Exception {
        kms.fault = new WholeKeyKms.Fault("CreateKey", true, 0, "");
        String key = makeKey("ECC_SECG_P256K1");
        assertThat(kms.directory.registers().keySet())
                .filteredOn(name -> name.startsWith("key/"))
                .singleElement()
                .asString()
                .endsWith(key);
        assertThat(kms.calls).filteredOn("CreateKey"::equals).hasSizeGreaterThan(1);
    }

    @Test
    void waitsAndRepeatsWhenTheEndpointIsBusyAndGivesUpWhenDenied() throws Exception {
        kms.fault = new WholeKeyKms.Fault("CreateKey", false, 400, "ThrottlingException");
        assertThat(makeKey("ECC_SECG_P256K1")).isNotEmpty();
        kms.fault = new WholeKeyKms.Fault("GetPublicKey", false, 400, "AccessDeniedException");
        CommandRun denied = CommandRun.of("eth", "address", "alias/a", "--profile", "test");
        assertThat(denied.exitCode()).isEqualTo(ExitCode.DENIED.code());
        assertThat(kms.calls).filteredOn("GetPublicKey"::equals).hasSize(1);
        CommandRun stranger = CommandRun.of(
                "eth",
                "address",
                "alias/a",
                "--profile",
                "default",
                "--region",
                "us-east-1",
                "--endpoint-url",
                client().endpoint().toString());
        assertThat(stranger.exitCode()).isEqualTo(ExitCode.AUTHENTICATION.code());
        assertThat(stranger.err()).doesNotContain("nothing\n");
    }

    @Test
    void setsRulesAfterWhichTheKeySignsWhatTheyAllow() throws Exception {
        String key = makeKey("ECC_SECG_P256K1");
        Path file = folder.resolve("rules.json");
        Files.writeString(file, "{\"messages\": true}");
        assertThat(CommandRun.of("eth", "rules", key, "--profile", "test").err())
                .contains("has no sign rules");
        CommandRun set = CommandRun.of("eth", "rules", key, "--file", file.toString(), "--profile", "test");
        assertThat(set.exitCode()).as(set.err()).isZero();
        assertThat(CommandRun.of("eth", "rules", key, "--profile", "test").out())
                .contains("\"messages\": true");
        CommandRun message = CommandRun.of("eth", "sign-message", key, "--message", "hi", "--profile", "test");
        assertThat(message.exitCode()).as(message.err()).isZero();
        assertThat(kms.calls).contains("SignEthereum");
        CommandRun payment = CommandRun.of(
                "eth", "sign-tx", key, "--chain-id", "1", "--nonce", "0", "--gas-price", "1", "--profile", "test");
        assertThat(payment.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(payment.err()).contains("allow no transactions");
        Files.writeString(file, "{\"mesages\": true}");
        CommandRun wrong = CommandRun.of("eth", "rules", key, "--file", file.toString(), "--profile", "test");
        assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE.code());
        CommandRun asked = CommandRun.of("eth", "rules", key, "--delete", "--profile", "test");
        assertThat(asked.exitCode()).isEqualTo(ExitCode.USAGE.code());
        CommandRun deleted =
                CommandRun.of("eth", "rules", key, "--delete", "--yes", "--reason", "test", "--profile", "test");
        assertThat(deleted.exitCode()).as(deleted.err()).isZero();
    }

    @Test
    void asksANodeForWhatATransactionLeavesOut() throws Exception {
        String key = makeKey("ECC_SECG_P256K1");
        try (TestChain chain = new TestChain()) {
            chain.balances.put(Address.parse(address(key)), TestChain.ETHER);
            String to = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
            CommandRun run = CommandRun.of(
                    "eth",
                    "sign-tx",
                    key,
                    "--rpc",
                    chain.url(),
                    "--to",
                    to,
                    "--value",
                    "0.5",
                    "--profile",
                    "test",
                    "--json");
            assertThat(run.exitCode()).as(run.err()).isZero();
            Transaction filled = SignedTransaction.decode(
                            Hex.bytes(run.json().required("raw").asString()))
                    .transaction();
            assertThat(filled.chainId()).isEqualTo(1337);
            assertThat(filled.nonce()).isZero();
            assertThat(filled.gasLimit()).isEqualTo(21_000);
            assertThat(filled.fee())
                    .isEqualTo(new Transaction.Dynamic(
                            BigInteger.valueOf(1_000_000_000L), BigInteger.valueOf(15_000_000_000L)));
            assertThat(chain.sent).isEmpty();
            CommandRun given = CommandRun.of(
                    "eth",
                    "sign-tx",
                    key,
                    "--rpc",
                    chain.url(),
                    "--to",
                    to,
                    "--nonce",
                    "9",
                    "--gas",
                    "30000",
                    "--gas-price",
                    "2",
                    "--profile",
                    "test",
                    "--json");
            Transaction kept = SignedTransaction.decode(
                            Hex.bytes(given.json().required("raw").asString()))
                    .transaction();
            assertThat(kept.nonce()).isEqualTo(9);
            assertThat(kept.gasLimit()).isEqualTo(30_000);
            assertThat(kept.fee()).isEqualTo(new Transaction.Legacy(BigInteger.valueOf(2_000_000_000L)));
            CommandRun other = CommandRun.of(
                    "eth", "sign-tx", key, "--rpc", chain.url(), "--chain-id", "1", "--to", to, "--profile", "test");
            assertThat(other.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
            assertThat(other.err()).contains("of chain 1337, not 1");
        }
        CommandRun neither =
                CommandRun.of("eth", "sign-tx", key, "--chain-id", "1", "--nonce", "0", "--profile", "test");
        assertThat(neither.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(neither.err()).contains("--rpc");
    }

    private static CommandRun lease(String key, String... more) {
        List<String> line = new ArrayList<>(List.of("eth", "lease", key, "--chain-id", "5", "--profile", "test"));
        line.addAll(List.of(more));
        return CommandRun.of(line.toArray(String[]::new));
    }

    @Test
    void showsAndEndsTheLeaseOfAHolderThatIsGone() throws Exception {
        String key = makeKey("ECC_SECG_P256K1");
        assertThat(lease(key).out()).contains("no lease was ever taken");
        assertThat(lease(key, "--take").exitCode()).isEqualTo(ExitCode.USAGE.code());
        CommandRun taken = lease(key, "--take", "--holder", "relayer-0", "--seconds", "600", "--json");
        assertThat(taken.exitCode()).as(taken.err()).isZero();
        Instant until = Instant.parse(taken.json().required("until").asString());
        assertThat(until)
                .isBetween(Instant.now().plusSeconds(500), Instant.now().plusSeconds(700));
        assertThat(lease(key).out()).contains("relayer-0", until.toString()).doesNotContain("over");
        assertThat(lease(key, "--take", "--holder", "relayer-1").exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(lease(key, "--release", "--holder", "relayer-1").exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        CommandRun asked = lease(key, "--release");
        assertThat(asked.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(asked.err()).contains("'relayer-0' holds the lease", "--yes");
        assertThat(kms.calls).filteredOn("ReleaseNonceLease"::equals).hasSize(1);
        CommandRun ended = lease(key, "--release", "--yes", "--reason", "it was killed");
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        assertThat(lease(key).out()).contains("over");
        assertThat(lease(key, "--release", "--json").json().required("released").asBoolean())
                .isFalse();
        assertThat(lease(key, "--take", "--holder", "relayer-1").exitCode()).isZero();
        assertThat(lease("alias/none").exitCode()).isEqualTo(ExitCode.CONFLICT.code());
    }

    @Test
    void showsThePartiesWhatIsSignedAlsoWhereTheRulesAllowDigests() throws Exception {
        String key = makeKey("ECC_SECG_P256K1");
        try (KmsClient client = client()) {
            String rules = "{\"transactions\":{\"chains\":[1]},\"digests\":true}";
            client.keymoot("PutSignRules", Map.of("KeyId", key, "Rules", rules));
            client.keymoot("AcquireNonceLease", Map.of("KeyId", key, "ChainId", "1", "Holder", "somebody"));
        }
        kms.calls.clear();
        assertThat(pay(key, "0", "--value", "1").err()).contains("Another agent, 'somebody'");
        assertThat(pay(key, "0", "--value", "1", "--lease-holder", "somebody").exitCode())
                .isZero();
        assertThat(pay(key, "0", "--value", "2", "--lease-holder", "somebody").err())
                .contains("has signed something else");
        assertThat(kms.calls).contains("SignEthereum").doesNotContain("Sign");
    }

    @Test
    void givesTheDigestToAnEndpointThatKnowsNoPayloadsAndNotWhereALeaseMustHold() throws Exception {
        String key = makeKey("ECC_SECG_P256K1");
        for (String unknown : List.of("UnknownOperationException", "UnsupportedOperationException")) {
            kms.calls.clear();
            kms.fault = new WholeKeyKms.Fault("SignEthereum", false, 400, unknown);
            assertThat(pay(key, "0").exitCode()).isZero();
            assertThat(kms.calls).containsSubsequence("SignEthereum", "Sign");
            kms.calls.clear();
            kms.fault = new WholeKeyKms.Fault("SignEthereum", false, 400, unknown);
            assertThat(pay(key, "0", "--lease-holder", "a").exitCode()).isNotZero();
            kms.fault = new WholeKeyKms.Fault("SignEthereum", false, 400, "AccessDeniedException");
            assertThat(pay(key, "0").exitCode()).isEqualTo(ExitCode.DENIED.code());
            assertThat(kms.calls).doesNotContain("Sign");
        }
    }

    private static CommandRun pay(String key, String nonce, String... more) {
        List<String> line = new ArrayList<>(List.of(
                "eth", "sign-tx", key, "--chain-id", "1", "--nonce", nonce, "--gas-price", "1", "--profile", "test"));
        line.addAll(List.of("--to", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
        line.addAll(List.of(more));
        return CommandRun.of(line.toArray(String[]::new));
    }
}

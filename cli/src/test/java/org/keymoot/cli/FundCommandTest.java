package org.keymoot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.ethereum.Transaction;
import org.keymoot.cli.aws.AwsSettings;
import org.keymoot.cli.aws.KmsClient;
import org.keymoot.cli.ethereum.EthereumNode;
import org.keymoot.cli.ethereum.EthereumSigner;
import org.keymoot.cli.fund.Funding;
import org.keymoot.cli.fund.Journal;
import org.keymoot.cli.fund.NonceLease;
import org.keymoot.cli.fund.Payment;

class FundCommandTest {
    private static final String A = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    private static final String B = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359";
    private static final BigInteger HALF = TestChain.ETHER.shiftRight(1);

    @TempDir
    Path folder = Path.of("");

    private WholeKeyKms kms;
    private TestChain chain;
    private KmsClient client;
    private String bank = "";
    private Address payer = new Address("0".repeat(40));

    @BeforeEach
    void start() throws IOException {
        kms = new WholeKeyKms(folder);
        chain = new TestChain();
        AwsSettings settings = new AwsSettings(Map.of(), "test");
        client = new KmsClient(
                settings.endpoint(null),
                settings.region(null),
                settings.credentials(true),
                null,
                InstantSource.system());
        bank = client.call("CreateKey", Map.of("KeySpec", "ECC_SECG_P256K1", "KeyUsage", "SIGN_VERIFY"))
                .at("/KeyMetadata/KeyId")
                .asString();
        payer = EthereumSigner.open(client, bank).address();
        chain.balances.put(payer, TestChain.ETHER.multiply(BigInteger.valueOf(10)));
    }

    @AfterEach
    void stop() {
        client.close();
        chain.close();
        kms.close();
    }

    private Path journal() {
        return folder.resolve("journal.json");
    }

    private CommandRun fund(String... more) {
        List<String> line = new ArrayList<>(List.of(
                "fund",
                "--profile",
                "test",
                "--rpc",
                chain.url(),
                "--from",
                bank,
                "--amount",
                "0.5",
                "--journal",
                journal().toString(),
                "--wait",
                "2"));
        line.addAll(List.of(more));
        return CommandRun.of(line.toArray(String[]::new));
    }

    private CommandRun pay(String... more) {
        List<String> line = new ArrayList<>(List.of("--yes", "--reason", "test", "--to", A, "--to", B));
        line.addAll(List.of(more));
        return fund(line.toArray(String[]::new));
    }

    private BigInteger balance(String address) throws Exception {
        return chain.balance(Address.parse(address));
    }

    @Test
    void paysTheSignersOfAnEnvironmentAndNotItsAttesters() throws Exception {
        CommandRun.of("provision", "agents", "--environment", "staging", "--profile", "test");
        CommandRun dry = fund("--environment", "staging", "--dry-run", "--json");
        assertThat(dry.exitCode()).as(dry.err()).isZero();
        assertThat(dry.json().required("recipients").size()).isEqualTo(4);
        assertThat(dry.json().required("fee").asString()).isEqualTo("eip-1559");
        assertThat(chain.sent).isEmpty();
        assertThat(journal()).doesNotExist();
        CommandRun asked = fund("--environment", "staging");
        assertThat(asked.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(asked.err()).contains("--yes");
        assertThat(fund("--environment", "staging", "--yes").err()).contains("--reason");
        assertThat(chain.sent).isEmpty();
        CommandRun paid = fund("--environment", "staging", "--yes", "--reason", "first gas", "--json");
        assertThat(paid.exitCode()).as(paid.err()).isZero();
        assertThat(chain.blocks)
                .hasSize(4)
                .allMatch(signed -> signed.transaction().value().equals(HALF));
        assertThat(chain.blocks.getFirst().transaction().fee()).isInstanceOf(Transaction.Dynamic.class);
        assertThat(Files.readString(journal())).contains("first gas");
    }

    @Test
    void paysByOnePriceWhereBlocksHaveNoBaseFee() throws Exception {
        chain.london = false;
        assertThat(pay().exitCode()).isZero();
        assertThat(chain.blocks).allMatch(signed -> signed.transaction().fee() instanceof Transaction.Legacy);
        assertThat(balance(A)).isEqualTo(HALF);
    }

    @Test
    void fillsUpOnlyThoseThatHaveTooLittle() throws Exception {
        chain.balances.put(Address.parse(A), TestChain.ETHER.divide(BigInteger.TEN));
        chain.balances.put(Address.parse(B), TestChain.ETHER.divide(BigInteger.valueOf(5)));
        CommandRun run = pay("--below", "0.15");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(balance(A)).isEqualTo(HALF);
        assertThat(balance(B)).isEqualTo(TestChain.ETHER.divide(BigInteger.valueOf(5)));
    }

    @Test
    void aLostAnswerPaysOnce() throws Exception {
        chain.lostAnswers = 1;
        CommandRun run = pay();
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(balance(A)).isEqualTo(HALF);
        assertThat(chain.blocks).hasSize(2);
    }

    @Test
    void goesOnAfterAnEndBetweenSigningAndSendingWithTheSameTransaction() throws Exception {
        chain.lostQuestions = 4;
        CommandRun ended = pay();
        assertThat(ended.exitCode()).isEqualTo(ExitCode.RETRY_LATER.code());
        String written = Files.readString(journal());
        assertThat(written).contains("SIGNED", "PLANNED");
        assertThat(chain.sent).isEmpty();
        CommandRun again = pay("--json");
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(written).contains(chain.sent.getFirst());
        assertThat(balance(A)).isEqualTo(HALF);
        assertThat(balance(B)).isEqualTo(HALF);
        assertThat(chain.blocks).hasSize(2);
    }

    @Test
    void sendsAgainWhatTheNodeForgotAndReplacesWhatWaitsTooLong() throws Exception {
        chain.mining = false;
        assertThat(pay().exitCode()).isEqualTo(ExitCode.RETRY_LATER.code());
        List<String> first = List.copyOf(chain.sent);
        chain.dropPool();
        assertThat(pay().exitCode()).isEqualTo(ExitCode.RETRY_LATER.code());
        assertThat(chain.sent).as("the same two, sent again").hasSize(4).containsOnlyElementsOf(first);
        assertThat(pay("--bump").exitCode()).isEqualTo(ExitCode.RETRY_LATER.code());
        assertThat(chain.sent).hasSize(6);
        chain.mine();
        CommandRun done = pay();
        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(chain.blocks).hasSize(2);
        assertThat(chain.blocks).noneMatch(signed -> first.contains(org.keymoot.access.ethereum.Hex.of(signed.hash())));
        assertThat(balance(A)).isEqualTo(HALF);
    }

    @Test
    void leavesANonceThatWaitsForSomebodyElseOnlyWhenItIsUsedUp() throws Exception {
        chain.mining = false;
        chain.hidesPool = true;
        send(0, B, 7);
        CommandRun run = pay();
        assertThat(run.exitCode()).isEqualTo(ExitCode.RETRY_LATER.code());
        assertThat(run.err()).contains("another transaction of the key has the nonce 0");
        assertThat(pay().exitCode()).isEqualTo(ExitCode.RETRY_LATER.code());
        assertThat(pay("--pay-again").exitCode()).isEqualTo(ExitCode.RETRY_LATER.code());
        assertThat(chain.sent).as("nothing but the other's").hasSize(1);
        chain.mine();
        chain.mining = true;
        String written = Files.readString(journal());
        assertThat(pay().exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(pay("--pay-again").exitCode()).isZero();
        assertThat(chain.blocks).hasSize(3);
        assertThat(balance(A)).isEqualTo(HALF);
        String first = written.substring(written.indexOf("\"hash\" : \"") + 10).substring(0, 66);
        assertThat(Files.readString(journal())).as("what was signed is kept").contains("former", first);
    }

    @Test
    void aRefusalOfTheNodeAloneIsNoReasonToPayUnderAnotherNonce() throws Exception {
        chain.mining = false;
        chain.hidesPool = true;
        chain.lies = 1;
        CommandRun run = pay();
        assertThat(run.exitCode()).isEqualTo(ExitCode.RETRY_LATER.code());
        assertThat(run.err()).contains("either may yet be carried out");
        chain.mine();
        chain.mining = true;
        CommandRun again = pay("--pay-again");
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(chain.blocks).hasSize(2);
        assertThat(balance(A)).isEqualTo(HALF);
    }

    @Test
    void recognisesATransactionThatWasGivenUpAndTurnsUpAfterAll() throws Exception {
        Payment.Attempt given = new Payment.Attempt("0x1", "0x2");
        Payment displaced = Payment.planned("a", Address.parse(A), HALF)
                .signed(BigInteger.ONE, given)
                .in(Payment.State.DISPLACED);
        assertThat(displaced.again().everSigned()).containsExactly(given);
        assertThat(displaced.again().signed(BigInteger.TWO, given).everSigned()).hasSize(2);
    }

    @Test
    void aLeaseThatIsNotGivenBackHidesNeitherFailureNorSuccess() throws Exception {
        kms.fault = new WholeKeyKms.Fault("ReleaseNonceLease", false, 400, "AccessDeniedException");
        chain.lostQuestions = 4;
        CommandRun failed = pay();
        assertThat(failed.exitCode()).isEqualTo(ExitCode.RETRY_LATER.code());
        assertThat(failed.err()).contains("not known whether the node took", "keymoot eth lease");
        kms.fault = new WholeKeyKms.Fault("ReleaseNonceLease", false, 400, "AccessDeniedException");
        CommandRun done = pay();
        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(done.err()).contains("was not given back");
    }

    @Test
    void keepsTheLeaseWhileItWaitsForReceipts() throws Exception {
        chain.mining = false;
        AtomicLong minutes = new AtomicLong();
        InstantSource clock = () -> Instant.EPOCH.plusSeconds(60 * minutes.addAndGet(15));
        EthereumSigner signer = EthereumSigner.open(client, bank);
        BigInteger chainId = BigInteger.valueOf(1337);
        List<String> told = new ArrayList<>();
        try (FileChannel lock = Journal.lock(journal());
                EthereumNode node = new EthereumNode(java.net.URI.create(chain.url()));
                NonceLease lease =
                        NonceLease.take(client, bank, chainId, "fund:x", BigInteger.ZERO, clock, told::add)) {
            Journal journal = Journal.create(
                    journal(), lock, chainId, payer, "test", List.of(Payment.planned("a", Address.parse(A), HALF)));
            new Funding(node, signer, journal, lease, Duration.ofSeconds(1), told::add).run(false);
            assertThat(kms.calls).filteredOn("AcquireNonceLease"::equals).hasSizeGreaterThan(1);
            kms.fault = new WholeKeyKms.Fault("AcquireNonceLease", false, 400, "AccessDeniedException");
            new Funding(node, signer, journal, lease, Duration.ofSeconds(1), told::add).run(false);
        }
        assertThat(told).anyMatch(line -> line.contains("was not renewed"));
    }

    @Test
    void saysThatAPaymentWasDisplacedAndPaysAgainOnlyWhenTold() throws Exception {
        chain.lostQuestions = 4;
        pay();
        send(0, B, 7);
        CommandRun displaced = pay();
        assertThat(displaced.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(displaced.err()).contains("displaced");
        assertThat(balance(A)).isEqualTo(BigInteger.ZERO);
        assertThat(pay().exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(balance(A)).isEqualTo(BigInteger.ZERO);
        CommandRun again = pay("--pay-again");
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(balance(A)).isEqualTo(HALF);
        assertThat(balance(B)).isEqualTo(HALF.add(BigInteger.valueOf(7)));
    }

    private void send(long nonce, String to, long value) throws Exception {
        try (EthereumNode node = new EthereumNode(java.net.URI.create(chain.url()))) {
            node.send(EthereumSigner.open(client, bank)
                    .sign(new Transaction(
                            BigInteger.valueOf(1337),
                            BigInteger.valueOf(nonce),
                            node.fee(),
                            BigInteger.valueOf(21_000),
                            Address.parse(to),
                            BigInteger.valueOf(value),
                            "",
                            List.of()))
                    .encode());
        }
    }

    @Test
    void refusesToShareTheKeysNoncesWithARunningAgent() {
        client.keymoot("AcquireNonceLease", Map.of("KeyId", bank, "ChainId", "1337", "Holder", "relayer-0"));
        CommandRun run = pay();
        assertThat(run.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(run.err()).contains("relayer-0");
        assertThat(chain.sent).isEmpty();
    }

    @Test
    void paysFromAKeyWithSignRulesAndOnlyWhatTheyAllow() throws Exception {
        client.keymoot(
                "PutSignRules",
                Map.of(
                        "KeyId",
                        bank,
                        "Rules",
                        "{\"transactions\":{\"chains\":[1337],\"recipients\":[\"" + A
                                + "\"],\"maxValue\":\"600000000000000000\",\"lease\":true}}"));
        CommandRun run = pay();
        assertThat(run.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(run.err()).contains("do not allow the recipient " + B);
        assertThat(balance(A)).isEqualTo(HALF);
        assertThat(balance(B)).isEqualTo(BigInteger.ZERO);
    }

    @Test
    void refusesToBeginWithoutEnoughMoney() {
        chain.balances.put(payer, TestChain.ETHER);
        CommandRun run = pay();
        assertThat(run.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(run.err()).contains("for gas");
        assertThat(journal()).doesNotExist();
    }
}

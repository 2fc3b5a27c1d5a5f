package org.keymoot.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.Transaction;
import org.keymoot.cli.aws.KmsClient;
import org.keymoot.cli.ethereum.Amounts;
import org.keymoot.cli.ethereum.EthereumNode;
import org.keymoot.cli.ethereum.EthereumSigner;
import org.keymoot.cli.fund.Funding;
import org.keymoot.cli.fund.Journal;
import org.keymoot.cli.fund.NonceLease;
import org.keymoot.cli.fund.Payment;
import org.keymoot.cli.provision.AgentKey;
import org.keymoot.cli.provision.RolesFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Sends gas money from a key to agents' addresses, each once.
@Command(
        name = "fund",
        description = "Send gas money from a key of the endpoint to agents' addresses; resumed, it pays nobody twice.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot fund --rpc http://127.0.0.1:8545 --from alias/bank --amount 0.5 --environment staging --dry-run",
            "  keymoot fund --rpc http://127.0.0.1:8545 --from alias/bank --amount 0.5 --below 0.15"
                    + " --environment staging --yes --reason weekly",
            "",
        })
final class FundCommand extends BaseCommand {
    private static final BigInteger TRANSFER_GAS = BigInteger.valueOf(21_000);

    @Mixin
    EndpointOption endpoint = new EndpointOption();

    @Mixin
    Confirmation confirmation = new Confirmation();

    @Option(names = "--rpc", required = true, paramLabel = "URL", description = "JSON-RPC address of the chain's node.")
    URI rpc = URI.create("");

    @Option(names = "--from", required = true, paramLabel = "KEY", description = "Id, ARN or alias of the paying key.")
    String from = "";

    @Option(
            names = "--amount",
            required = true,
            paramLabel = "AMOUNT",
            description = "What each address gets, in ether unless a unit follows.")
    String amount = "";

    @Option(
            names = "--below",
            paramLabel = "AMOUNT",
            description = "Pay only addresses that have less than this, and fill them up to --amount.")
    @Nullable String below;

    @Option(
            names = "--environment",
            paramLabel = "NAME",
            description = "Pay the signers of this environment; may be given several times.")
    List<String> environments = new ArrayList<>();

    @Option(names = "--network", paramLabel = "NAME", description = "Of the keys' names, only those of this network.")
    @Nullable String network;

    @Option(names = "--roles", paramLabel = "FILE", description = "As for `keymoot provision agents`.")
    @Nullable Path roles;

    @Option(names = "--to", paramLabel = "ADDRESS", description = "Pay this address; may be given several times.")
    List<String> addresses = new ArrayList<>();

    @Option(names = "--dry-run", description = "Show balances and what would be paid; sign nothing.")
    boolean dryRun;

    @Option(
            names = "--journal",
            paramLabel = "FILE",
            description = "Where payments are written down (default: .keymoot/fund-CHAIN-ADDRESS.json).")
    @Nullable Path journalFile;

    @Option(names = "--bump", description = "Sign again, with a higher fee, what waits in the chain's pool.")
    boolean bump;

    @Option(
            names = "--pay-again",
            description = "Pay again what was displaced by other transactions of the key; check first that it was.")
    boolean payAgain;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "How long to wait for receipts (default: ${DEFAULT-VALUE}).")
    int waitSeconds = 120;

    /// Whom to pay.
    private record Recipient(String name, Address address) {}

    /// A recipient's line on the screen.
    private record Line(Recipient recipient, BigInteger balance, BigInteger payment) {}

    @Override
    public Integer call() throws IOException {
        if (environments.isEmpty() && addresses.isEmpty()) {
            throw new CliFailure(ExitCode.USAGE, "nobody is to be paid", "give --environment or --to");
        }
        try (KmsClient kms = endpoint.connect();
                EthereumNode node = new EthereumNode(rpc)) {
            EthereumSigner signer = EthereumSigner.open(kms, from);
            BigInteger chainId = node.chainId();
            Path file = journalFile != null
                    ? journalFile
                    : Path.of(
                            ".keymoot",
                            "fund-%s-%s.json"
                                    .formatted(chainId, signer.address().digits()));
            try (FileChannel lock = Journal.lock(file)) {
                Journal open = Journal.open(file, lock);
                if (open != null) {
                    requireSame(open, chainId, signer, file);
                    return dryRun ? show(open) : resume(open, node, signer, kms);
                }
                return begin(file, lock, node, signer, kms, chainId);
            }
        }
    }

    private int begin(
            Path file, FileChannel lock, EthereumNode node, EthereumSigner signer, KmsClient kms, BigInteger chainId)
            throws IOException {
        List<Line> lines = plan(node, recipients(kms, signer));
        BigInteger bank = node.balance(signer.address());
        BigInteger sum = lines.stream().map(Line::payment).reduce(BigInteger.ZERO, BigInteger::add);
        List<Line> paid =
                lines.stream().filter(line -> line.payment().signum() > 0).toList();
        Transaction.Fee fee = node.fee();
        BigInteger gas = fee.mostPerGas().multiply(TRANSFER_GAS).multiply(BigInteger.valueOf(paid.size()));
        if (dryRun || paid.isEmpty()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("chainId", chainId.toString());
            json.put("from", signer.address().checksummed());
            json.put("balance", bank.toString());
            json.put("fee", fee instanceof Transaction.Dynamic ? "eip-1559" : "legacy");
            json.put("sum", sum.toString());
            json.put("mostGas", gas.toString());
            json.put("recipients", lines.stream().map(FundCommand::json).toList());
            output.result(
                    out(), json, () -> table(lines) + "\n" + summary(signer, chainId, bank, paid.size(), sum, gas));
            return ExitCode.OK.code();
        }
        if (!output.json) {
            out().println(table(lines));
            out().flush();
        }
        if (bank.compareTo(sum.add(gas)) < 0) {
            throw new CliFailure(
                    ExitCode.CONFLICT,
                    "%s has %s ether, the payments need %s and up to %s for gas"
                            .formatted(signer.address(), Amounts.ether(bank), Amounts.ether(sum), Amounts.ether(gas)),
                    "pay it some more, or lower --amount");
        }
        String reason = confirmation.require(
                summary(signer, chainId, bank, paid.size(), sum, gas), "send " + Amounts.ether(sum));
        Journal journal = Journal.create(
                file,
                lock,
                chainId,
                signer.address(),
                reason,
                paid.stream()
                        .map(line -> Payment.planned(
                                line.recipient().name(), line.recipient().address(), line.payment()))
                        .toList());
        return carryOut(journal, node, signer, kms);
    }

    private int resume(Journal journal, EthereumNode node, EthereumSigner signer, KmsClient kms) throws IOException {
        long open = journal.payments().stream()
                .filter(payment -> payment.state() != Payment.State.PAID)
                .count();
        tell("going on with an unfinished run of %d payments, %d of them open; this run's own --amount and addresses"
                        .formatted(journal.payments().size(), open)
                + " are not looked at");
        confirmation.require("Finish the run that was begun before?", "finish");
        return carryOut(journal, node, signer, kms);
    }

    private int carryOut(Journal journal, EthereumNode node, EthereumSigner signer, KmsClient kms) throws IOException {
        BigInteger next = node.transactionCount(signer.address(), "pending");
        try (NonceLease lease = NonceLease.take(
                kms,
                signer.keyArn(),
                journal.chainId(),
                "fund:" + journal.id(),
                next,
                InstantSource.system(),
                this::tell)) {
            Funding funding = new Funding(node, signer, journal, lease, Duration.ofSeconds(waitSeconds), this::tell);
            if (payAgain) {
                funding.payAgain();
            }
            funding.run(bump);
        }
        return show(journal);
    }

    private List<Recipient> recipients(KmsClient kms, EthereumSigner payer) throws IOException {
        List<Recipient> all = new ArrayList<>();
        for (AgentKey key : AgentKey.all(RolesFile.read(roles), environments)) {
            boolean pays = !key.role().endsWith("-attestation");
            if (pays && network == null && !key.network().isEmpty()) {
                throw new CliFailure(
                        ExitCode.USAGE, "the keys are of several networks", "give --network, the one of --rpc");
            }
            if (pays && (network == null || key.network().equals(network))) {
                all.add(new Recipient(
                        key.name(), EthereumSigner.open(kms, key.alias()).address()));
            }
        }
        for (String text : addresses) {
            try {
                Address address = Address.parse(text);
                all.add(new Recipient(address.checksummed(), address));
            } catch (InvalidEthereumData e) {
                throw new CliFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), "correct --to", e);
            }
        }
        all.removeIf(recipient -> recipient.address().equals(payer.address()));
        Map<Address, Recipient> once = new LinkedHashMap<>();
        all.forEach(recipient -> once.putIfAbsent(recipient.address(), recipient));
        if (once.isEmpty()) {
            throw new CliFailure(ExitCode.USAGE, "nobody is to be paid", "check --environment, --network and --to");
        }
        return List.copyOf(once.values());
    }

    private List<Line> plan(EthereumNode node, List<Recipient> recipients) {
        BigInteger full = Amounts.parse(amount, "ether");
        BigInteger least = below == null ? null : Amounts.parse(below, "ether");
        List<Line> lines = new ArrayList<>();
        for (Recipient recipient : recipients) {
            BigInteger balance = node.balance(recipient.address());
            BigInteger payment = least == null
                    ? full
                    : balance.compareTo(least) < 0 ? full.subtract(balance).max(BigInteger.ZERO) : BigInteger.ZERO;
            lines.add(new Line(recipient, balance, payment));
        }
        return lines;
    }

    private static void requireSame(Journal journal, BigInteger chainId, EthereumSigner signer, Path file) {
        if (!journal.chainId().equals(chainId) || !journal.from().equals(signer.address())) {
            throw new CliFailure(
                    ExitCode.CONFLICT,
                    "the journal %s is of chain %s and payer %s".formatted(file, journal.chainId(), journal.from()),
                    "finish that run first, or name another --journal");
        }
    }

    private int show(Journal journal) {
        List<Payment> payments = journal.payments();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("chainId", journal.chainId().toString());
        json.put("from", journal.from().checksummed());
        json.put(
                "payments",
                payments.stream()
                        .map(payment -> {
                            Map<String, Object> line = new LinkedHashMap<>();
                            line.put("name", payment.name());
                            line.put("to", payment.to().checksummed());
                            line.put("amount", payment.amount().toString());
                            line.put("state", payment.state().name());
                            line.put(
                                    "transactions",
                                    payment.everSigned().stream()
                                            .map(Payment.Attempt::hash)
                                            .toList());
                            return line;
                        })
                        .toList());
        output.result(
                out(),
                json,
                () -> payments.stream()
                        .map(payment -> "%-9s %s ether to %s %s"
                                .formatted(
                                        payment.state(), Amounts.ether(payment.amount()), payment.to(), payment.name()))
                        .collect(Collectors.joining("\n")));
        if (payments.stream().anyMatch(payment -> payment.state() == Payment.State.DISPLACED)) {
            tell(
                    "what was displaced was not paid by this key's transaction; look at a block explorer, then add --pay-again");
            return ExitCode.CONFLICT.code();
        }
        if (payments.stream().anyMatch(payment -> payment.state() == Payment.State.FAILED)) {
            return ExitCode.CONFLICT.code();
        }
        boolean done = payments.stream().allMatch(payment -> payment.state() == Payment.State.PAID);
        return (done || dryRun ? ExitCode.OK : ExitCode.RETRY_LATER).code();
    }

    private static Map<String, String> json(Line line) {
        Map<String, String> json = new LinkedHashMap<>();
        json.put("name", line.recipient().name());
        json.put("address", line.recipient().address().checksummed());
        json.put("balance", line.balance().toString());
        json.put("payment", line.payment().toString());
        return json;
    }

    private static String summary(
            EthereumSigner signer, BigInteger chainId, BigInteger bank, int count, BigInteger sum, BigInteger gas) {
        return "%d payments, %s ether in all and at most %s for gas, from %s with %s ether on chain %s"
                .formatted(
                        count, Amounts.ether(sum), Amounts.ether(gas), signer.address(), Amounts.ether(bank), chainId);
    }

    private static String table(List<Line> lines) {
        return AsciiTable.builder()
                .border(AsciiTable.NO_BORDERS)
                .data(
                        lines,
                        List.of(
                                column("NAME", line -> line.recipient().name()),
                                column(
                                        "ADDRESS",
                                        line -> line.recipient().address().checksummed()),
                                column("BALANCE", line -> Amounts.ether(line.balance())),
                                column("PAYMENT", line -> Amounts.ether(line.payment()))))
                .asString()
                .lines()
                .map(String::stripTrailing)
                .collect(Collectors.joining("\n"));
    }

    private static ColumnData<Line> column(String header, Function<Line, String> part) {
        return new Column()
                .header(header)
                .headerAlign(HorizontalAlign.LEFT)
                .dataAlign(HorizontalAlign.LEFT)
                .maxWidth(100)
                .with(part::apply);
    }
}

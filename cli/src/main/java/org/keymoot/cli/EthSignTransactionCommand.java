package org.keymoot.cli;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.ethereum.Hex;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.SignedTransaction;
import org.keymoot.access.ethereum.Transaction;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.cli.aws.KmsClient;
import org.keymoot.cli.ethereum.Amounts;
import org.keymoot.cli.ethereum.EthereumNode;
import org.keymoot.cli.ethereum.EthereumSigner;
import org.keymoot.cli.ethereum.RpcRefusal;
import org.keymoot.cli.ethereum.TransactionJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Signs a transaction and prints it as nodes take it; sends nothing.
@Command(
        name = "sign-tx",
        description = "Sign a transaction (legacy with EIP-155, EIP-2930 or EIP-1559); prints the raw transaction.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot eth sign-tx alias/bank --chain-id 1 --nonce 0 --to 0x… --value 0.5 --max-fee 30gwei"
                    + " --priority-fee 1gwei",
            "  keymoot eth sign-tx alias/bank --rpc http://127.0.0.1:8545 --to 0x… --value 0.5",
            "  keymoot eth sign-tx alias/bank --unsigned 0x02e7…",
            "  keymoot eth sign-tx alias/bank --file transaction.json --json",
            "",
            "With --rpc the node is asked for what is left out: chain, nonce, gas limit and fee. It is believed;",
            "look at what --json shows, or give a key sign rules with the most that it may pay.",
            "",
        })
final class EthSignTransactionCommand extends BaseCommand {
    private static final BigInteger PLAIN_TRANSFER_GAS = BigInteger.valueOf(21_000);

    @Mixin
    EndpointOption endpoint = new EndpointOption();

    @Parameters(paramLabel = "KEY", description = "Id, ARN or alias of the key.")
    String key = "";

    @Option(names = "--unsigned", paramLabel = "HEX", description = "The whole unsigned transaction in RLP.")
    @Nullable String unsigned;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "The transaction as the JSON of eth_signTransaction; - for stdin.")
    @Nullable Path file;

    @Option(
            names = "--rpc",
            paramLabel = "URL",
            description = "JSON-RPC address of a node that is asked for what is not given; nothing is sent.")
    @Nullable URI rpc;

    @Option(names = "--chain-id", paramLabel = "NUMBER", description = "The chain.")
    @Nullable BigInteger chainId;

    @Option(names = "--nonce", paramLabel = "NUMBER", description = "The sender's nonce.")
    @Nullable BigInteger nonce;

    @Option(names = "--to", paramLabel = "ADDRESS", description = "The recipient; left out to make a contract.")
    @Nullable String to;

    @Option(names = "--value", paramLabel = "AMOUNT", description = "In ether unless a unit follows (default: 0).")
    String value = "0";

    @Option(names = "--data", paramLabel = "HEX", description = "What the contract is called with.")
    String data = "";

    @Option(
            names = "--gas",
            paramLabel = "NUMBER",
            description = "Gas limit (default: the node's estimate, without --rpc 21000, a plain transfer's).")
    @Nullable BigInteger gas;

    @Option(
            names = "--gas-price",
            paramLabel = "AMOUNT",
            description = "Makes it legacy; in gwei unless a unit follows.")
    @Nullable String gasPrice;

    @Option(names = "--max-fee", paramLabel = "AMOUNT", description = "Makes it EIP-1559; in gwei.")
    @Nullable String maxFee;

    @Option(names = "--priority-fee", paramLabel = "AMOUNT", description = "The block maker's share; in gwei.")
    @Nullable String priorityFee;

    @Option(names = "--lease-holder", paramLabel = "NAME", description = "Who holds the key's nonce lease.")
    @Nullable String leaseHolder;

    @Override
    public Integer call() throws IOException {
        if (rpc != null && (unsigned != null || file != null)) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "--rpc fills in what the options leave out, and not a file",
                    "give the transaction by options, or leave --rpc out");
        }
        try {
            // What is given as a whole is read before anything is asked.
            Transaction whole = rpc == null ? transaction() : null;
            try (KmsClient kms = endpoint.connect()) {
                EthereumSigner signer = EthereumSigner.open(kms, key);
                show(signer, signer.sign(whole != null ? whole : filledIn(signer.address()), leaseHolder));
            }
        } catch (InvalidEthereumData | IllegalArgumentException e) {
            throw new CliFailure(
                    ExitCode.USAGE, String.valueOf(e.getMessage()), "correct the transaction; nothing was signed", e);
        }
        return ExitCode.OK.code();
    }

    private void show(EthereumSigner signer, SignedTransaction signed) {
        Transaction transaction = signed.transaction();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("from", signer.address().checksummed());
        json.put("hash", Hex.of(signed.hash()));
        json.put("raw", Hex.of(signed.encode()));
        json.put("r", Hex.of(signed.signature().r()));
        json.put("s", Hex.of(signed.signature().s()));
        json.put("v", signed.v().toString());
        json.put("nonce", transaction.nonce().toString());
        json.put("gas", transaction.gasLimit().toString());
        json.put("mostSpent", transaction.mostSpent().toString());
        output.result(out(), json, () -> Hex.of(signed.encode()));
    }

    private Transaction transaction() throws IOException, InvalidEthereumData {
        if (unsigned != null) {
            return Transaction.decodeUnsigned(Hex.bytes(unsigned));
        }
        if (file != null) {
            try {
                return TransactionJson.read(
                        JsonReader.read(new String(PayloadInput.read(file), StandardCharsets.UTF_8)), chainId);
            } catch (InvalidJsonException e) {
                throw new InvalidEthereumData("%s is no JSON: %s".formatted(file, e.getMessage()));
            }
        }
        if (chainId == null || nonce == null) {
            throw new InvalidEthereumData(
                    "a transaction needs --chain-id and --nonce, or --rpc, or --unsigned, or --file");
        }
        Transaction.Fee fee = fee();
        if (fee == null) {
            throw new InvalidEthereumData(
                    "a transaction needs --gas-price, or --max-fee with --priority-fee, or --rpc");
        }
        return transaction(chainId, nonce, fee, gas == null ? PLAIN_TRANSFER_GAS : gas);
    }

    /// Asks the node for what is left out.
    private Transaction filledIn(Address from) throws InvalidEthereumData {
        try (EthereumNode node = new EthereumNode(Objects.requireNonNull(rpc))) {
            BigInteger chain = node.chainId();
            if (chainId != null && !chainId.equals(chain)) {
                throw new CliFailure(
                        ExitCode.CONFLICT,
                        "the node is of chain %s, not %s".formatted(chain, chainId),
                        "correct --rpc or --chain-id; nothing was signed");
            }
            Transaction.Fee given = fee();
            Transaction draft = transaction(
                    chain,
                    nonce != null ? nonce : node.transactionCount(from, "pending"),
                    given != null ? given : node.fee(),
                    PLAIN_TRANSFER_GAS);
            return transaction(
                    chain,
                    draft.nonce(),
                    draft.fee(),
                    gas != null ? gas : node.estimateGas(from, draft.to(), draft.value(), draft.data()));
        } catch (RpcRefusal e) {
            throw new CliFailure(
                    ExitCode.CONFLICT,
                    "the node refused " + e.getMessage(),
                    "correct the transaction, or give --gas; nothing was signed",
                    e);
        }
    }

    private Transaction transaction(BigInteger chain, BigInteger number, Transaction.Fee fee, BigInteger gasLimit)
            throws InvalidEthereumData {
        return new Transaction(
                chain,
                number,
                fee,
                gasLimit,
                to == null ? null : Address.parse(to),
                Amounts.parse(value, "ether"),
                HexFormat.of().formatHex(Hex.bytes(data)),
                List.of());
    }

    /// Null when none is given.
    private Transaction.@Nullable Fee fee() throws InvalidEthereumData {
        if (gasPrice == null && maxFee == null && priorityFee == null) {
            return null;
        }
        if (gasPrice != null && maxFee == null && priorityFee == null) {
            return new Transaction.Legacy(Amounts.parse(gasPrice, "gwei"));
        }
        if (gasPrice == null && maxFee != null && priorityFee != null) {
            return new Transaction.Dynamic(Amounts.parse(priorityFee, "gwei"), Amounts.parse(maxFee, "gwei"));
        }
        throw new InvalidEthereumData("a transaction needs --gas-price, or --max-fee with --priority-fee");
    }
}

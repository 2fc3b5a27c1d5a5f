package org.keymoot.cli;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.keymoot.cli.ethereum.EthereumSigner;
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
            "  keymoot eth sign-tx alias/bank --unsigned 0x02e7…",
            "  keymoot eth sign-tx alias/bank --file transaction.json --json",
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

    @Option(names = "--gas", paramLabel = "NUMBER", description = "Gas limit (default: 21000, a plain transfer's).")
    BigInteger gas = PLAIN_TRANSFER_GAS;

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
        Transaction transaction;
        try {
            transaction = transaction();
        } catch (InvalidEthereumData | IllegalArgumentException e) {
            throw new CliFailure(
                    ExitCode.USAGE, String.valueOf(e.getMessage()), "correct the transaction; nothing was signed", e);
        }
        try (KmsClient kms = endpoint.connect()) {
            EthereumSigner signer = EthereumSigner.open(kms, key);
            SignedTransaction signed = signer.sign(transaction, leaseHolder);
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("from", signer.address().checksummed());
            json.put("hash", Hex.of(signed.hash()));
            json.put("raw", Hex.of(signed.encode()));
            json.put("r", Hex.of(signed.signature().r()));
            json.put("s", Hex.of(signed.signature().s()));
            json.put("v", signed.v().toString());
            output.result(out(), json, () -> Hex.of(signed.encode()));
        }
        return ExitCode.OK.code();
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
            throw new InvalidEthereumData("a transaction needs --chain-id and --nonce, or --unsigned, or --file");
        }
        return new Transaction(
                chainId,
                nonce,
                fee(),
                gas,
                to == null ? null : Address.parse(to),
                Amounts.parse(value, "ether"),
                HexFormat.of().formatHex(Hex.bytes(data)),
                List.of());
    }

    private Transaction.Fee fee() throws InvalidEthereumData {
        if (gasPrice != null && maxFee == null && priorityFee == null) {
            return new Transaction.Legacy(Amounts.parse(gasPrice, "gwei"));
        }
        if (gasPrice == null && maxFee != null && priorityFee != null) {
            return new Transaction.Dynamic(Amounts.parse(priorityFee, "gwei"), Amounts.parse(maxFee, "gwei"));
        }
        throw new InvalidEthereumData("a transaction needs --gas-price, or --max-fee with --priority-fee");
    }
}

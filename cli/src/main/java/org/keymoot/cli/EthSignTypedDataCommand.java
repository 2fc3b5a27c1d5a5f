package org.keymoot.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.keymoot.access.ethereum.Hex;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.RecoverableSignature;
import org.keymoot.access.ethereum.TypedData;
import org.keymoot.cli.aws.KmsClient;
import org.keymoot.cli.ethereum.EthereumSigner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Signs typed structured data (EIP-712).
@Command(
        name = "sign-typed-data",
        description = "Sign typed data (EIP-712), given as the JSON of eth_signTypedData_v4.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot eth sign-typed-data alias/staging-updater-signer --file mail.json",
            "",
        })
final class EthSignTypedDataCommand extends BaseCommand {
    @Mixin
    EndpointOption endpoint = new EndpointOption();

    @Parameters(paramLabel = "KEY", description = "Id, ARN or alias of the key.")
    String key = "";

    @Option(names = "--file", paramLabel = "FILE", description = "The JSON; standard input if left out.")
    Path file = Path.of("-");

    @Override
    public Integer call() throws IOException {
        byte[] bytes = PayloadInput.read(file);
        try (KmsClient kms = endpoint.connect()) {
            TypedData data = TypedData.parse(bytes);
            byte[] digest = data.digest();
            EthereumSigner signer = EthereumSigner.open(kms, key);
            RecoverableSignature signature = signer.signTypedData(data, new String(bytes, StandardCharsets.UTF_8));
            Map<String, String> json = new LinkedHashMap<>();
            json.put("address", signer.address().checksummed());
            json.put("primaryType", data.primaryType());
            json.put("digest", Hex.of(digest));
            json.put("signature", Hex.of(signature.encode()));
            output.result(out(), json, () -> Hex.of(signature.encode()));
        } catch (InvalidEthereumData e) {
            throw new CliFailure(
                    ExitCode.USAGE, String.valueOf(e.getMessage()), "correct the typed data; nothing was signed", e);
        }
        return ExitCode.OK.code();
    }
}

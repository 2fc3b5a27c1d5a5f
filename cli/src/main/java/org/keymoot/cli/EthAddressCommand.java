package org.keymoot.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.keymoot.cli.aws.KmsClient;
import org.keymoot.cli.ethereum.EthereumSigner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// The address of each key.
@Command(
        name = "address",
        description = "Show the Ethereum address of keys, with the checksum of EIP-55.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot eth address alias/staging-updater-signer",
            "  keymoot eth address alias/a alias/b --json",
            "",
        })
final class EthAddressCommand extends BaseCommand {
    @Mixin
    EndpointOption endpoint = new EndpointOption();

    @Parameters(arity = "1..*", paramLabel = "KEY", description = "Id, ARN or alias of a key.")
    List<String> keys = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        List<Map<String, String>> found = new ArrayList<>();
        try (KmsClient kms = endpoint.connect()) {
            for (String key : keys) {
                EthereumSigner signer = EthereumSigner.open(kms, key);
                Map<String, String> line = new LinkedHashMap<>();
                line.put("key", key);
                line.put("arn", signer.keyArn());
                line.put("address", signer.address().checksummed());
                found.add(line);
            }
        }
        output.result(
                out(),
                Map.of("addresses", found),
                () -> found.stream().map(line -> line.get("address")).collect(Collectors.joining("\n")));
        return ExitCode.OK.code();
    }
}

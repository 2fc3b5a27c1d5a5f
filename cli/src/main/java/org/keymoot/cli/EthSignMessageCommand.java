package org.keymoot.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.Hex;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.PersonalMessage;
import org.keymoot.access.ethereum.RecoverableSignature;
import org.keymoot.cli.aws.KmsClient;
import org.keymoot.cli.ethereum.EthereumSigner;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Signs a message as wallets do (EIP-191).
@Command(
        name = "sign-message",
        description = "Sign a personal message (EIP-191); prints r, s and v in 65 bytes.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot eth sign-message alias/staging-updater-signer --message hello",
            "  keymoot eth sign-message alias/staging-updater-signer --hex 0x68656c6c6f",
            "  keymoot eth sign-message alias/staging-updater-signer --file - < message.txt",
            "",
        })
final class EthSignMessageCommand extends BaseCommand {
    @Mixin
    EndpointOption endpoint = new EndpointOption();

    @Parameters(paramLabel = "KEY", description = "Id, ARN or alias of the key.")
    String key = "";

    @ArgGroup(multiplicity = "1")
    Source source = new Source();

    /// Where the message comes from.
    static final class Source {
        @Option(names = "--message", paramLabel = "TEXT", description = "The message.")
        @Nullable String message;

        @Option(names = "--hex", paramLabel = "HEX", description = "The message's bytes in hexadecimal.")
        @Nullable String hex;

        @Option(names = "--file", paramLabel = "FILE", description = "A file that holds the message; - for stdin.")
        @Nullable Path file;

        byte[] bytes() throws IOException {
            if (file != null) {
                return PayloadInput.read(file);
            }
            if (hex == null) {
                return message == null ? new byte[0] : message.getBytes(StandardCharsets.UTF_8);
            }
            try {
                return Hex.bytes(hex);
            } catch (InvalidEthereumData e) {
                throw new CliFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), "check what follows --hex", e);
            }
        }
    }

    @Override
    public Integer call() throws IOException {
        byte[] message = source.bytes();
        try (KmsClient kms = endpoint.connect()) {
            EthereumSigner signer = EthereumSigner.open(kms, key);
            RecoverableSignature signature = signer.signMessage(message);
            Map<String, String> json = new LinkedHashMap<>();
            json.put("address", signer.address().checksummed());
            json.put("digest", Hex.of(PersonalMessage.digest(message)));
            json.put("signature", Hex.of(signature.encode()));
            output.result(out(), json, () -> Hex.of(signature.encode()));
        }
        return ExitCode.OK.code();
    }
}

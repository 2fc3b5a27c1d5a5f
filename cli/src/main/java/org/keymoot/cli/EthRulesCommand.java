package org.keymoot.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.SignRules;
import org.keymoot.cli.aws.KmsClient;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// Shows, sets or removes the sign rules of a key.
@Command(
        name = "rules",
        description = "Show the sign rules of a key; --file sets them, --delete removes them.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot eth rules alias/staging-updater-attestation",
            "  keymoot eth rules alias/staging-updater-attestation --file rules.json",
            "  keymoot eth rules alias/staging-updater-attestation --delete --yes --reason 'agent retired'",
            "",
        })
final class EthRulesCommand extends BaseCommand {
    @Mixin
    EndpointOption endpoint = new EndpointOption();

    @Mixin
    Confirmation confirmation = new Confirmation();

    @Parameters(paramLabel = "KEY", description = "Id, ARN or alias of the key.")
    String key = "";

    @ArgGroup
    @Nullable Change change;

    /// What is to become of the rules.
    static final class Change {
        @Option(names = "--file", paramLabel = "FILE", description = "The new rules, JSON; - for stdin.")
        @Nullable Path file;

        @Option(names = "--delete", description = "Remove the rules: the key then signs any digest.")
        boolean delete;
    }

    @Override
    public Integer call() throws IOException {
        Change wanted = change;
        try (KmsClient kms = endpoint.connect()) {
            if (wanted == null) {
                JsonNode answer = kms.keymoot("GetSignRules", Map.of("KeyId", key));
                String rules = answer.path("Rules").asString("");
                output.result(out(), Map.of("keyId", answer.path("KeyId").asString(""), "rules", rules), () -> rules);
            } else if (wanted.delete) {
                confirmation.require("Without rules the key signs any digest.", "delete");
                kms.keymoot("DeleteSignRules", Map.of("KeyId", key));
                output.result(out(), Map.of("deleted", true), () -> "the rules are removed");
            } else if (wanted.file != null) {
                set(kms, new String(PayloadInput.read(wanted.file), StandardCharsets.UTF_8));
            }
        }
        return ExitCode.OK.code();
    }

    private void set(KmsClient kms, String rules) {
        try {
            SignRules.parse(rules);
        } catch (InvalidEthereumData e) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "the rules are not valid: " + e.getMessage(),
                    "correct them; the guide on Ethereum describes each member",
                    e);
        }
        kms.keymoot("PutSignRules", Map.of("KeyId", key, "Rules", rules));
        output.result(out(), Map.of("set", true), () -> "the rules are set; the parties keep them from now on");
    }
}

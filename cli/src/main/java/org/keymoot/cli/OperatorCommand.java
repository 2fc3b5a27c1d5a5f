package org.keymoot.cli;

import picocli.CommandLine.Command;

/// Groups the commands about operators.
@Command(
        name = "operator",
        description = "Become an operator of a cluster, for `status`, `audit verify` and `party release`.",
        subcommands = {JoinCommand.Operator.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot operator join --authority ca.example:7443 --fingerprint 9c1e-… --cluster prod --name alice --out alice",
            "",
        })
final class OperatorCommand extends BaseCommand {}

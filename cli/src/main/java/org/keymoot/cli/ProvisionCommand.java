package org.keymoot.cli;

import picocli.CommandLine.Command;

/// Groups the commands that make keys for others.
@Command(
        name = "provision",
        description = "Make the keys that others need, and show what is there.",
        subcommands = ProvisionAgentsCommand.class,
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot provision agents --environment staging --environment production",
            "",
        })
final class ProvisionCommand extends BaseCommand {}

package org.keymoot.cli;

import picocli.CommandLine.Command;

/// Groups the commands about audit chains.
@Command(
        name = "audit",
        description = "Check and read the parties' audit chains.",
        subcommands = {AuditVerifyCommand.class, AuditExportCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot audit verify",
            "  keymoot audit export --out events.json.gz",
            "",
        })
final class AuditCommand extends BaseCommand {}

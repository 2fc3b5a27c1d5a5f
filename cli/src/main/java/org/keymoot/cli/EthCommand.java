package org.keymoot.cli;

import picocli.CommandLine.Command;

/// Groups the commands that use keys as Ethereum accounts.
@Command(
        name = "eth",
        description = "Use keys as Ethereum accounts: addresses, signatures, sign rules and nonces.",
        subcommands = {
            EthAddressCommand.class,
            EthSignTransactionCommand.class,
            EthSignMessageCommand.class,
            EthSignTypedDataCommand.class,
            EthRulesCommand.class,
            EthLeaseCommand.class,
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot eth address alias/staging-updater-signer",
            "  keymoot eth sign-message alias/staging-updater-signer --message hello",
            "",
        })
final class EthCommand extends BaseCommand {}

package org.keymoot.cli;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.keymoot.api.gateway.v1.RecoverWithoutAnswer;
import org.keymoot.api.gateway.v1.RecoverWithoutRequest;
import org.keymoot.api.gateway.v1.ReleasePairAnswer;
import org.keymoot.api.gateway.v1.ReleasePairRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Groups the commands about parties.
@Command(
        name = "party",
        description = "Run a party, join it to a cluster, end a quarantine.",
        subcommands = {
            PartyCommand.Run.class,
            PartyCommand.Release.class,
            PartyCommand.Recover.class,
            JoinCommand.Party.class
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot party run --config /etc/keymoot/party.yaml",
            "  keymoot party join --authority ca.example:7443 --fingerprint 9c1e-… --cluster prod --index 3 --out /var/lib/keymoot/identity",
            "  keymoot party release --of 1 2 --reason \"disk replaced\"",
            "  keymoot party recover --of 2 --without 1 --reason \"machine lost\"",
            "",
        })
final class PartyCommand extends BaseCommand {
    /// Runs a party in place of this process's work.
    @Command(
            name = "run",
            description = "Run a party until it is told to stop.",
            footerHeading = "Examples:%n",
            footer = {
                "  keymoot party run --config /etc/keymoot/party.yaml",
                "",
            })
    static final class Run extends BaseCommand {
        @Option(names = "--config", required = true, paramLabel = "FILE", description = "The party's settings, YAML.")
        Path config = Path.of("");

        @Override
        public Integer call() throws Exception {
            return KmsCommand.runProgram(Program.PARTY, config);
        }
    }

    /// Ends the quarantine of a pair at one of its parties.
    @Command(
            name = "release",
            description =
                    "Drop a pair's burned set-up so that a new one is made. Both parties of the pair must be told.",
            footerHeading = "Examples:%n",
            footer = {
                "  keymoot party release --of 1 2 --reason \"tampered disk replaced\"     at party 1, its pair with 2",
                "  keymoot party release --of 2 1 --reason \"tampered disk replaced\"     at party 2, its pair with 1",
                "",
            })
    static final class Release extends BaseCommand {
        @Mixin
        ClusterOption which = new ClusterOption();

        @Option(names = "--of", required = true, paramLabel = "PARTY", description = "The party to tell.")
        int party;

        @Parameters(paramLabel = "PEER", description = "The other party of the pair.")
        int peer;

        @Option(names = "--reason", required = true, description = "Why; it goes into the audit chain.")
        String reason = "";

        @Override
        public Integer call() throws IOException {
            OperatedCluster cluster = which.cluster();
            if (peer == party || !cluster.partyIndices().contains(peer)) {
                throw new CliFailure(
                        ExitCode.USAGE,
                        "party %d is no peer of party %d".formatted(peer, party),
                        "name one of the other parties that `keymoot status` lists");
            }
            try (OperatorClient client = cluster.connect(party)) {
                ReleasePairAnswer answer = client.calls()
                        .releasePair(ReleasePairRequest.newBuilder()
                                .setPeer(peer)
                                .setReason(reason)
                                .build());
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("party", party);
                json.put("peer", peer);
                json.put("released", answer.getReleased());
                json.put("detail", answer.getDetail());
                output.result(out(), json, answer::getDetail);
                return (answer.getReleased() ? ExitCode.OK : ExitCode.CONFLICT).code();
            } catch (StatusRuntimeException e) {
                throw new CliFailure(
                        ExitCode.NOT_ENOUGH_PARTIES,
                        "party %d: %s".formatted(party, OperatorClient.reason(e)),
                        "start it, and see its log",
                        e);
            }
        }
    }

    /// Lets a party that recovers go on without one that is gone for good.
    @Command(
            name = "recover",
            description =
                    "Let a recovering party go on without one that is gone for good, and what only that one knew.",
            footerHeading = "Examples:%n",
            footer = {
                "  keymoot party recover --of 2 --without 1 --reason \"machine lost\"     party 2 waits for 1 no more",
                "",
            })
    static final class Recover extends BaseCommand {
        @Mixin
        ClusterOption which = new ClusterOption();

        @Option(names = "--of", required = true, paramLabel = "PARTY", description = "The party that recovers.")
        int party;

        @Option(names = "--without", required = true, paramLabel = "PEER", description = "The party that is gone.")
        int peer;

        @Option(names = "--reason", required = true, description = "Why; it goes into the audit chain.")
        String reason = "";

        @Override
        public Integer call() throws IOException {
            try (OperatorClient client = which.cluster().connect(party)) {
                RecoverWithoutAnswer answer = client.calls()
                        .recoverWithout(RecoverWithoutRequest.newBuilder()
                                .setPeer(peer)
                                .setReason(reason)
                                .build());
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("party", party);
                json.put("without", peer);
                json.put("givenUp", answer.getGivenUp());
                json.put("detail", answer.getDetail());
                output.result(out(), json, answer::getDetail);
                return (answer.getGivenUp() ? ExitCode.OK : ExitCode.CONFLICT).code();
            } catch (StatusRuntimeException e) {
                throw new CliFailure(
                        ExitCode.NOT_ENOUGH_PARTIES,
                        "party %d: %s".formatted(party, OperatorClient.reason(e)),
                        "start it, and see its log",
                        e);
            }
        }
    }
}

package org.keymoot.cli;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keymoot.api.gateway.v1.ContextEntry;
import org.keymoot.api.gateway.v1.SimulateAccessAnswer;
import org.keymoot.api.gateway.v1.SimulateAccessRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Groups the commands about who may do what.
@Command(
        name = "iam",
        description = "Find out who may do what, and what `aws iam` cannot: keys of identity providers and key pairs.",
        subcommands = {IamCommand.Simulate.class, IamCreateAccessKeyCommand.class, IamOidcKeysCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot iam simulate --principal arn:aws:iam::123456789012:user/alice --action kms:Sign --resource arn:aws:kms:…",
            "  keymoot iam create-access-key --asymmetric --user-name agent --save agent.credentials",
            "  keymoot iam oidc-keys --issuer https://oidc.example.org/id/7",
            "",
        })
final class IamCommand extends BaseCommand {
    /// Asks a party whether a principal may do something.
    @Command(
            name = "simulate",
            description = "Tell whether a principal may do something, and which statement decides.",
            footerHeading = "Examples:%n",
            footer = {
                "  keymoot iam simulate --principal arn:aws:iam::123456789012:user/alice --action kms:Sign \\",
                "      --resource arn:aws:kms:us-east-1:123456789012:key/… --context kms:SigningAlgorithm=ECDSA_SHA_256",
                "",
            })
    static final class Simulate extends BaseCommand {
        @Mixin
        ClusterOption which = new ClusterOption();

        @Option(names = "--principal", required = true, paramLabel = "ARN", description = "A user, a role or a root.")
        String principal = "";

        @Option(names = "--action", required = true, paramLabel = "ACTION", description = "Such as kms:Sign.")
        String action = "";

        @Option(names = "--resource", paramLabel = "ARN", description = "What it is done to (default: *).")
        String resource = "*";

        @Option(
                names = "--context",
                paramLabel = "KEY=VALUE",
                description = "A condition key of the request; may be given several times.")
        List<String> context = List.of();

        @Option(
                names = "--at",
                paramLabel = "PARTY",
                description = "The party to ask (default: the first that answers).")
        int at;

        @Override
        public Integer call() throws IOException {
            SimulateAccessRequest.Builder request = SimulateAccessRequest.newBuilder()
                    .setPrincipal(principal)
                    .setAction(action)
                    .setResource(resource);
            for (String entry : context) {
                int equals = entry.indexOf('=');
                if (equals < 1) {
                    throw new CliFailure(
                            ExitCode.USAGE, "--context wants KEY=VALUE, found '" + entry + "'", "write KEY=VALUE");
                }
                request.addContext(ContextEntry.newBuilder()
                        .setName(entry.substring(0, equals))
                        .setValue(entry.substring(equals + 1)));
            }
            SimulateAccessAnswer answer = ask(which.cluster(), request.build());
            if (!answer.getKnown()) {
                throw new CliFailure(
                        ExitCode.USAGE,
                        "there is no user, role or root " + principal,
                        "list them with `aws iam list-users` and `aws iam list-roles`");
            }
            boolean allowed = answer.getDecision().equals("allowed");
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("principal", principal);
            json.put("action", action);
            json.put("resource", resource);
            json.put("decision", answer.getDecision());
            json.put("decidedBy", answer.getDecidedBy());
            output.result(out(), json, () -> "%s: %s".formatted(answer.getDecision(), answer.getDecidedBy()));
            return (allowed ? ExitCode.OK : ExitCode.DENIED).code();
        }

        private SimulateAccessAnswer ask(OperatedCluster cluster, SimulateAccessRequest request) {
            List<Integer> asked = at == 0 ? cluster.partyIndices() : List.of(at);
            StatusRuntimeException last = null;
            for (int party : asked) {
                try (OperatorClient client = cluster.connect(party)) {
                    return client.calls().simulateAccess(request);
                } catch (StatusRuntimeException e) {
                    last = e;
                }
            }
            String why = last == null ? "none is asked" : OperatorClient.reason(last);
            throw new CliFailure(ExitCode.NOT_ENOUGH_PARTIES, "no party answers: " + why, "see `keymoot status`");
        }
    }
}

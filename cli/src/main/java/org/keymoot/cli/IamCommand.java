package org.keymoot.cli;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.keymoot.api.gateway.v1.ContextEntry;
import org.keymoot.api.gateway.v1.SimulateAccessAnswer;
import org.keymoot.api.gateway.v1.SimulateAccessRequest;
import org.keymoot.api.gateway.v1.SimulatedAccess;
import picocli.CommandLine.ArgGroup;
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
    /// Asks a party whether a principal may do something, or who may.
    @Command(
            name = "simulate",
            description =
                    "Tell whether a principal may do something, or who may use a key, and which statement decides.",
            footerHeading = "Examples:%n",
            footer = {
                "  keymoot iam simulate --principal arn:aws:iam::123456789012:user/alice --action kms:Sign \\",
                "      --resource arn:aws:kms:us-east-1:123456789012:key/… --context kms:SigningAlgorithm=ECDSA_SHA_256",
                "  keymoot iam simulate --principal arn:aws:iam::123456789012:role/agent --policy new.json \\",
                "      --action kms:Sign --action kms:GetPublicKey --resource arn:aws:kms:us-east-1:123456789012:key/…",
                "  keymoot iam simulate --key arn:aws:kms:us-east-1:123456789012:key/… --action kms:Sign",
                "",
                "It leaves out grants (`aws kms list-grants` shows them), which may allow more, and sign rules",
                "(`keymoot eth rules`), which allow less. Name the role of a session, not the session.",
                "",
            })
    static final class Simulate extends BaseCommand {
        @Mixin
        ClusterOption which = new ClusterOption();

        @ArgGroup(multiplicity = "1")
        Who who = new Who();

        /// One principal, or all.
        static final class Who {
            @Option(names = "--principal", paramLabel = "ARN", description = "A user, a role or a root.")
            String principal = "";

            @Option(
                    names = "--key",
                    paramLabel = "ARN",
                    description = "A key, to show every user and role, and the account's root, that may use it.")
            String key = "";
        }

        @Option(
                names = "--action",
                required = true,
                paramLabel = "ACTION",
                description = "Such as kms:Sign; may be given several times.")
        List<String> actions = List.of();

        @Option(names = "--resource", paramLabel = "ARN", description = "What it is done to (default: *).")
        String resource = "*";

        @Option(
                names = "--context",
                paramLabel = "KEY=VALUE",
                description = "A condition key of the request; may be given several times.")
        List<String> context = List.of();

        @Option(
                names = "--policy",
                paramLabel = "FILE",
                description =
                        "An identity policy that the principal is taken to have as well; may be given several times.")
        List<Path> policies = List.of();

        @Option(
                names = "--at",
                paramLabel = "PARTY",
                description = "The party to ask (default: the first that answers).")
        int at;

        /// A line of the result.
        private record Line(String action, SimulatedAccess access) {
            boolean allowed() {
                return access.getDecision().equals("allowed");
            }

            Map<String, Object> json(String resource) {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("principal", access.getPrincipal());
                json.put("action", action);
                json.put("resource", resource);
                json.put("decision", access.getDecision());
                json.put("decidedBy", access.getDecidedBy());
                return json;
            }
        }

        @Override
        public Integer call() throws IOException {
            boolean everybody = !who.key.isEmpty();
            if (everybody && !resource.equals("*")) {
                throw new CliFailure(ExitCode.USAGE, "--key is the resource", "leave --resource out");
            }
            SimulateAccessRequest.Builder request = SimulateAccessRequest.newBuilder()
                    .setPrincipal(who.principal)
                    .setResource(everybody ? who.key : resource);
            for (Path policy : policies) {
                request.addPolicies(new String(PayloadInput.read(policy), StandardCharsets.UTF_8));
            }
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
            OperatedCluster cluster = which.cluster();
            List<Line> lines = new ArrayList<>();
            for (String action : actions) {
                SimulateAccessAnswer answer =
                        ask(cluster, request.setAction(action).build());
                if (!answer.getKnown()) {
                    throw new CliFailure(
                            ExitCode.USAGE,
                            answer.getProblem(),
                            "list what there is with `aws iam list-users`, `aws iam list-roles` and `aws kms list-keys`");
                }
                answer.getResultsList().stream()
                        .map(access -> new Line(action, access))
                        .filter(line -> !everybody || line.allowed())
                        .forEach(lines::add);
            }
            show(request.getResource(), everybody, lines);
            boolean allowed = lines.stream().allMatch(Line::allowed);
            return (allowed ? ExitCode.OK : ExitCode.DENIED).code();
        }

        private void show(String asked, boolean everybody, List<Line> lines) {
            Map<String, Object> json = new LinkedHashMap<>();
            if (!everybody && lines.size() == 1) {
                json.putAll(lines.getFirst().json(asked));
            }
            json.put("results", lines.stream().map(line -> line.json(asked)).toList());
            output.result(
                    out(),
                    json,
                    () -> everybody && lines.isEmpty()
                            ? "nobody, by policies"
                            : lines.stream()
                                    .map(line -> "%s%s%s: %s"
                                            .formatted(
                                                    actions.size() > 1 ? line.action() + " " : "",
                                                    everybody ? line.access().getPrincipal() + " " : "",
                                                    line.access().getDecision(),
                                                    line.access().getDecidedBy()))
                                    .collect(Collectors.joining(System.lineSeparator())));
            if (asked.contains(":key/")) {
                tell("by policies alone: grants may allow more, sign rules less");
            }
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

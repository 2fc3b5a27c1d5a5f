package org.keymoot.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keymoot.cli.aws.KmsClient;
import org.keymoot.cli.provision.AgentKey;
import org.keymoot.cli.provision.AgentPolicies;
import org.keymoot.cli.provision.AgentRow;
import org.keymoot.cli.provision.AgentValues;
import org.keymoot.cli.provision.AgentsConfig;
import org.keymoot.cli.provision.DevelopmentKeys;
import org.keymoot.cli.provision.Provisioning;
import org.keymoot.cli.provision.RolesFile;
import org.keymoot.platform.disk.PrivateFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Makes the keys of a bridge's agents where they are missing, and shows all of them.
@Command(
        name = "agents",
        description = "Make the keys of a bridge's agents where they are missing; never change or delete one.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot provision agents --environment staging --environment production --dry-run",
            "  keymoot provision agents --environment staging --environment production",
            "  keymoot provision agents --environment staging --roles roles.yaml --policies policies --csv",
            "  keymoot provision agents --environment staging --roles roles.yaml --replace-rules",
            "",
        })
final class ProvisionAgentsCommand extends BaseCommand {
    @Mixin
    EndpointOption endpoint = new EndpointOption();

    @Mixin
    Confirmation confirmation = new Confirmation();

    @Option(
            names = "--environment",
            required = true,
            paramLabel = "NAME",
            description = "An environment, such as staging; may be given several times.")
    List<String> environments = new ArrayList<>();

    @Option(
            names = "--roles",
            paramLabel = "FILE",
            description = "Roles, networks, the names' template and sign rules, YAML (default: the guide's six roles).")
    @Nullable Path roles;

    @Option(
            names = "--dry-run",
            description = "Make nothing and write nothing; show what is there and what is missing.")
    boolean dryRun;

    @Option(
            names = "--replace-rules",
            description = "Give keys whose sign rules differ those of the file, after showing how they differ.")
    boolean replaceRules;

    @Option(names = "--csv", description = "Print comma-separated values.")
    boolean csv;

    @Option(
            names = "--policies",
            paramLabel = "DIR",
            description = "Write the identity policies of the agents' users and of the keys' administrators there.")
    @Nullable Path policies;

    @Option(names = "--split-policies", description = "A policy for each role in place of one for each agent.")
    boolean splitPolicies;

    @Option(
            names = "--secrets",
            paramLabel = "DIR",
            description = "Where the whole keys of the environment development are kept, sealed"
                    + " (default: ${DEFAULT-VALUE}).")
    Path secrets = Path.of(".keymoot", "development-keys");

    @Option(
            names = "--values",
            paramLabel = "FILE",
            description = "Write the agents' settings there: Helm values, or variables when it ends in .env;"
                    + " several environments or networks get a file each, with their names before the ending.")
    @Nullable Path values;

    @Override
    public Integer call() throws IOException {
        for (String environment : environments) {
            if (!environment.matches("[a-zA-Z0-9_]{1,32}")) {
                throw new CliFailure(
                        ExitCode.USAGE,
                        "'%s' is no environment".formatted(environment),
                        "use letters, digits and _, such as staging");
            }
        }
        AgentsConfig config = RolesFile.read(roles);
        List<AgentKey> wanted = AgentKey.all(config, List.copyOf(new LinkedHashSet<>(environments)));
        AgentPolicies forUsers = new AgentPolicies(config, splitPolicies);
        List<String> warnings = forUsers.warnings(wanted);
        List<AgentRow> rows = new ArrayList<>();
        List<AgentKey> whole =
                wanted.stream().filter(ProvisionAgentsCommand::isWhole).toList();
        DevelopmentKeys development =
                whole.isEmpty() ? null : DevelopmentKeys.open(secrets, new SecureRandom(), !dryRun);
        if (development != null) {
            tell("the keys of the environment development are whole, in %s; never give them anything of value"
                    .formatted(secrets));
            if (whole.stream().anyMatch(key -> !key.rules().isEmpty())) {
                tell("warning: sign rules are kept by the parties, and so not for whole keys");
            }
            rows.addAll(development.run(whole, dryRun));
        }
        List<AgentKey> shared = wanted.stream().filter(key -> !isWhole(key)).toList();
        if (!shared.isEmpty()) {
            try (KmsClient kms = endpoint.connect()) {
                Provisioning provisioning = new Provisioning(kms, this::tell);
                rows.addAll(provisioning.run(shared, dryRun));
                if (replaceRules && !dryRun) {
                    replaceRules(provisioning, rows);
                }
            }
        }
        warnings.forEach(warning -> tell("warning: " + warning));
        if (!dryRun) {
            writePolicies(forUsers, rows);
            writeValues(rows, development);
        } else if (policies != null || values != null) {
            tell("a dry run writes no files");
        }
        boolean drifted = rows.stream().anyMatch(row -> !row.drift().isEmpty());
        if (csv && !output.json) {
            out().print(csv(rows));
            out().flush();
        } else {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("keys", rows.stream().map(AgentRow::json).toList());
            json.put("warnings", warnings);
            output.result(out(), json, () -> table(rows));
        }
        if (drifted) {
            rows.forEach(this::tellDrift);
            if (rows.stream().anyMatch(row -> row.rules().equals("different"))) {
                tell("sign rules that differ are left as they are; --replace-rules replaces them");
            }
        }
        return (drifted ? ExitCode.CONFLICT : ExitCode.OK).code();
    }

    private void writePolicies(AgentPolicies forUsers, List<AgentRow> rows) throws IOException {
        if (policies == null) {
            return;
        }
        String account = rows.stream()
                .filter(row -> !row.arn().isEmpty())
                .map(row -> row.arn().split(":")[4])
                .findFirst()
                .orElse(null);
        if (account == null) {
            tell("wrote no policies: whole keys are files, which no policy is about");
            return;
        }
        Files.createDirectories(policies);
        for (Map.Entry<String, String> document : forUsers.documents(
                        account,
                        new LinkedHashSet<>(environments)
                                .stream()
                                        .filter(environment -> !environment.equals(DevelopmentKeys.ENVIRONMENT))
                                        .toList())
                .entrySet()) {
            Files.writeString(policies.resolve(document.getKey() + ".json"), document.getValue() + "\n");
        }
        tell("wrote the policies to " + policies);
    }

    private static boolean isWhole(AgentKey key) {
        return key.environment().equals(DevelopmentKeys.ENVIRONMENT);
    }

    private void writeValues(List<AgentRow> rows, @Nullable DevelopmentKeys development) throws IOException {
        if (values == null) {
            return;
        }
        AgentValues.Format format =
                values.toString().endsWith(".env") ? AgentValues.Format.VARIABLES : AgentValues.Format.HELM;
        Map<String, String> deployments =
                AgentValues.deployments(rows, format, key -> development == null ? "" : development.hex(key));
        for (Map.Entry<String, String> deployment : deployments.entrySet()) {
            Path file = deployments.size() == 1 ? values : named(values, deployment.getKey());
            // With plain keys in it the file is a secret.
            PrivateFiles.replace(file, ByteBuffer.wrap(deployment.getValue().getBytes(StandardCharsets.UTF_8)));
            tell("wrote the agents' settings to " + file);
        }
    }

    /// `values-staging.yaml` of `values.yaml`.
    private static Path named(Path file, String deployment) {
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        return file.resolveSibling(
                dot <= 0 ? name + "-" + deployment : name.substring(0, dot) + "-" + deployment + name.substring(dot));
    }

    private void replaceRules(Provisioning provisioning, List<AgentRow> rows) {
        List<AgentRow> different =
                rows.stream().filter(row -> row.rules().equals("different")).toList();
        if (different.isEmpty()) {
            return;
        }
        different.forEach(this::tellDrift);
        confirmation.require(
                "The sign rules of %d keys will be replaced. What the old ones refused may then be signed."
                        .formatted(different.size()),
                "replace rules");
        rows.replaceAll(row -> row.rules().equals("different") ? provisioning.replaceRules(row) : row);
    }

    private void tellDrift(AgentRow row) {
        row.drift().forEach(what -> tell("drift: " + row.key().alias() + ": " + what));
    }

    private static String table(List<AgentRow> rows) {
        return AsciiTable.builder()
                .border(AsciiTable.NO_BORDERS)
                .data(
                        rows,
                        List.of(
                                column("ALIAS", row -> row.key().alias()),
                                column("REGION", AgentRow::region),
                                column("KEY ID", AgentRow::keyId),
                                column("ARN", AgentRow::arn),
                                column("DESCRIPTION", AgentRow::description),
                                column("ETHEREUM ADDRESS", AgentRow::address),
                                column("STATE", AgentRow::state),
                                column("RULES", AgentRow::rules),
                                column(
                                        "OUTCOME",
                                        row -> row.outcome() + (row.drift().isEmpty() ? "" : ", drift"))))
                .asString()
                .lines()
                .map(String::stripTrailing)
                .collect(Collectors.joining("\n"));
    }

    private static com.github.freva.asciitable.ColumnData<AgentRow> column(
            String header, Function<AgentRow, String> part) {
        return new Column()
                .header(header)
                .headerAlign(HorizontalAlign.LEFT)
                .dataAlign(HorizontalAlign.LEFT)
                .maxWidth(120)
                .with(part::apply);
    }

    private static String csv(List<AgentRow> rows) {
        StringBuilder out = new StringBuilder(
                "Alias Name,Region,Key ID,ARN,Key Description,Ethereum Address,State,Outcome,Sign Rules\n");
        for (AgentRow row : rows) {
            out.append(String.join(
                            ",",
                            row.key().alias(),
                            row.region(),
                            row.keyId(),
                            row.arn(),
                            quoted(row.description()),
                            row.address(),
                            row.state(),
                            row.outcome(),
                            row.rules()))
                    .append('\n');
        }
        return out.toString();
    }

    /// A description is whatever someone wrote; a formula at its start stays text in a spreadsheet.
    private static String quoted(String text) {
        String harmless = text.matches("^[=+@-].*") ? "'" + text : text;
        return '"' + harmless.replace("\"", "\"\"") + '"';
    }
}

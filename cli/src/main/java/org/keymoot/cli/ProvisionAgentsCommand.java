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
            "",
        })
final class ProvisionAgentsCommand extends BaseCommand {
    @Mixin
    EndpointOption endpoint = new EndpointOption();

    @Option(
            names = "--environment",
            required = true,
            paramLabel = "NAME",
            description = "An environment, such as staging; may be given several times.")
    List<String> environments = new ArrayList<>();

    @Option(
            names = "--roles",
            paramLabel = "FILE",
            description = "Roles, networks and the names' template, YAML (default: the six roles of the guide).")
    @Nullable Path roles;

    @Option(names = "--dry-run", description = "Make nothing; show what is there and what is missing.")
    boolean dryRun;

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
            description = "Write the agents' settings there: Helm values, or variables when it ends in .env.")
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
        DevelopmentKeys development = whole.isEmpty() ? null : DevelopmentKeys.open(secrets, new SecureRandom());
        if (development != null) {
            tell("the keys of the environment development are whole, in %s; never give them anything of value"
                    .formatted(secrets));
            rows.addAll(development.run(whole, dryRun));
        }
        List<AgentKey> shared = wanted.stream().filter(key -> !isWhole(key)).toList();
        if (!shared.isEmpty()) {
            try (KmsClient kms = endpoint.connect()) {
                rows.addAll(new Provisioning(kms, this::tell).run(shared, dryRun));
            }
        }
        warnings.forEach(warning -> tell("warning: " + warning));
        writePolicies(forUsers, rows);
        writeValues(rows, development);
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
            rows.forEach(row ->
                    row.drift().forEach(what -> tell("drift: " + row.key().alias() + ": " + what)));
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
                .orElseThrow(() -> new CliFailure(
                        ExitCode.CONFLICT,
                        "there is no key yet from which the policies' account could be told",
                        "run it without --dry-run first"));
        Files.createDirectories(policies);
        for (Map.Entry<String, String> document : forUsers.documents(
                        account, List.copyOf(new LinkedHashSet<>(environments)))
                .entrySet()) {
            Files.writeString(policies.resolve(document.getKey() + ".json"), document.getValue() + "\n");
        }
        tell("wrote the policies to " + policies);
    }

    private static boolean isWhole(AgentKey key) {
        return key.environment().equals(DevelopmentKeys.ENVIRONMENT);
    }

    private void writeValues(List<AgentRow> rows, @Nullable DevelopmentKeys development) throws IOException {
        if (values != null) {
            Function<AgentKey, String> plain = key -> development == null ? "" : development.hex(key);
            String text = values.toString().endsWith(".env")
                    ? AgentValues.environment(rows, plain)
                    : AgentValues.helm(rows, plain);
            // With plain keys in it the file is a secret.
            PrivateFiles.replace(values, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            tell("wrote the agents' settings to " + values);
        }
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
        StringBuilder out =
                new StringBuilder("Alias Name,Region,Key ID,ARN,Key Description,Ethereum Address,State,Outcome\n");
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
                            row.outcome()))
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

package org.keymoot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ProvisionAgentsTest {
    @TempDir
    Path folder = Path.of("");

    private WholeKeyKms kms;

    @BeforeEach
    void start() throws IOException {
        kms = new WholeKeyKms(folder);
    }

    @AfterEach
    void stop() {
        kms.close();
    }

    private static CommandRun provision(String... more) {
        List<String> line = new ArrayList<>(List.of("provision", "agents", "--profile", "test"));
        line.addAll(List.of(more));
        return CommandRun.of(line.toArray(String[]::new));
    }

    private long keys() {
        return kms.directory.registers().keySet().stream()
                .filter(name -> name.startsWith("key/"))
                .count();
    }

    private static List<String> members(CommandRun run, String member) {
        return run.json().required("keys").values().stream()
                .map(row -> row.required(member).asString())
                .toList();
    }

    @Test
    void makesTheGuidesTwelveKeysOnceAndShowsThemAgain() {
        CommandRun first = provision("--environment", "staging", "--environment", "production", "--json");
        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(members(first, "alias"))
                .hasSize(12)
                .contains("alias/staging-updater-attestation", "alias/production-relayer-signer");
        assertThat(members(first, "outcome")).containsOnly("created");
        assertThat(members(first, "address"))
                .doesNotHaveDuplicates()
                .allMatch(text -> text.matches("0x[0-9a-fA-F]{40}"));
        CommandRun second = provision("--environment", "staging", "--environment", "production", "--json");
        assertThat(members(second, "outcome")).containsOnly("present");
        assertThat(members(second, "address")).isEqualTo(members(first, "address"));
        assertThat(keys()).isEqualTo(12);
        CommandRun table = provision("--environment", "staging");
        assertThat(table.out())
                .contains("ETHEREUM ADDRESS", "alias/staging-watcher-signer", "Enabled", "staging watcher-signer");
        CommandRun csv = provision("--environment", "staging", "--csv");
        assertThat(csv.out().lines()).hasSize(7);
        assertThat(csv.out()).startsWith("Alias Name,Region,Key ID,ARN,Key Description,Ethereum Address");
    }

    @Test
    void aDryRunMakesNothing() {
        CommandRun run = provision("--environment", "staging", "--dry-run", "--json");
        assertThat(members(run, "outcome")).hasSize(6).containsOnly("missing");
        assertThat(run.err()).contains("would make a key");
        assertThat(kms.calls).doesNotContain("CreateKey", "CreateAlias");
    }

    @Test
    void namesTheKeyOfAnInterruptedRunInPlaceOfMakingAnother() {
        kms.fault = new WholeKeyKms.Fault("CreateAlias", false, 400, "AccessDeniedException");
        CommandRun interrupted = provision("--environment", "staging");
        assertThat(interrupted.exitCode()).isEqualTo(ExitCode.DENIED.code());
        assertThat(keys()).isEqualTo(1);
        CommandRun dry = provision("--environment", "staging", "--dry-run");
        assertThat(dry.err()).contains("which an interrupted run made");
        CommandRun run = provision("--environment", "staging", "--json");
        assertThat(members(run, "outcome"))
                .containsExactly("resumed", "created", "created", "created", "created", "created");
        assertThat(keys()).isEqualTo(6);
    }

    @Test
    void reportsDriftAndRepairsNothing() throws Exception {
        CommandRun made = provision("--environment", "staging", "--json");
        JsonNode first = made.json().required("keys").get(0);
        try (var client = new org.keymoot.cli.aws.KmsClient(
                new org.keymoot.cli.aws.AwsSettings(java.util.Map.of(), "test").endpoint(null),
                WholeKeyKms.REGION,
                new org.keymoot.cli.aws.AwsSettings(java.util.Map.of(), "test").credentials(true),
                null,
                java.time.InstantSource.system())) {
            String id = first.required("keyId").asString();
            client.call("UpdateKeyDescription", java.util.Map.of("KeyId", id, "Description", "mine"));
            client.call(
                    "TagResource",
                    java.util.Map.of(
                            "KeyId", id, "Tags", List.of(java.util.Map.of("TagKey", "environment", "TagValue", "qa"))));
            client.call("DisableKey", java.util.Map.of("KeyId", id));
        }
        CommandRun run = provision("--environment", "staging", "--json");
        assertThat(run.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        JsonNode row = run.json().required("keys").get(0);
        assertThat(row.required("state").asString()).isEqualTo("Disabled");
        assertThat(row.required("drift").toString()).contains("description is 'mine'", "'qa'", "'Disabled'");
        assertThat(run.err()).contains("drift: alias/staging-watcher-signer");
        assertThat(kms.calls).filteredOn("CreateKey"::equals).hasSize(6);
    }

    @Test
    void readsNetworksAndTemplateFromAFileAndMakesPoliciesAndValuesFit() throws Exception {
        Path roles = folder.resolve("roles.yaml");
        Files.writeString(roles, """
                roles: [updater-signer, updater-attestation]
                networks: [celo, ethereum]
                """);
        Path policies = folder.resolve("policies");
        Path values = folder.resolve("values.yaml");
        CommandRun run = provision(
                "--environment",
                "production",
                "--roles",
                roles.toString(),
                "--policies",
                policies.toString(),
                "--values",
                values.toString(),
                "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(members(run, "alias"))
                .containsExactly(
                        "alias/production-celo-updater-signer",
                        "alias/production-celo-updater-attestation",
                        "alias/production-ethereum-updater-signer",
                        "alias/production-ethereum-updater-attestation");
        String policy = Files.readString(policies.resolve("production-updater-signer.json"));
        assertThat(policy).contains("alias/production-*-updater*", "arn:aws:kms:*:123456789012:key/*");
        List<String> ids = members(run, "keyId");
        assertThat(values).doesNotExist();
        assertThat(Files.readString(folder.resolve("values-production-celo.yaml")))
                .isEqualTo("""
                # production-celo
                updater:
                  transactionSigners:
                    - name: celo
                      aws:
                        keyId: %s
                        region: us-east-1
                    - name: ethereum
                      aws:
                        keyId: %s
                        region: us-east-1
                  attestationSigner:
                    aws:
                      keyId: %s
                      region: us-east-1
                """.formatted(ids.get(0), ids.get(2), ids.get(1)));
        assertThat(Files.readString(folder.resolve("values-production-ethereum.yaml")))
                .contains(ids.get(0), ids.get(2), "keyId: " + ids.get(3))
                .doesNotContain(ids.get(1));
        assertThat(run.err()).contains("also grants the attestation key");
        CommandRun split = provision(
                "--environment",
                "production",
                "--roles",
                roles.toString(),
                "--policies",
                policies.toString(),
                "--split-policies");
        assertThat(split.err()).doesNotContain("warning");
        assertThat(Files.readString(policies.resolve("production-updater-attestation.json")))
                .contains("alias/production-*-updater-attestation\"");
        Path variables = folder.resolve("agents.env");
        provision("--environment", "production", "--roles", roles.toString(), "--values", variables.toString());
        assertThat(Files.readString(folder.resolve("agents-production-ethereum.env")))
                .isEqualTo("""
                # production-ethereum updater
                OPT_BASE_SIGNERS_CELO_TYPE=aws
                OPT_BASE_SIGNERS_CELO_ID=%s
                OPT_BASE_SIGNERS_CELO_REGION=us-east-1
                OPT_BASE_SIGNERS_ETHEREUM_TYPE=aws
                OPT_BASE_SIGNERS_ETHEREUM_ID=%s
                OPT_BASE_SIGNERS_ETHEREUM_REGION=us-east-1
                OPT_BASE_UPDATER_TYPE=aws
                OPT_BASE_UPDATER_ID=%s
                OPT_BASE_UPDATER_REGION=us-east-1

                """.formatted(ids.get(0), ids.get(2), ids.get(3)));
        assertThat(folder.resolve("agents-production-celo.env"))
                .content()
                .contains("OPT_BASE_UPDATER_ID=" + ids.get(1));
    }

    @Test
    void warnsWhereNamesAndThePolicysPatternDisagree() throws Exception {
        Path roles = folder.resolve("roles.yaml");
        Files.writeString(roles, """
                roles: [updater-signer]
                networks: [celo]
                template: "{env}-{network}-{role}"
                policyPattern: "{env}-{agent}*"
                """);
        CommandRun run = provision("--environment", "staging", "--roles", roles.toString(), "--dry-run");
        assertThat(run.err()).contains("warning: alias/staging-celo-updater-signer is not covered");
        Files.writeString(roles, "roles: [updater-signer]\ntemplate: \"{role}\"\n");
        CommandRun wrong = provision("--environment", "staging", "--roles", roles.toString(), "--dry-run");
        assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(wrong.err()).contains("{env}");
    }

    private String rules(String alias) throws Exception {
        return CommandRun.of("eth", "rules", alias, "--profile", "test").out().strip();
    }

    @Test
    void givesKeysTheSignRulesOfTheFileAndNeverLoosensThemUnasked() throws Exception {
        Path roles = folder.resolve("roles.yaml");
        String text = """
                roles: [updater-signer, updater-attestation, relayer-signer]
                rules:
                  - roles: [updater-attestation]
                    environments: [staging]
                    allow: '{"attestations": {"homeDomains": [1000], "updates": true}}'
                  - roles: [updater-signer]
                    allow: >
                      {"transactions": {"chains": [5], "maxValue": "10"},
                       "rate": {"count": 5, "seconds": 60}}
                """;
        Files.writeString(roles, text);
        String[] line = {"--environment", "staging", "--roles", roles.toString(), "--json"};
        CommandRun dry = provision("--environment", "staging", "--roles", roles.toString(), "--json", "--dry-run");
        assertThat(members(dry, "rules")).containsExactly("would be set", "would be set", "");
        kms.fault = new WholeKeyKms.Fault("PutSignRules", false, 400, "AccessDeniedException");
        assertThat(provision(line).exitCode()).isEqualTo(ExitCode.DENIED.code());
        assertThat(kms.calls).as("no name before the rules").doesNotContain("CreateAlias");
        assertThat(members(provision(line), "rules")).containsExactly("set", "set", "");
        assertThat(rules("alias/staging-updater-attestation")).contains("1000");
        kms.calls.clear();
        CommandRun again = provision(line);
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(members(again, "rules")).containsExactly("kept", "kept", "");
        assertThat(kms.calls).doesNotContain("PutSignRules");

        // The same, written otherwise.
        Files.writeString(roles, text.replace("[5]", "[\"0x5\"]").replace("\"10\"", "10"));
        assertThat(members(provision(line), "rules")).containsExactly("kept", "kept", "");
        Files.writeString(roles, text.replace("\"10\"", "\"11\"").replace("\"count\": 5", "\"count\": 6"));
        CommandRun different = provision(line);
        assertThat(different.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(members(different, "rules")).containsExactly("different", "kept", "");
        assertThat(different.err())
                .contains(
                        "sign rule transactions.maxValue is \"10\", expected \"11\"",
                        "sign rule rate.count is 5, expected 6",
                        "--replace-rules");
        assertThat(kms.calls).doesNotContain("PutSignRules");
        CommandRun asked = provision("--environment", "staging", "--roles", roles.toString(), "--replace-rules");
        assertThat(asked.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(asked.err()).contains("rate.count is 5, expected 6", "--yes");
        assertThat(kms.calls).doesNotContain("PutSignRules");
        CommandRun replaced = provision(
                "--environment",
                "staging",
                "--roles",
                roles.toString(),
                "--replace-rules",
                "--yes",
                "--reason",
                "a higher limit");
        assertThat(replaced.exitCode()).as(replaced.err()).isZero();
        assertThat(replaced.out()).contains("RULES", "replaced");
        assertThat(rules("alias/staging-updater-signer")).contains("\"11\"");
    }

    @Test
    void refusesRulesThatItCannotKeep() throws Exception {
        Path roles = folder.resolve("roles.yaml");
        Files.writeString(roles, """
                roles: [updater-signer]
                rules:
                  - roles: [updater-signer]
                    allow: '{"mesages": true}'
                """);
        CommandRun wrong = provision("--environment", "staging", "--roles", roles.toString());
        assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(wrong.err()).contains("mesages");
        Files.writeString(roles, """
                roles: [updater-signer]
                rules:
                  - roles: [updater-signer]
                    allow: '{"messages": true}'
                  - roles: [updater-signer]
                    environments: [staging]
                    allow: '{"digests": true}'
                """);
        CommandRun twice = provision("--environment", "staging", "--roles", roles.toString());
        assertThat(twice.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(twice.err()).contains("several rules");
        assertThat(kms.calls).isEmpty();
    }

    @Test
    void aDryRunWritesNothing() throws Exception {
        Path made = folder.resolve("made");
        CommandRun run = provision(
                "--environment",
                "development",
                "--environment",
                "staging",
                "--dry-run",
                "--json",
                "--secrets",
                made.resolve("secrets").toString(),
                "--policies",
                made.resolve("policies").toString(),
                "--values",
                made.resolve("values.yaml").toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(members(run, "outcome")).hasSize(12).containsOnly("missing");
        assertThat(made).doesNotExist();
    }

    @Test
    void writesNoPoliciesForWholeKeys() throws Exception {
        Path policies = folder.resolve("policies");
        String[] line = {
            "--environment",
            "development",
            "--secrets",
            folder.resolve("secrets").toString(),
            "--policies",
            policies.toString()
        };
        CommandRun alone = provision(line);
        assertThat(alone.exitCode()).as(alone.err()).isZero();
        assertThat(alone.err()).contains("wrote no policies");
        List<String> both = new ArrayList<>(List.of(line));
        both.addAll(List.of("--environment", "staging"));
        assertThat(provision(both.toArray(String[]::new)).exitCode()).isZero();
        assertThat(policies.toFile().list())
                .contains("staging-updater-signer.json")
                .doesNotContain("development-updater-signer.json");
    }

    @Test
    void keepsPlainKeysForDevelopmentSealedAndAsksNoEndpointForThem() throws Exception {
        Path secrets = folder.resolve("secrets");
        Path values = folder.resolve("dev.env");
        CommandRun first = provision(
                "--environment",
                "development",
                "--secrets",
                secrets.toString(),
                "--values",
                values.toString(),
                "--json");
        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(members(first, "outcome")).hasSize(6).containsOnly("created");
        assertThat(kms.calls).isEmpty();
        String settings = Files.readString(values);
        String hex = settings.lines()
                .filter(line -> line.startsWith("OPT_BASE_UPDATER_KEY="))
                .findFirst()
                .orElseThrow()
                .substring("OPT_BASE_UPDATER_KEY=".length());
        assertThat(hex).matches("[0-9a-f]{64}");
        assertThat(settings).contains("TYPE=hexKey");
        assertThat(Files.getPosixFilePermissions(values)).hasSize(2);
        byte[] sealed = Files.readAllBytes(secrets.resolve("development-keys.sealed"));
        assertThat(new String(sealed, java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain(hex);
        assertThat(first.out() + first.err()).doesNotContain(hex);
        CommandRun second = provision("--environment", "development", "--secrets", secrets.toString(), "--json");
        assertThat(members(second, "address")).isEqualTo(members(first, "address"));
        assertThat(members(second, "outcome")).containsOnly("present");
        Files.delete(secrets.resolve("seal.key"));
        CommandRun lost = provision("--environment", "development", "--secrets", secrets.toString());
        assertThat(lost.exitCode()).isEqualTo(ExitCode.INTEGRITY.code());
    }
}

package org.keymoot.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.cli.aws.AwsCallFailure;
import org.keymoot.cli.aws.KmsClient;
import org.keymoot.cli.provision.AgentKey;
import org.keymoot.cli.provision.AgentPolicies;
import org.keymoot.cli.provision.AgentsConfig;
import org.keymoot.cli.provision.RolesFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// Looks for what keeps a client from using its keys, and says what to do about each finding. Changes nothing.
@Command(
        name = "doctor",
        description =
                "Find what keeps a client from using its keys: address, clock, credentials, parties, permissions.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot kms doctor",
            "  keymoot kms doctor --environment staging --role updater-signer",
            "",
        })
final class DoctorCommand extends BaseCommand {
    /// Requests are refused when the clocks differ by five minutes; a warning comes well before.
    private static final Duration WORRYING_SKEW = Duration.ofMinutes(1);

    private static final Duration ALLOWED_SKEW = Duration.ofMinutes(5);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Mixin
    EndpointOption endpoint = new EndpointOption();

    @Option(
            names = "--environment",
            paramLabel = "NAME",
            description = "Look at the agents' keys of this environment as well; may be given several times.")
    List<String> environments = new ArrayList<>();

    @Option(names = "--role", paramLabel = "NAME", description = "Only the keys of this role, such as updater-signer.")
    @Nullable String role;

    @Option(
            names = "--roles",
            paramLabel = "FILE",
            description = "Roles, networks and the names' template, as for `keymoot provision agents`.")
    @Nullable Path roles;

    private final List<Finding> findings = new ArrayList<>();

    private enum Level {
        OK,
        WARNING,
        FAULT
    }

    /// @param fix empty where nothing is to be done
    private record Finding(Level level, String check, String text, String fix) {}

    @Override
    public Integer call() throws IOException {
        try (KmsClient kms = endpoint.connect()) {
            found(Level.OK, "settings", "endpoint %s, Region %s".formatted(kms.endpoint(), kms.region()), "");
            if (reaches(kms.endpoint()) && authenticates(kms)) {
                looksAtKeys(kms);
            }
        } catch (CliFailure e) {
            found(Level.FAULT, "settings", String.valueOf(e.getMessage()), e.remedy());
        }
        namesFitPolicies();
        show();
        boolean faulty = findings.stream().anyMatch(finding -> finding.level() == Level.FAULT);
        return (faulty ? ExitCode.CONFLICT : ExitCode.OK).code();
    }

    private void found(Level level, String check, String text, String fix) {
        findings.add(new Finding(level, check, text, fix));
    }

    private boolean reaches(URI address) {
        try (HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .build()) {
            HttpResponse<byte[]> response = http.send(
                    HttpRequest.newBuilder(address.resolve("/health"))
                            .timeout(PATIENCE)
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            found(Level.OK, "endpoint", "it answers", "");
            response.headers().firstValue("date").ifPresent(this::compareClocks);
            JsonNode health = JsonReader.read(response.body());
            int parties = health.path("parties").asInt(0);
            int answering = health.path("partiesAnswering").asInt(0);
            if (parties > 0) {
                found(
                        answering == parties ? Level.OK : answering == 0 ? Level.FAULT : Level.WARNING,
                        "parties",
                        "%d of %d parties answer the endpoint".formatted(answering, parties),
                        answering == parties ? "" : "run `keymoot status` to see which one is down, and start it");
            }
        } catch (InvalidJsonException e) {
            found(Level.WARNING, "parties", "the endpoint does not say how many parties answer", "");
        } catch (IOException e) {
            found(
                    Level.FAULT,
                    "endpoint",
                    "%s does not answer: %s".formatted(address, e),
                    "check the address, the firewall, that the endpoint runs, and for https AWS_CA_BUNDLE");
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return true;
    }

    private void compareClocks(String date) {
        try {
            Instant there = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT))
                    .toInstant();
            Duration skew = Duration.between(there, Instant.now()).abs();
            Level level = skew.compareTo(ALLOWED_SKEW) > 0
                    ? Level.FAULT
                    : skew.compareTo(WORRYING_SKEW) > 0 ? Level.WARNING : Level.OK;
            found(
                    level,
                    "clock",
                    "this clock and the endpoint's differ by %d s".formatted(skew.toSeconds()),
                    level == Level.OK ? "" : "run an NTP client on both machines");
        } catch (DateTimeParseException e) {
            found(Level.WARNING, "clock", "the endpoint's date cannot be read: " + date, "");
        }
    }

    private boolean authenticates(KmsClient kms) {
        try {
            kms.call("ListAliases", Map.of("Limit", 1));
            found(Level.OK, "credentials", "the access key is known", "");
            return true;
        } catch (AwsCallFailure e) {
            switch (e.type()) {
                case "AccessDeniedException" -> {
                    found(Level.OK, "credentials", "the access key is known (it may not list aliases)", "");
                    return true;
                }
                case "UnrecognizedClientException", "InvalidClientTokenId" ->
                    found(
                            Level.FAULT,
                            "credentials",
                            "the endpoint does not know the access key",
                            "check AWS_ACCESS_KEY_ID, and that the key is active: aws iam list-access-keys");
                case "ExpiredTokenException" ->
                    found(Level.FAULT, "credentials", "the session has ended", "get another session token");
                case "InvalidSignatureException" ->
                    found(
                            Level.FAULT,
                            "credentials",
                            String.valueOf(e.getMessage()),
                            "check AWS_SECRET_ACCESS_KEY; if the message speaks of time, set this machine's clock");
                default ->
                    found(
                            Level.FAULT,
                            "credentials",
                            e.type() + ": " + e.getMessage(),
                            "see `keymoot status`, and the endpoint's log under this request");
            }
        } catch (CliFailure e) {
            found(Level.FAULT, "credentials", String.valueOf(e.getMessage()), e.remedy());
        }
        return false;
    }

    private List<AgentKey> keys() throws IOException {
        return AgentKey.all(RolesFile.read(roles), List.copyOf(new LinkedHashSet<>(environments))).stream()
                .filter(key -> role == null || key.role().equals(role))
                .toList();
    }

    private void looksAtKeys(KmsClient kms) throws IOException {
        for (AgentKey key : keys()) {
            try {
                JsonNode answer = kms.call("GetPublicKey", Map.of("KeyId", key.alias()));
                String spec = answer.path("KeySpec").asString("");
                if (spec.equals("ECC_SECG_P256K1")) {
                    signs(kms, key);
                } else {
                    found(
                            Level.FAULT,
                            key.alias(),
                            "its spec is " + spec,
                            "name an ECC_SECG_P256K1 key: aws kms update-alias --alias-name %s".formatted(key.alias()));
                }
            } catch (AwsCallFailure e) {
                explain(key, "kms:GetPublicKey", e);
            }
        }
    }

    private void signs(KmsClient kms, AgentKey key) {
        try {
            kms.call(
                    "Sign",
                    Map.of(
                            "KeyId",
                            key.alias(),
                            "Message",
                            Base64.getEncoder().encodeToString(new byte[32]),
                            "MessageType",
                            "DIGEST",
                            "SigningAlgorithm",
                            "ECDSA_SHA_256",
                            "DryRun",
                            true));
            found(Level.WARNING, key.alias(), "the endpoint does not know dry runs, so it signed a zero digest", "");
        } catch (AwsCallFailure e) {
            switch (e.type()) {
                case "DryRunOperationException" -> found(Level.OK, key.alias(), "may be used to sign", "");
                case "SignRulesException" ->
                    found(
                            Level.WARNING,
                            key.alias(),
                            "signs what its rules allow, and no bare digest",
                            "unmodified agents sign digests: for them add \"digests\": true to the rules");
                default -> explain(key, "kms:Sign", e);
            }
        }
    }

    private void explain(AgentKey key, String permission, AwsCallFailure e) {
        String fix = switch (e.type()) {
            case "NotFoundException" -> "make it: keymoot provision agents --environment " + key.environment();
            case "AccessDeniedException" ->
                "allow %s for this user: its policy must cover %s, see keymoot provision agents --policies"
                        .formatted(permission, key.alias());
            case "DisabledException" -> "enable it: aws kms enable-key --key-id " + key.alias();
            case "KMSInvalidStateException" -> "see its state: aws kms describe-key --key-id " + key.alias();
            default -> "see `keymoot status`";
        };
        found(Level.FAULT, key.alias(), e.type() + ": " + e.getMessage(), fix);
    }

    private void namesFitPolicies() throws IOException {
        AgentsConfig config = RolesFile.read(roles);
        for (String warning : new AgentPolicies(config, false).warnings(keys())) {
            found(
                    Level.WARNING,
                    "policies",
                    warning,
                    "write policies that fit: keymoot provision agents --policies DIR --split-policies");
        }
    }

    private void show() {
        output.result(
                out(),
                Map.of(
                        "findings",
                        findings.stream()
                                .map(finding -> {
                                    Map<String, String> line = new LinkedHashMap<>();
                                    line.put("level", finding.level().name().toLowerCase(Locale.ROOT));
                                    line.put("check", finding.check());
                                    line.put("text", finding.text());
                                    line.put("fix", finding.fix());
                                    return line;
                                })
                                .toList()),
                () -> findings.stream()
                        .map(finding -> "%-8s %s: %s%s"
                                .formatted(
                                        finding.level().name().toLowerCase(Locale.ROOT),
                                        finding.check(),
                                        finding.text(),
                                        finding.fix().isEmpty() ? "" : "%n         fix: ".formatted() + finding.fix()))
                        .collect(Collectors.joining(System.lineSeparator())));
    }
}

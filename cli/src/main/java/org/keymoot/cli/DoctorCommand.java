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
            "With --role it also finds whether this access key may sign with keys of other roles.",
            "The exit code is that of the first fault.",
            "",
        })
final class DoctorCommand extends BaseCommand {
    /// Requests are refused when the clocks differ by five minutes; a warning comes well before.
    private static final Duration WORRYING_SKEW = Duration.ofMinutes(1);

    private static final Duration ALLOWED_SKEW = Duration.ofMinutes(5);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String DRY_RUN = "DryRunOperationException";
    private static final String RULES = "SignRulesException";

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

    /// Whether the endpoint was seen to know dry runs; one that does not would sign.
    private boolean knowsDryRuns;

    private enum Level {
        OK,
        WARNING,
        FAULT
    }

    /// @param code what it means for the command's end
    /// @param fix empty where nothing is to be done
    private record Finding(Level level, ExitCode code, String check, String text, String fix) {}

    @Override
    public Integer call() throws IOException {
        try (KmsClient kms = endpoint.connect()) {
            fine("settings", "endpoint %s, Region %s".formatted(kms.endpoint(), kms.region()));
            if (reaches(kms.endpoint()) && authenticates(kms)) {
                looksAtKeys(kms);
            }
        } catch (CliFailure e) {
            fault(e.exitCode(), "settings", String.valueOf(e.getMessage()), e.remedy());
        }
        show();
        return findings.stream()
                .filter(finding -> finding.level() == Level.FAULT)
                .findFirst()
                .map(Finding::code)
                .orElse(ExitCode.OK)
                .code();
    }

    private void fine(String check, String text) {
        findings.add(new Finding(Level.OK, ExitCode.OK, check, text, ""));
    }

    private void warning(String check, String text, String fix) {
        findings.add(new Finding(Level.WARNING, ExitCode.OK, check, text, fix));
    }

    private void fault(ExitCode code, String check, String text, String fix) {
        findings.add(new Finding(Level.FAULT, code, check, text, fix));
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
            fine("endpoint", "it answers");
            response.headers().firstValue("date").ifPresent(this::compareClocks);
            JsonNode health = JsonReader.read(response.body());
            int parties = health.path("parties").asInt(0);
            int answering = health.path("partiesAnswering").asInt(0);
            String said = "%d of %d parties answer the endpoint".formatted(answering, parties);
            String fix = "run `keymoot status` to see which one is down, and start it";
            if (parties > 0 && answering == parties) {
                fine("parties", said);
            } else if (answering > 0) {
                warning("parties", said, fix);
            } else if (parties > 0) {
                fault(ExitCode.NOT_ENOUGH_PARTIES, "parties", said, fix);
            }
        } catch (InvalidJsonException e) {
            warning("parties", "the endpoint does not say how many parties answer", "");
        } catch (IOException e) {
            fault(
                    ExitCode.RETRY_LATER,
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
            String said = "this clock and the endpoint's differ by %d s".formatted(skew.toSeconds());
            if (skew.compareTo(ALLOWED_SKEW) > 0) {
                fault(ExitCode.AUTHENTICATION, "clock", said, "run an NTP client on both machines");
            } else if (skew.compareTo(WORRYING_SKEW) > 0) {
                warning("clock", said, "run an NTP client on both machines");
            } else {
                fine("clock", said);
            }
        } catch (DateTimeParseException e) {
            warning("clock", "the endpoint's date cannot be read: " + date, "");
        }
    }

    private boolean authenticates(KmsClient kms) {
        try {
            kms.call("ListAliases", Map.of("Limit", 1));
            fine("credentials", "the access key is known");
            return true;
        } catch (AwsCallFailure e) {
            switch (e.type()) {
                case "AccessDeniedException" -> {
                    fine("credentials", "the access key is known (it may not list aliases)");
                    return true;
                }
                case "UnrecognizedClientException", "InvalidClientTokenId" ->
                    fault(
                            ExitCode.AUTHENTICATION,
                            "credentials",
                            "the endpoint does not know the access key",
                            "check AWS_ACCESS_KEY_ID, and that the key is active: aws iam list-access-keys");
                case "ExpiredTokenException" ->
                    fault(ExitCode.AUTHENTICATION, "credentials", "the session has ended", "get another session token");
                case "InvalidSignatureException" ->
                    fault(
                            ExitCode.AUTHENTICATION,
                            "credentials",
                            String.valueOf(e.getMessage()),
                            "check AWS_SECRET_ACCESS_KEY; if the message speaks of time, set this machine's clock");
                default ->
                    fault(
                            e.status() >= 500 ? ExitCode.RETRY_LATER : ExitCode.CONFLICT,
                            "credentials",
                            e.type() + ": " + e.getMessage(),
                            "see `keymoot status`, and the endpoint's log under this request");
            }
        } catch (CliFailure e) {
            fault(e.exitCode(), "credentials", String.valueOf(e.getMessage()), e.remedy());
        }
        return false;
    }

    private void looksAtKeys(KmsClient kms) throws IOException {
        List<AgentKey> all = AgentKey.all(RolesFile.read(roles), List.copyOf(new LinkedHashSet<>(environments)));
        for (AgentKey key : all) {
            if (role == null || key.role().equals(role)) {
                looksAt(kms, key);
            }
        }
        if (role != null && knowsDryRuns) {
            looksForMoreThanItsOwn(kms, all);
        }
    }

    private void looksAt(KmsClient kms, AgentKey key) {
        try {
            JsonNode answer = kms.call("GetPublicKey", Map.of("KeyId", key.alias()));
            String spec = answer.path("KeySpec").asString("");
            if (spec.equals("ECC_SECG_P256K1")) {
                signs(kms, key);
            } else {
                fault(
                        ExitCode.CONFLICT,
                        key.alias(),
                        "its spec is " + spec,
                        "point it at an ECC_SECG_P256K1 key: aws kms update-alias --alias-name %s --target-key-id KEY_ID"
                                .formatted(key.alias()));
            }
        } catch (AwsCallFailure e) {
            explain(key, "kms:GetPublicKey", e);
        }
    }

    private void signs(KmsClient kms, AgentKey key) {
        try {
            trySigning(kms, key);
            warning(key.alias(), "the endpoint does not know dry runs, so it signed a zero digest", "");
        } catch (AwsCallFailure e) {
            knowsDryRuns |= isAllowed(e);
            switch (e.type()) {
                case DRY_RUN -> fine(key.alias(), "may be used to sign");
                case RULES ->
                    warning(
                            key.alias(),
                            "signs what its rules allow, and no bare digest",
                            "unmodified agents sign digests: for them add \"digests\": true to the rules");
                default -> explain(key, "kms:Sign", e);
            }
        }
    }

    /// Asks the parties to sign without signing, so that the policies that there are decide.
    private static void trySigning(KmsClient kms, AgentKey key) {
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
    }

    private static boolean isAllowed(AwsCallFailure e) {
        return e.is(DRY_RUN) || e.is(RULES);
    }

    /// Whether this access key may sign with keys of other roles: a policy that covers more than its agent's own.
    private void looksForMoreThanItsOwn(KmsClient kms, List<AgentKey> all) {
        int others = 0;
        int allowed = 0;
        for (AgentKey key : all) {
            if (!key.role().equals(role)) {
                others++;
                try {
                    trySigning(kms, key);
                } catch (AwsCallFailure e) {
                    // A key that is missing or off may be allowed and cannot be told; it is then no danger either.
                    if (isAllowed(e)) {
                        allowed++;
                        warning(
                                "permissions",
                                "this access key may also sign with %s, which is not of the role %s"
                                        .formatted(key.alias(), role),
                                "give each role a policy of its own:"
                                        + " keymoot provision agents --policies DIR --split-policies");
                    }
                }
            }
        }
        if (others > 0 && allowed == 0) {
            fine("permissions", "this access key may sign with no key of another role");
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
        ExitCode code = e.status() >= 500
                ? ExitCode.RETRY_LATER
                : e.is("AccessDeniedException") ? ExitCode.DENIED : ExitCode.CONFLICT;
        fault(code, key.alias(), e.type() + ": " + e.getMessage(), fix);
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

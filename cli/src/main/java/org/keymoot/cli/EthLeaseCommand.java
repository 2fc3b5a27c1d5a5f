package org.keymoot.cli;

import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keymoot.cli.aws.AwsCallFailure;
import org.keymoot.cli.aws.KmsClient;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// Shows, takes or ends the nonce lease of a key on a chain.
@Command(
        name = "lease",
        description = "Show who holds a key's nonces on a chain; --release ends the lease, --take takes it.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot eth lease alias/bank --chain-id 1",
            "  keymoot eth lease alias/bank --chain-id 1 --release --yes --reason 'the run was killed'",
            "  keymoot eth lease alias/bank --chain-id 1 --take --holder relayer-0 --seconds 600",
            "",
            "The holder is a name that processes agree on. It keeps them from each other's nonces by",
            "mistake; it is no secret, and whoever may sign with the key may end the lease.",
            "",
        })
final class EthLeaseCommand extends BaseCommand {
    @Mixin
    EndpointOption endpoint = new EndpointOption();

    @Mixin
    Confirmation confirmation = new Confirmation();

    @Parameters(paramLabel = "KEY", description = "Id, ARN or alias of the key.")
    String key = "";

    @Option(names = "--chain-id", required = true, paramLabel = "NUMBER", description = "The chain.")
    BigInteger chainId = BigInteger.ZERO;

    @Option(
            names = "--holder",
            paramLabel = "NAME",
            description =
                    "For --take, whose it is to be; for --release, end it only if this one holds it, and do not ask.")
    @Nullable String holder;

    @Option(
            names = "--seconds",
            paramLabel = "NUMBER",
            description = "For --take, how long, 10 to 86400 (default: ${DEFAULT-VALUE}).")
    int seconds = 300;

    @ArgGroup
    @Nullable Change change;

    /// What is to become of the lease.
    static final class Change {
        @Option(names = "--release", description = "End the lease.")
        boolean release;

        @Option(names = "--take", description = "Take the lease, or renew it, in the name of --holder.")
        boolean take;
    }

    @Override
    public Integer call() throws IOException {
        try (KmsClient kms = endpoint.connect()) {
            if (change != null && change.take) {
                show(take(kms));
                return ExitCode.OK.code();
            }
            JsonNode lease = find(kms);
            if (lease == null) {
                output.result(
                        out(), Map.of("held", false), () -> "no lease was ever taken of this key on chain " + chainId);
            } else if (change != null && change.release) {
                release(kms, lease);
            } else {
                show(lease);
            }
        }
        return ExitCode.OK.code();
    }

    private JsonNode take(KmsClient kms) {
        if (holder == null) {
            throw new CliFailure(ExitCode.USAGE, "--take needs a name", "add --holder with the name of the process");
        }
        Map<String, Object> request = request(holder);
        request.put("DurationSeconds", seconds);
        return kms.keymoot("AcquireNonceLease", request);
    }

    private @Nullable JsonNode find(KmsClient kms) {
        try {
            return kms.keymoot("GetNonceLease", Map.of("KeyId", key, "ChainId", chainId.toString()));
        } catch (AwsCallFailure e) {
            if (e.is("NotFoundException") && String.valueOf(e.getMessage()).contains("no nonce lease")) {
                return null;
            }
            throw e;
        }
    }

    private void release(KmsClient kms, JsonNode lease) {
        String present = lease.path("Holder").asString("");
        if (!runs(lease)) {
            output.result(
                    out(),
                    Map.of("released", false),
                    () -> "nothing to end: the lease of '%s' is over".formatted(present));
            return;
        }
        if (holder == null) {
            confirmation.require(
                    "'%s' holds the lease until %s. If it is still at work, others will get its nonces."
                            .formatted(present, until(lease)),
                    "release " + present);
        }
        kms.keymoot("ReleaseNonceLease", request(holder == null ? present : holder));
        output.result(out(), Map.of("released", true), () -> "the lease of '%s' is ended".formatted(present));
    }

    private Map<String, Object> request(String name) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("KeyId", key);
        request.put("ChainId", chainId.toString());
        request.put("Holder", name);
        return request;
    }

    private void show(JsonNode lease) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("held", runs(lease));
        json.put("holder", lease.path("Holder").asString(""));
        json.put("until", until(lease).toString());
        json.put("nextNonce", lease.path("NextNonce").asString(""));
        json.put("openNonces", lease.path("OpenNonces"));
        json.put("unused", lease.path("Unused"));
        output.result(out(), json, () -> """
                        holder      %s
                        until       %s%s
                        next nonce  %s
                        given out   %s
                        given back  %s""".formatted(
                        lease.path("Holder").asString(""),
                        until(lease),
                        runs(lease) ? "" : ", over: anybody may take it",
                        lease.path("NextNonce").asString(""),
                        list(lease.path("OpenNonces")),
                        list(lease.path("Unused"))));
    }

    private static String list(JsonNode nonces) {
        return nonces.isEmpty()
                ? "none"
                : nonces.values().stream().map(nonce -> nonce.asString("")).collect(Collectors.joining(", "));
    }

    private static boolean runs(JsonNode lease) {
        return Instant.now().isBefore(until(lease));
    }

    private static Instant until(JsonNode lease) {
        return Instant.ofEpochMilli((long) (lease.path("ExpiresAt").asDouble(0) * 1000));
    }
}

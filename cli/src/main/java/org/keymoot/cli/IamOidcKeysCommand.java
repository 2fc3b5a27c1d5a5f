package org.keymoot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Service;
import org.keymoot.access.oidc.InvalidTokenException;
import org.keymoot.access.oidc.JsonWebKeys;
import org.keymoot.cli.aws.AwsCallFailure;
import org.keymoot.cli.aws.IamClient;
import org.keymoot.cli.aws.IdentityProvider;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Hands the keys of an identity provider to the parties, which fetch nothing themselves.
@Command(
        name = "oidc-keys",
        description = "Give the parties the keys that an identity provider signs with; run it again when they change.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot iam oidc-keys --issuer https://oidc.example.org/id/7",
            "  keymoot iam oidc-keys --issuer https://oidc.example.org/id/7 --jwks keys.json",
            "",
        })
final class IamOidcKeysCommand extends BaseCommand {
    private static final String SCHEME = "https://";

    @Mixin
    EndpointOption endpoint = new EndpointOption();

    @Option(
            names = "--issuer",
            required = true,
            paramLabel = "URL",
            description = "The provider, as its tokens name it.")
    String issuer = "";

    @Option(
            names = "--jwks",
            paramLabel = "FILE",
            description = "Its key set in a file (default: fetched from where the provider publishes it).")
    @Nullable Path jwks;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "Root certificates to trust when fetching (default: the system's).")
    @Nullable Path certificates;

    @Override
    public Integer call() throws IOException {
        if (!issuer.startsWith(SCHEME)) {
            throw new CliFailure(ExitCode.USAGE, "an issuer begins with https://", "give it as its tokens name it");
        }
        String document = jwks == null ? IdentityProvider.keySet(issuer, certificates) : Files.readString(jwks);
        JsonWebKeys keys;
        try {
            keys = JsonWebKeys.read(document);
        } catch (InvalidTokenException e) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "the key set cannot be used: " + e.getMessage(),
                    "give the set of public keys that the provider publishes",
                    e);
        }
        try (IamClient iam = endpoint.connectToIam()) {
            String arn = "arn:aws:iam::%s:oidc-provider/%s".formatted(iam.account(), issuer.substring(SCHEME.length()));
            iam.call(
                    Service.IAM,
                    "PutOpenIDConnectProviderKeys",
                    Map.of("OpenIDConnectProviderArn", arn, "JsonWebKeySet", keys.json()));
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("provider", arn);
            json.put("keys", keys.size());
            output.result(out(), json, () -> "%s: %d key%s".formatted(arn, keys.size(), keys.size() == 1 ? "" : "s"));
            return ExitCode.OK.code();
        } catch (AwsCallFailure e) {
            if (e.is("NoSuchEntity")) {
                throw new CliFailure(
                        ExitCode.CONFLICT,
                        "there is no provider of " + issuer,
                        "make it first: aws iam create-open-id-connect-provider --url " + issuer
                                + " --client-id-list sts.amazonaws.com",
                        e);
            }
            throw e;
        }
    }
}

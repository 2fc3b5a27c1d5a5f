package org.keymoot.cli.aws;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.access.oidc.JsonWebKeys;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;

/// Fetches the keys that a provider of OpenID Connect publishes (OpenID Connect Discovery 1.0, section 4).
///
/// It keeps true: every step goes over TLS to a server whose certificate is trusted, follows no redirection, and the
/// provider's document names the issuer that was asked for.
public final class IdentityProvider {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String DISCOVERY = "/.well-known/openid-configuration";
    private static final String REMEDY =
            "check the issuer's URL, or give its key set with --jwks FILE, and a private authority's root with --ca FILE";

    private IdentityProvider() {}

    /// The key set of an issuer.
    ///
    /// @param issuer as its tokens name it
    /// @param certificates a file of root certificates to trust, null for the system's
    public static String keySet(String issuer, @Nullable Path certificates) throws IOException {
        try (HttpClient http = SignedCalls.http(certificates)) {
            String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
            String about = get(http, base + DISCOVERY);
            String named;
            String keys;
            try {
                var document = JsonReader.read(about);
                named = document.path("issuer").asString("");
                keys = document.path("jwks_uri").asString("");
            } catch (InvalidJsonException e) {
                throw new CliFailure(ExitCode.USAGE, base + DISCOVERY + " gives no JSON", REMEDY, e);
            }
            if (!named.equals(issuer)) {
                throw new CliFailure(
                        ExitCode.INTEGRITY,
                        "the document of %s is that of '%s'".formatted(issuer, named),
                        "give the issuer as the provider's document and tokens name it");
            }
            return get(http, keys);
        }
    }

    private static String get(HttpClient http, String url) throws IOException {
        URI uri;
        try {
            uri = URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new CliFailure(ExitCode.USAGE, "'%s' is no URL".formatted(url), REMEDY, e);
        }
        if (!"https".equals(uri.getScheme()) || uri.getHost() == null) {
            throw new CliFailure(ExitCode.USAGE, "'%s' is no https URL".formatted(url), REMEDY);
        }
        HttpRequest request =
                HttpRequest.newBuilder(uri).timeout(PATIENCE).GET().build();
        try {
            HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                byte[] bytes = body.readNBytes(4 * JsonWebKeys.MAXIMUM_LENGTH);
                if (response.statusCode() != 200) {
                    throw new CliFailure(
                            ExitCode.RETRY_LATER, "%s answers %d".formatted(url, response.statusCode()), REMEDY);
                }
                return new String(bytes, StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw new CliFailure(
                    ExitCode.RETRY_LATER,
                    "%s cannot be fetched: %s".formatted(url, e.getMessage() == null ? e : e.getMessage()),
                    REMEDY,
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliFailure(ExitCode.RETRY_LATER, "fetching " + url + " was interrupted", "run it again", e);
        }
    }
}

package org.keymoot.cli.aws;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.sigv4.Scheme;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;

/// Endpoint, Region and credentials from where AWS's clients look: the command line, the environment, then the profile
/// in the shared files.
public final class AwsSettings {
    private static final String ENDPOINT_REMEDY =
            "set AWS_ENDPOINT_URL or give --endpoint-url; for a development cluster: eval \"$(keymoot env)\"";

    private final Map<String, String> environment;
    private final String profile;
    private final Map<String, String> fromFiles;

    /// @param profile null for the one that AWS_PROFILE names, or `default`
    public AwsSettings(Map<String, String> environment, @Nullable String profile) throws IOException {
        this.environment = Map.copyOf(environment);
        String named = profile != null ? profile : environment.get("AWS_PROFILE");
        this.profile = named == null ? "default" : named;
        this.fromFiles = new HashMap<>();
        fromFiles.putAll(section(file("AWS_CONFIG_FILE", "config"), List.of("profile " + this.profile, this.profile)));
        fromFiles.putAll(section(file("AWS_SHARED_CREDENTIALS_FILE", "credentials"), List.of(this.profile)));
    }

    private Path file(String variable, String name) {
        String path = environment.get(variable);
        return path != null ? Path.of(path) : Path.of(System.getProperty("user.home"), ".aws", name);
    }

    /// The settings in the sections of these names.
    private static Map<String, String> section(Path file, List<String> names) throws IOException {
        Map<String, String> found = new HashMap<>();
        if (!Files.isRegularFile(file)) {
            return found;
        }
        boolean inside = false;
        for (String line : Files.readAllLines(file)) {
            String text = line.strip();
            if (text.startsWith("[") && text.endsWith("]")) {
                inside = names.contains(text.substring(1, text.length() - 1).strip());
            } else if (inside && !text.startsWith("#") && !text.startsWith(";") && text.indexOf('=') > 0) {
                int equals = text.indexOf('=');
                found.put(
                        text.substring(0, equals).strip(),
                        text.substring(equals + 1).strip());
            }
        }
        return found;
    }

    public URI endpoint(@Nullable String given) {
        String url = first(
                given,
                environment.get("AWS_ENDPOINT_URL_KMS"),
                environment.get("AWS_ENDPOINT_URL"),
                fromFiles.get("endpoint_url"));
        if (url == null) {
            throw new CliFailure(ExitCode.USAGE, "no KMS endpoint is named", ENDPOINT_REMEDY);
        }
        try {
            URI uri = URI.create(url);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw new CliFailure(ExitCode.USAGE, "'%s' is no URL".formatted(url), ENDPOINT_REMEDY, e);
        }
        throw new CliFailure(ExitCode.USAGE, "'%s' is no http or https URL".formatted(url), ENDPOINT_REMEDY);
    }

    public String region(@Nullable String given) {
        String region = first(
                given, environment.get("AWS_REGION"), environment.get("AWS_DEFAULT_REGION"), fromFiles.get("region"));
        if (region == null) {
            throw new CliFailure(
                    ExitCode.USAGE, "no Region is named", "set AWS_REGION, or give --region, such as us-east-1");
        }
        return region;
    }

    /// The environment's credentials, and the profile's where it has none or a profile was asked for by name.
    ///
    /// @param byProfile whether `--profile` was given, which then wins over the environment
    public AwsCredentials credentials(boolean byProfile) {
        String id = environment.get("AWS_ACCESS_KEY_ID");
        String secret = environment.get("AWS_SECRET_ACCESS_KEY");
        if (!byProfile && id != null && secret != null) {
            return new AwsCredentials(id, secret, environment.get("AWS_SESSION_TOKEN"), scheme());
        }
        id = fromFiles.get("aws_access_key_id");
        secret = fromFiles.get("aws_secret_access_key");
        if (id == null || secret == null) {
            throw new CliFailure(
                    ExitCode.AUTHENTICATION,
                    "no access key was found in the environment or in the profile '%s'".formatted(profile),
                    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE to a profile that has them");
        }
        return new AwsCredentials(id, secret, fromFiles.get("aws_session_token"), scheme());
    }

    /// How requests are signed, by the setting that AWS's SDKs have for it: the first scheme in it that is known.
    private Scheme scheme() {
        String preferred =
                first(environment.get("AWS_AUTH_SCHEME_PREFERENCE"), fromFiles.get("auth_scheme_preference"));
        for (String scheme : preferred == null ? new String[0] : preferred.split(",")) {
            switch (scheme.strip()) {
                case "sigv4a" -> {
                    return Scheme.PUBLIC_KEY;
                }
                case "sigv4" -> {
                    return Scheme.SHARED_SECRET;
                }
                default -> {}
            }
        }
        return Scheme.SHARED_SECRET;
    }

    /// A file of certificates to trust for TLS, null for the system's.
    public @Nullable Path certificates() {
        String file = first(environment.get("AWS_CA_BUNDLE"), fromFiles.get("ca_bundle"));
        return file == null ? null : Path.of(file);
    }

    private static @Nullable String first(@Nullable String... values) {
        for (String value : values) {
            if (value != null && !value.isEmpty()) {
                return value;
            }
        }
        return null;
    }
}

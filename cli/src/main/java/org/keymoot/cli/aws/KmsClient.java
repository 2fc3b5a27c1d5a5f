package org.keymoot.cli.aws;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.SignedRequest.Header;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.access.sigv4.CanonicalRequest;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.access.sigv4.MalformedRequestException;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;
import org.keymoot.cli.Output;
import tools.jackson.databind.JsonNode;

/// Calls a KMS endpoint.
///
/// It keeps true: an attempt after the first sends the very same signed request, which the parties recognise, so that
/// a lost answer makes no second key.
public final class KmsClient implements AutoCloseable {
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final int MAX_ATTEMPTS = 5;
    private static final int MAX_PAGES = 10_000;

    private final HttpClient http;
    private final URI endpoint;
    private final String region;
    private final AwsCredentials credentials;
    private final InstantSource clock;

    public KmsClient(
            URI endpoint, String region, AwsCredentials credentials, @Nullable Path certificates, InstantSource clock)
            throws IOException {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIMEOUT);
        if (certificates != null) {
            builder.sslContext(trusting(certificates));
        }
        this.http = builder.build();
        this.endpoint = endpoint;
        this.region = region;
        this.credentials = credentials;
        this.clock = clock;
    }

    public URI endpoint() {
        return endpoint;
    }

    public String region() {
        return region;
    }

    /// Calls an action of KMS.
    ///
    /// @throws AwsCallFailure when the endpoint refuses it
    /// @throws CliFailure when the endpoint cannot be reached
    public JsonNode call(String action, Map<String, ?> input) {
        return call("TrentService", action, input);
    }

    /// Calls an action that Keymoot has beside those of KMS.
    public JsonNode keymoot(String action, Map<String, ?> input) {
        return call("Keymoot", action, input);
    }

    /// All elements of a listing, page after page.
    public List<JsonNode> list(String action, Map<String, ?> input, String member) {
        List<JsonNode> all = new ArrayList<>();
        Map<String, Object> request = new LinkedHashMap<>(input);
        for (int page = 0; page < MAX_PAGES; page++) {
            JsonNode answer = call(action, request);
            all.addAll(answer.path(member).values());
            if (!answer.path("Truncated").asBoolean(false)) {
                return all;
            }
            request.put("Marker", answer.path("NextMarker").asString(""));
        }
        throw new CliFailure(
                ExitCode.INTEGRITY, action + " did not come to an end", "check the endpoint: it repeats its markers");
    }

    private JsonNode call(String service, String action, Map<String, ?> input) {
        byte[] body = Output.toJson(input).getBytes(StandardCharsets.UTF_8);
        HttpRequest request = signed(service + "." + action, body);
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            boolean last = attempt == MAX_ATTEMPTS;
            try {
                return read(action, http.send(request, HttpResponse.BodyHandlers.ofByteArray()));
            } catch (AwsCallFailure e) {
                if (last || !e.isPassing()) {
                    throw e;
                }
            } catch (IOException e) {
                if (last) {
                    throw new CliFailure(
                            ExitCode.RETRY_LATER,
                            "the endpoint %s did not answer %s: %s"
                                    .formatted(endpoint, action, e.getMessage() == null ? e : e.getMessage()),
                            "check the address and that the endpoint runs (`keymoot status`), then run it again",
                            e);
                }
            } catch (InterruptedException e) {
                throw interrupted(action, e);
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                throw interrupted(action, e);
            }
            pause = pause.multipliedBy(2);
        }
    }

    private static CliFailure interrupted(String action, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new CliFailure(ExitCode.RETRY_LATER, action + " was interrupted", "run it again", e);
    }

    private static JsonNode read(String action, HttpResponse<byte[]> response) throws IOException {
        JsonNode body;
        try {
            body = response.body().length == 0 ? JsonReader.stored("{}") : JsonReader.read(response.body());
        } catch (InvalidJsonException e) {
            throw new IOException(
                    "status %d with a body that is no JSON; is this a KMS endpoint?".formatted(response.statusCode()),
                    e);
        }
        if (response.statusCode() == 200) {
            return body;
        }
        String type = body.path("__type").asString("");
        String message = body.path("message").asString(body.path("Message").asString(""));
        throw new AwsCallFailure(
                action,
                type.isEmpty() ? "HTTP " + response.statusCode() : type.substring(type.indexOf('#') + 1),
                message,
                response.statusCode());
    }

    private HttpRequest signed(String target, byte[] body) {
        String timestamp = TIMESTAMP.format(clock.instant());
        CredentialScope scope = new CredentialScope(timestamp.substring(0, 8), region, "kms");
        TreeMap<String, String> headers = new TreeMap<>();
        headers.put("content-type", "application/x-amz-json-1.1");
        headers.put("host", endpoint.getAuthority());
        headers.put("x-amz-date", timestamp);
        headers.put("x-amz-target", target);
        if (credentials.sessionToken() != null) {
            headers.put("x-amz-security-token", credentials.sessionToken());
        }
        List<String> names = List.copyOf(headers.keySet());
        List<Header> lines = headers.entrySet().stream()
                .map(header -> new Header(header.getKey(), header.getValue()))
                .toList();
        String canonical;
        try {
            canonical =
                    CanonicalRequest.of("POST", "/", lines, names, CanonicalRequest.sha256Hex(body), true, Set.of());
        } catch (MalformedRequestException e) {
            throw new IllegalStateException("a request of our own making is malformed", e);
        }
        String signature = HexFormat.of()
                .formatHex(credentials.sign(scope, CanonicalRequest.stringToSign(timestamp, scope, canonical)));
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.resolve("/"))
                .timeout(CALL_TIMEOUT)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .header(
                        "authorization",
                        "%s Credential=%s/%s, SignedHeaders=%s, Signature=%s"
                                .formatted(
                                        CanonicalRequest.ALGORITHM,
                                        credentials.accessKeyId(),
                                        scope.text(),
                                        String.join(";", names),
                                        signature));
        headers.remove("host");
        headers.forEach(request::header);
        return request.build();
    }

    private static SSLContext trusting(Path certificates) throws IOException {
        try (InputStream pem = Files.newInputStream(certificates)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int count = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("root-" + count++, certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "%s holds no certificates that can be used".formatted(certificates),
                    "name a PEM file of root certificates in AWS_CA_BUNDLE",
                    e);
        }
    }

    @Override
    public void close() {
        http.close();
        credentials.close();
    }
}

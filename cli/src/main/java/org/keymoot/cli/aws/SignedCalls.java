package org.keymoot.cli.aws;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.SignedRequest.Header;
import org.keymoot.access.sigv4.CanonicalRequest;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.access.sigv4.MalformedRequestException;
import org.keymoot.access.sigv4.Scheme;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;

/// Sends signed requests to an endpoint, by either scheme of signing.
///
/// It keeps true: an attempt after the first sends the very same signed request, which the parties recognise, so that
/// a lost answer changes nothing twice.
final class SignedCalls implements AutoCloseable {
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final int MAX_ATTEMPTS = 5;

    private final HttpClient http;
    private final URI endpoint;
    private final String region;
    private final AwsCredentials credentials;
    private final InstantSource clock;

    SignedCalls(
            URI endpoint, String region, AwsCredentials credentials, @Nullable Path certificates, InstantSource clock)
            throws IOException {
        this.http = http(certificates);
        this.endpoint = endpoint;
        this.region = region;
        this.credentials = credentials;
        this.clock = clock;
    }

    /// A client that follows no redirection.
    ///
    /// @param certificates a file of root certificates to trust, null for the system's
    static HttpClient http(@Nullable Path certificates) throws IOException {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIMEOUT);
        if (certificates != null) {
            builder.sslContext(trusting(certificates));
        }
        return builder.build();
    }

    URI endpoint() {
        return endpoint;
    }

    String region() {
        return region;
    }

    AwsCredentials credentials() {
        return credentials;
    }

    /// Reads an answer.
    @FunctionalInterface
    interface Reader<T> {
        /// @throws AwsCallFailure when it is a refusal
        /// @throws IOException when it is no answer of such an endpoint
        T read(HttpResponse<byte[]> response) throws IOException;
    }

    /// Posts a request to the endpoint's root.
    ///
    /// @param service in the scope of the signature
    /// @param more headers beside those that all requests have; all are signed
    <T> T post(String service, String action, Map<String, String> more, byte[] body, Reader<T> reader) {
        HttpRequest request = signed(service, more, body);
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            boolean last = attempt == MAX_ATTEMPTS;
            try {
                return reader.read(http.send(request, HttpResponse.BodyHandlers.ofByteArray()));
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

    private HttpRequest signed(String service, Map<String, String> more, byte[] body) {
        String timestamp = TIMESTAMP.format(clock.instant());
        Scheme scheme = credentials.scheme();
        CredentialScope scope = new CredentialScope(timestamp.substring(0, 8), region, service);
        TreeMap<String, String> headers = new TreeMap<>(more);
        headers.put("host", endpoint.getAuthority());
        headers.put("x-amz-date", timestamp);
        if (scheme == Scheme.PUBLIC_KEY) {
            headers.put("x-amz-region-set", region);
        }
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
                .formatHex(credentials.sign(scope, CanonicalRequest.stringToSign(scheme, timestamp, scope, canonical)));
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.resolve("/"))
                .timeout(CALL_TIMEOUT)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .header(
                        "authorization",
                        "%s Credential=%s/%s, SignedHeaders=%s, Signature=%s"
                                .formatted(
                                        scheme.algorithm(),
                                        credentials.accessKeyId(),
                                        scheme.scope(scope),
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

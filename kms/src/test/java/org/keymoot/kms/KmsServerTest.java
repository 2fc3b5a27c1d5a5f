package org.keymoot.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.Cluster;
import org.keymoot.access.SignedRequest;
import org.keymoot.platform.config.ConfigException;
import org.keymoot.platform.config.ConfigLoader;
import org.keymoot.platform.tls.ClusterTls;
import org.keymoot.platform.tls.ClusterTrust;
import org.keymoot.platform.tls.NodeIdentity;
import org.keymoot.platform.tls.SpiffeId;

/// The endpoint as its main starts it: from a settings file, with mutual TLS to the party.
@Timeout(60)
final class KmsServerTest {
    private final TestAuthority authority = new TestAuthority();

    private static KmsConfig config(String yaml) {
        return new ConfigLoader(Map.of(), Set.of())
                .parse(KmsConfig.class, yaml, "kms.yaml")
                .value();
    }

    private String yaml(Path directory, int partyPort) throws IOException {
        Path identity = authority.identity(directory, "endpoint", "spiffe://dev/endpoint/kms");
        return """
                cluster: dev
                listen: 127.0.0.1:0
                telemetry: 127.0.0.1:0
                identity:
                  certificate: %s.crt
                  key: %s.key
                  roots: %s
                parties:
                  - index: 1
                    gateway: 127.0.0.1:%d
                requestTimeout: 5s
                attemptTimeout: 3s
                """.formatted(identity, identity, authority.roots(directory), partyPort);
    }

    private SslContext party(Path directory, String uri) throws IOException {
        Path path = authority.identity(directory, "party", uri);
        NodeIdentity identity = NodeIdentity.load(Path.of(path + ".crt"), Path.of(path + ".key"));
        return new ClusterTls(() -> identity, ClusterTrust.load(authority.roots(directory), InstantSource.system()))
                .grpcServer(id -> id.role() == SpiffeId.Role.ENDPOINT, "an endpoint");
    }

    private static HttpResponse<String> listKeys(KmsServer server) throws IOException, InterruptedException {
        TreeMap<String, String> headers = new TreeMap<>();
        headers.put("content-type", "application/x-amz-json-1.1");
        headers.put("host", "127.0.0.1:" + server.address().getPort());
        headers.put("x-amz-target", "TrentService.ListKeys");
        SignedRequest signed = Cluster.as("AKIAROOT", Cluster.REGION)
                .post(headers, "{}".getBytes(StandardCharsets.UTF_8), Instant.now());
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url()))
                .POST(HttpRequest.BodyPublishers.ofByteArray(signed.body()));
        signed.headers().stream()
                .filter(header -> !header.name().equals("host"))
                .forEach(header -> request.header(header.name(), header.value()));
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void servesClientsThroughAPartyThatProvesItsName(@TempDir Path directory) throws Exception {
        try (LocalParty party = new LocalParty(new Cluster(), party(directory, "spiffe://dev/party/1"));
                KmsServer server = KmsServer.start(config(yaml(directory, party.port())), InstantSource.system())) {
            HttpResponse<String> answer = listKeys(server);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(party.requests).hasValue(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"spiffe://dev/party/2", "spiffe://other/party/1", "spiffe://dev/endpoint/kms"})
    void asksNobodyWhoIsNotTheParty(String uri, @TempDir Path directory) throws Exception {
        try (LocalParty impostor = new LocalParty(new Cluster(), party(directory, uri));
                KmsServer server = KmsServer.start(config(yaml(directory, impostor.port())), InstantSource.system())) {
            HttpResponse<String> answer = listKeys(server);
            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(answer.body()).contains("KMSInternalException");
            assertThat(impostor.requests).hasValue(0);
        }
    }

    @Test
    void refusesSettingsThatDoNotHoldTogether(@TempDir Path directory) throws IOException {
        String good = yaml(directory, 1);
        assertThat(config(good).maximumConcurrent()).isEqualTo(256);
        for (String bad : new String[] {
            good.replace("index: 1", "index: 0"),
            good.replace("requestTimeout: 5s", "requestTimeout: 0s"),
            good + "maximumConcurrent: 0\n",
            good + "surprise: 1\n",
            good.substring(0, good.indexOf("parties:"))
        }) {
            assertThatThrownBy(() -> config(bad)).as(bad).isInstanceOf(ConfigException.class);
        }
    }
}

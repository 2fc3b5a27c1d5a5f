package org.keymoot.platform.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.keymoot.platform.http.HttpAnswer;
import org.keymoot.platform.http.HttpHandler;
import org.keymoot.platform.http.HttpOptions;
import org.keymoot.platform.http.HttpServer;
import org.keymoot.platform.http.HttpTls;
import org.keymoot.platform.tls.TestAuthority.Leaf;

/// An HTTP listener of the cluster, over real TLS on the loopback interface.
class ClusterHttpsTest {
    private static final SpiffeId PARTY = SpiffeId.party("alpha", 1);
    private static final SpiffeId OPERATOR = SpiffeId.operator("alpha", "eve");

    @Test
    void showsTheHandlerWhoAsksAndRefusesThoseWithoutACertificate() throws Exception {
        TestAuthority authority = new TestAuthority();
        ClusterTrust trust = new ClusterTrust(List.of(authority.root), InstantSource.system());
        NodeIdentity party = authority.identity(Leaf.of(PARTY.toString()));
        NodeIdentity operator = authority.identity(Leaf.of(OPERATOR.toString()));
        SSLContext serving = new ClusterTls(() -> party, trust)
                .jdk(id -> id.role() == SpiffeId.Role.OPERATOR, "an operator of alpha");
        HttpHandler handler = exchange -> HttpAnswer.text(
                200, Fingerprint.of(exchange.peerCertificates().getFirst()).text());
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (HttpServer server =
                HttpServer.start(HttpOptions.plain("test", address).withTls(HttpTls.mutual(serving)), handler)) {
            SSLContext asking = new ClusterTls(() -> operator, trust).jdk(PARTY::equals, PARTY.toString());
            assertThat(get(server, asking))
                    .isEqualTo(Fingerprint.of(operator.leaf()).text() + "\n");
            SSLContext asParty = new ClusterTls(() -> party, trust).jdk(PARTY::equals, PARTY.toString());
            assertThatThrownBy(() -> get(server, asParty)).isInstanceOf(IOException.class);
            SSLContext nameless = PublicTls.client(List.of(authority.root));
            assertThatThrownBy(() -> get(server, nameless)).isInstanceOf(IOException.class);
            SSLContext expectsAnother =
                    new ClusterTls(() -> operator, trust).jdk(id -> id.index() == 2, "spiffe://alpha/party/2");
            assertThatThrownBy(() -> get(server, expectsAnother))
                    .isInstanceOf(IOException.class)
                    .hasStackTraceContaining("expected spiffe://alpha/party/2, found spiffe://alpha/party/1");
        }
    }

    private static String get(HttpServer server, SSLContext context) throws Exception {
        try (HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
            URI uri = URI.create("https://127.0.0.1:" + server.address().getPort() + "/");
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}

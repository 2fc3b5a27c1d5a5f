package org.keymoot.kms;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.keymoot.access.Cluster;
import org.keymoot.platform.http.HttpOptions;
import org.keymoot.platform.http.HttpServer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.kms.KmsClient;

/// An endpoint on a loopback port in front of three local parties.
final class TestEndpoint implements AutoCloseable {
    static final int MAXIMUM_CONCURRENT = 4;

    final Cluster cluster = new Cluster();
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final List<LocalParty> parties;
    private final List<GrpcPartyLink> links;
    private final HttpServer http;

    TestEndpoint(Duration requestTimeout, Duration attemptTimeout) throws IOException {
        this.parties = LocalParty.three(cluster);
        this.links = parties.stream()
                .map(party -> new GrpcPartyLink("party at " + party.port(), "127.0.0.1", party.port(), null))
                .toList();
        PartyPool pool = new PartyPool(List.copyOf(links), requestTimeout, attemptTimeout, System::nanoTime);
        KmsEndpoint endpoint = new KmsEndpoint(pool, new KmsMetrics(registry), MAXIMUM_CONCURRENT);
        HttpOptions options = HttpOptions.plain("kms", new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .withMaximumBodyBytes(KmsEndpoint.MAXIMUM_BODY_BYTES);
        this.http = HttpServer.start(options, endpoint);
    }

    TestEndpoint() throws IOException {
        this(Duration.ofSeconds(10), Duration.ofSeconds(5));
    }

    void all(LocalParty.Mode mode) {
        parties.forEach(party -> party.mode = mode);
    }

    int port() {
        return http.address().getPort();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port());
    }

    /// The SDK, signing as the root of the account, without retries of its own.
    KmsClient client(String accessKeyId, String secret, String region) {
        return KmsClient.builder()
                .endpointOverride(uri())
                .region(Region.of(region))
                .httpClient(UrlConnectionHttpClient.create())
                .overrideConfiguration(configuration -> configuration.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKeyId, secret)))
                .build();
    }

    KmsClient root() {
        return client("AKIAROOT", Cluster.SECRET, Cluster.REGION);
    }

    @Override
    public void close() {
        parties.forEach(LocalParty::close);
        http.close();
        links.forEach(GrpcPartyLink::close);
    }
}

package org.keymoot.platform.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class TelemetryTest {
    @Test
    void showsFiguresHealthAndReadiness() throws Exception {
        try (Telemetry telemetry = Telemetry.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                HttpClient client = HttpClient.newHttpClient()) {
            AtomicReference<String> trouble = new AtomicReference<>("");
            telemetry.watch("audit", trouble::get);
            telemetry.registry().counter("keymoot.signatures").increment(3);
            telemetry.watchCertificate(
                    "mesh", () -> Instant.ofEpochSecond(1000), InstantSource.fixed(Instant.ofEpochSecond(400)));
            assertThat(get(client, telemetry, "/metrics").body())
                    .contains(
                            "keymoot_signatures_total 3.0",
                            "keymoot_certificate_seconds_left{certificate=\"mesh\"} 600.0",
                            "jvm_memory_used_bytes");
            assertThat(get(client, telemetry, "/ready").statusCode()).isEqualTo(200);
            trouble.set("the disk is full");
            assertThat(get(client, telemetry, "/ready").statusCode()).isEqualTo(503);
            HttpResponse<String> health = get(client, telemetry, "/health");
            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(health.body()).isEqualTo("{\"parts\":{\"audit\":\"the disk is full\"},\"well\":false}");
        }
    }

    private static HttpResponse<String> get(HttpClient client, Telemetry telemetry, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + telemetry.address().getPort() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}

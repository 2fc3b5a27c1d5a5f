package org.keymoot.cli.aws;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;
import org.keymoot.cli.Output;
import tools.jackson.databind.JsonNode;

/// Calls a KMS endpoint.
///
/// It keeps true: an attempt after the first sends the very same signed request, which the parties recognise, so that
/// a lost answer makes no second key.
public final class KmsClient implements AutoCloseable {
    private static final int MAX_PAGES = 10_000;

    private final SignedCalls calls;

    public KmsClient(
            URI endpoint, String region, AwsCredentials credentials, @Nullable Path certificates, InstantSource clock)
            throws IOException {
        this.calls = new SignedCalls(endpoint, region, credentials, certificates, clock);
    }

    public URI endpoint() {
        return calls.endpoint();
    }

    public String region() {
        return calls.region();
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
        Map<String, String> headers =
                Map.of("content-type", "application/x-amz-json-1.1", "x-amz-target", service + "." + action);
        return calls.post("kms", action, headers, body, response -> read(action, response));
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

    @Override
    public void close() {
        calls.close();
    }
}

package org.keymoot.testkit.clients;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keymoot.testkit.cluster.Shell;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A client of another language in a process of its own, which is told each call in a line and answers in one.
final class PipedClient implements AwsClient {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path errors;
    private final Process process;
    private final BufferedWriter questions;
    private final BufferedReader answers;

    private PipedClient(Path folder, String name, List<String> line, String accessKeyId, String secretAccessKey)
            throws IOException {
        errors = folder.resolve(name + ".err");
        ProcessBuilder builder = new ProcessBuilder(line).redirectError(errors.toFile());
        builder.environment()
                .putAll(Map.of(
                        "AWS_ACCESS_KEY_ID",
                        accessKeyId,
                        "AWS_SECRET_ACCESS_KEY",
                        secretAccessKey,
                        "AWS_DEFAULT_REGION",
                        "us-east-1",
                        "AWS_PAGER",
                        "",
                        "AWS_EC2_METADATA_DISABLED",
                        "true",
                        "AWS_CONFIG_FILE",
                        folder.resolve("no-config").toString(),
                        "AWS_SHARED_CREDENTIALS_FILE",
                        folder.resolve("no-credentials").toString()));
        process = builder.start();
        questions = process.outputWriter();
        answers = process.inputReader();
    }

    /// `awscli` or `boto3`, unmodified, of the Python that is named.
    static PipedClient python(
            String python, String client, Path folder, String endpoint, String accessKeyId, String secretAccessKey)
            throws IOException {
        String program =
                Shell.repository().resolve("testkit/tools/clients/calls.py").toString();
        return new PipedClient(
                folder, client, List.of(python, program, client, endpoint), accessKeyId, secretAccessKey);
    }

    /// The SDK for JavaScript, unmodified, as `testkit/tools/node/install` put it into a folder.
    static PipedClient node(Path folder, Path installed, String endpoint, String accessKeyId, String secretAccessKey)
            throws IOException {
        String program = installed.resolve("calls.mjs").toString();
        return new PipedClient(
                folder, "node", List.of("/usr/bin/env", "node", program, endpoint), accessKeyId, secretAccessKey);
    }

    @Override
    public Outcome call(String service, String operation, Map<String, ?> input) throws IOException {
        Map<String, Object> question = new LinkedHashMap<>();
        question.put("service", service);
        question.put("operation", operation);
        question.put("input", input);
        questions.write(JSON.writeValueAsString(question));
        questions.newLine();
        questions.flush();
        String line = answers.readLine();
        if (line == null) {
            throw new AssertionError(operation + " ended the client: " + Files.readString(errors));
        }
        JsonNode answer = JSON.readTree(line);
        if (answer.has("unknown")) {
            return new Outcome.Unknown();
        }
        return answer.has("output")
                ? new Outcome.Answered(answer.path("output"))
                : new Outcome.Refused(
                        answer.path("code").asString(), answer.path("message").asString());
    }

    @Override
    public void close() throws IOException {
        questions.close();
        process.destroy();
    }
}

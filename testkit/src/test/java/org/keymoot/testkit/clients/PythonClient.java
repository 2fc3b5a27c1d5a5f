package org.keymoot.testkit.clients;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.keymoot.testkit.cluster.Shell;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Debian's `aws` or boto3, unmodified, in one Python process.
final class PythonClient implements AwsClient {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path errors;
    private final Process process;
    private final BufferedWriter questions;
    private final BufferedReader answers;

    /// @param client `awscli` or `boto3`
    PythonClient(String client, Path folder, String endpoint, String accessKeyId, String secretAccessKey)
            throws IOException {
        errors = folder.resolve(client + ".err");
        ProcessBuilder builder = new ProcessBuilder(
                        "/usr/bin/python3",
                        Shell.repository()
                                .resolve("testkit/tools/clients/calls.py")
                                .toString(),
                        client,
                        endpoint)
                .redirectError(errors.toFile());
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

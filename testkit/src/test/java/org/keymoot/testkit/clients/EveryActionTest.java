package org.keymoot.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.Action;
import org.keymoot.access.ServiceAction;
import org.keymoot.access.iam.IamAction;
import org.keymoot.access.iam.StsAction;
import org.keymoot.testkit.cluster.RunningCluster;
import org.keymoot.testkit.cluster.Shell;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Every action by four of AWS's clients, unmodified, on a cluster of three processes; and what the cluster's audit
/// log and metrics say of all that.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EveryActionTest {
    static final String ADMINISTRATOR = "administrator";
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String ALLOW_ALL = """
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}""";

    /// Operations that came to AWS after the releases that Debian has.
    private static final Set<String> NEWER_THAN_DEBIAN =
            Set.of("DeriveSharedSecret", "GetKeyLastUsage", "ListKeyRotations", "RotateKeyOnDemand");

    private static final String DEBIANS_PYTHON = "/usr/bin/python3";

    @TempDir
    static Path folder = Path.of("");

    private static RunningCluster cluster;
    private static String accessKeyId = "";
    private static String secretAccessKey = "";

    @BeforeAll
    static void start() throws Exception {
        cluster = RunningCluster.start(folder.resolve("cluster"));
        JsonNode environment = cluster.environment();
        try (JavaClient root = new JavaClient(
                cluster.endpoint(),
                environment.path("AWS_ACCESS_KEY_ID").stringValue(),
                environment.path("AWS_SECRET_ACCESS_KEY").stringValue())) {
            Calls calls = new Calls(root);
            calls.call(IamAction.CREATE_USER, "UserName", ADMINISTRATOR).is("/User/UserName", ADMINISTRATOR);
            calls.call(
                            IamAction.PUT_USER_POLICY,
                            "UserName",
                            ADMINISTRATOR,
                            "PolicyName",
                            "all",
                            "PolicyDocument",
                            ALLOW_ALL)
                    .isDone();
            Calls.Answer key = calls.call(IamAction.CREATE_ACCESS_KEY, "UserName", ADMINISTRATOR);
            accessKeyId = key.text("/AccessKey/AccessKeyId");
            secretAccessKey = key.text("/AccessKey/SecretAccessKey");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    /// What AWS has and this endpoint answers, by the code's own lists.
    private static Set<ServiceAction> actionsOfAws() {
        Set<ServiceAction> actions = new HashSet<>();
        Stream.of(Action.values()).filter(action -> !action.own()).forEach(actions::add);
        Stream.of(IamAction.values())
                .filter(action -> action != IamAction.PUT_OIDC_KEYS)
                .forEach(actions::add);
        actions.addAll(List.of(StsAction.values()));
        return actions;
    }

    private static void everyAction(AwsClient client, String name, Set<String> mayLack) throws Exception {
        try (client) {
            Calls calls = new Calls(client);
            new EveryAction(calls, name).run();
            assertThat(mayLack).as("operations that %s does not know", name).containsAll(calls.unknown());
            assertThat(calls.checked())
                    .as("actions that %s called and whose answer was checked", name)
                    .containsAll(actionsOfAws().stream()
                            .filter(action -> !calls.unknown().contains(action.aws()))
                            .collect(Collectors.toSet()));
        }
    }

    @Test
    @Order(1)
    void theSdkForJavaCallsEveryAction() throws Exception {
        everyAction(new JavaClient(cluster.endpoint(), accessKeyId, secretAccessKey), "sdk", Set.of());
    }

    @Test
    @Order(2)
    void debiansAwsCommandLineCallsEveryActionThatItKnows() throws Exception {
        everyAction(
                PipedClient.python(DEBIANS_PYTHON, "awscli", folder, cluster.endpoint(), accessKeyId, secretAccessKey),
                "awscli",
                NEWER_THAN_DEBIAN);
    }

    @Test
    @Order(3)
    void boto3CallsEveryActionThatItKnows() throws Exception {
        everyAction(
                PipedClient.python(DEBIANS_PYTHON, "boto3", folder, cluster.endpoint(), accessKeyId, secretAccessKey),
                "boto",
                NEWER_THAN_DEBIAN);
    }

    @Test
    @Order(4)
    void theSdkForJavaScriptCallsEveryAction() throws Exception {
        Path installed = folder.resolve("node");
        Shell.bash(folder, Shell.repository().resolve("testkit/tools/node/install") + " " + installed)
                .mustSucceed();
        everyAction(
                PipedClient.node(folder, installed, cluster.endpoint(), accessKeyId, secretAccessKey), "js", Set.of());
    }

    /// What PyPI has is newer than what Debian has.
    @Test
    @Order(5)
    @Tag("slow")
    void boto3OfPyPiCallsEveryAction() throws Exception {
        Path installed = folder.resolve("python");
        Shell.bash(folder, Shell.repository().resolve("testkit/tools/python/install") + " " + installed)
                .mustSucceed();
        everyAction(
                PipedClient.python(
                        installed.resolve("bin/python").toString(),
                        "boto3",
                        folder,
                        cluster.endpoint(),
                        accessKeyId,
                        secretAccessKey),
                "pypi",
                Set.of());
    }

    @Test
    @Order(6)
    void theExportHasAnEventForEveryActionAndNoSecret() throws Exception {
        Path file = folder.resolve("events.json.gz");
        export("--out", file.toString());
        JsonNode all;
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            all = JSON.readTree(in.readAllBytes());
        }
        Set<String> seen = new TreeSet<>();
        Map<String, JsonNode> byId = new TreeMap<>();
        for (JsonNode event : all.path("Records")) {
            seen.add(event.path("eventSource").stringValue() + " "
                    + event.path("eventName").stringValue());
            assertThat(byId.put(event.path("eventID").stringValue(), event)).isNull();
            if (event.path("eventType").stringValue().equals("AwsApiCall")) {
                assertThat(event.path("requestID").stringValue()).isNotEmpty();
                assertThat(event.path("sourceIPAddress").stringValue()).isEqualTo("127.0.0.1");
            }
        }
        assertThat(seen)
                .containsAll(actionsOfAws().stream()
                        .map(action -> action.service().prefix() + ".amazonaws.com " + action.aws())
                        .toList());
        // Refused requests too, in AWS's words.
        assertThat(all.path("Records").toString())
                .contains("\"errorCode\":\"UnsupportedOperationException\"")
                .contains("\"errorCode\":\"NoSuchEntity\"")
                .contains("\"type\":\"IAMUser\"")
                .contains("\"userName\":\"" + ADMINISTRATOR + "\"");

        // Each party alone tells the same of every request that it has a record of.
        for (int party = 1; party <= 3; party++) {
            for (JsonNode own :
                    JSON.readTree(export("--party", Integer.toString(party))).path("Records")) {
                JsonNode whole =
                        Objects.requireNonNull(byId.get(own.path("eventID").stringValue()));
                for (String member : List.of(
                        "userIdentity",
                        "eventSource",
                        "eventName",
                        "awsRegion",
                        "requestParameters",
                        "sourceIPAddress",
                        "userAgent",
                        "requestID",
                        "recipientAccountId")) {
                    assertThat(own.path(member)).as(member).isEqualTo(whole.path(member));
                }
            }
        }

        String text = all + export("--format", "chain");
        assertThat(text)
                .doesNotContain(secretAccessKey)
                .doesNotContain("pay nobody")
                .doesNotContain(
                        java.util.Base64.getEncoder().encodeToString("pay nobody".getBytes(StandardCharsets.UTF_8)))
                .doesNotContain("no.token.atall")
                .doesNotContain("SecretAccessKey\"")
                .doesNotContain("sessionToken");
    }

    private static String export(String... options) throws Exception {
        List<String> line = new ArrayList<>(
                List.of("audit", "export", "--data", cluster.data().toString()));
        line.addAll(List.of(options));
        return Shell.keymoot(line.toArray(String[]::new)).mustSucceed().out();
    }

    @Test
    @Order(7)
    void theMetricsAreThoseOfTheReferenceAndCountEveryAction() throws Exception {
        int portBase = JSON.readTree(Files.readString(cluster.data().resolve("dev.json")))
                .path("portBase")
                .intValue();
        Map<String, Set<String>> documented = documentedMetrics();
        String endpoint = metrics(portBase + 1);
        Map<String, Set<String>> shown = shownMetrics(endpoint);
        shown.putAll(shownMetrics(metrics(portBase + 11)));
        assertThat(shown).isEqualTo(documented);
        for (ServiceAction action : actionsOfAws()) {
            assertThat(endpoint)
                    .contains("keymoot_kms_requests_total{action=\"%s\",outcome=".formatted(action.aws()))
                    .contains("service=\"%s\"".formatted(action.service().prefix()));
        }
        assertThat(endpoint).contains("outcome=\"success\"", "outcome=\"UnsupportedOperationException\"");
    }

    private static String metrics(int port) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/metrics".formatted(port)))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    /// Names with their labels, as the table has them.
    private static Map<String, Set<String>> documentedMetrics() throws IOException {
        Map<String, Set<String>> metrics = new TreeMap<>();
        Pattern row = Pattern.compile("^\\| `(keymoot_[a-z_]+)` \\| [a-z]+ \\| ([^|]*)\\|.*");
        for (String line : Files.readAllLines(Shell.repository().resolve("docs/reference/metrics.md"))) {
            Matcher matcher = row.matcher(line);
            if (matcher.matches()) {
                metrics.put(
                        matcher.group(1),
                        Stream.of(matcher.group(2).split(",", -1))
                                .map(label -> label.replace("`", "").strip())
                                .filter(label -> !label.isEmpty())
                                .collect(Collectors.toCollection(TreeSet::new)));
            }
        }
        return metrics;
    }

    private static Map<String, Set<String>> shownMetrics(String page) {
        Map<String, Set<String>> metrics = new TreeMap<>();
        Pattern sample = Pattern.compile("^(keymoot_[a-z_]+?)(?:_bucket|_count|_sum)?(?:\\{(.*)\\})? \\S+$");
        Pattern label = Pattern.compile("([a-z]+)=\"");
        for (String line : page.split("\n", -1)) {
            Matcher matcher = sample.matcher(line);
            if (matcher.matches()) {
                Set<String> labels = metrics.computeIfAbsent(matcher.group(1), any -> new TreeSet<>());
                Matcher found = label.matcher(matcher.group(2) == null ? "" : matcher.group(2));
                while (found.find()) {
                    if (!found.group(1).equals("le")) {
                        labels.add(found.group(1));
                    }
                }
            }
        }
        return metrics;
    }
}

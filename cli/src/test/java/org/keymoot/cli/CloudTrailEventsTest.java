package org.keymoot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.RequestContext;
import org.keymoot.platform.audit.AuditChain;
import org.keymoot.platform.audit.AuditLog;
import org.keymoot.platform.audit.AuditOptions;
import org.keymoot.platform.audit.AuditRecord;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CloudTrailEventsTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String DIGEST = "0123456789abcdef".repeat(4);
    private static final String KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555";

    @TempDir
    Path folder;

    private final Map<Integer, List<AuditRecord>> chains = new TreeMap<>();
    private Instant now = Instant.parse("2026-11-22T21:00:00.250Z");

    private record Event(String name, Map<String, ?> fields) {}

    private void chain(int party, Event... events) throws IOException {
        Path directory = folder.resolve("party-" + party);
        InstantSource clock = () -> now;
        try (AuditLog log = AuditLog.open(AuditOptions.of(directory), clock, (what, cause) -> {})) {
            for (Event event : events) {
                log.append(event.name(), event.fields());
            }
        }
        chains.put(party, AuditChain.read(directory, 1, 100));
    }

    private List<AuditRecord> of(int party) {
        return Objects.requireNonNull(chains.get(party));
    }

    private static Event event(String name, Map<String, ?> more) {
        Map<String, Object> fields = new HashMap<>(Map.of(
                "principal", "arn:aws:sts::123456789012:assumed-role/watcher/night",
                "action", "SIGN",
                "operation", "Sign",
                "service", "kms",
                "region", "eu-west-1",
                "resource", KEY,
                "request", DIGEST,
                "source", "203.0.113.9",
                "agent", "aws-cli/2",
                "request_id", "9f"));
        fields.put("decided_by", "statement 'Sign' of inline policy 'sign' of role watcher");
        fields.put(
                "caller",
                Map.of(
                        "type", "AssumedRole",
                        "principal_id", "AROAEXAMPLE:night",
                        "access_key", "ASIAEXAMPLE",
                        "issuer", "arn:aws:iam::123456789012:role/ops/watcher",
                        "issued_at", "2026-11-22T20:00:00Z"));
        fields.put("parameters", Map.of("keyId", "alias/a", "signingAlgorithm", "ECDSA_SHA_256"));
        fields.putAll(more);
        return new Event(name, fields);
    }

    private static Event joined(Map<String, ?> more) {
        Map<String, Object> fields =
                new HashMap<>(Map.of("session", "s", "decision", "allow", "participants", List.of(1, 2)));
        fields.putAll(more);
        return event("session.joined", fields);
    }

    private static Event signed() {
        return event("request", Map.of("session", "s", "outcome", "signed", "participants", List.of(1, 2)));
    }

    private CloudTrailEvents export() {
        return CloudTrailEvents.of(chains, Instant.EPOCH, Instant.MAX);
    }

    private static JsonNode only(CloudTrailEvents found) {
        assertThat(found.events()).hasSize(1);
        return JSON.readTree(JSON.writeValueAsString(found.events().getFirst()));
    }

    @Test
    void oneRequestIsOneEventWithEveryPartysRecord() throws IOException {
        chain(1, joined(Map.of()), signed());
        chain(2, joined(Map.of()));
        CloudTrailEvents found = export();
        assertThat(found.contradictions()).isEmpty();
        JsonNode event = only(found);
        assertThat(event).isEqualTo(JSON.readTree("""
                {"eventVersion": "1.11",
                 "userIdentity": {"type": "AssumedRole", "principalId": "AROAEXAMPLE:night",
                   "arn": "arn:aws:sts::123456789012:assumed-role/watcher/night", "accountId": "123456789012",
                   "accessKeyId": "ASIAEXAMPLE",
                   "sessionContext": {
                     "sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLE",
                       "arn": "arn:aws:iam::123456789012:role/ops/watcher", "accountId": "123456789012",
                       "userName": "watcher"},
                     "attributes": {"creationDate": "2026-11-22T20:00:00Z", "mfaAuthenticated": "false"}}},
                 "eventTime": "2026-11-22T21:00:00Z", "eventSource": "kms.amazonaws.com", "eventName": "Sign",
                 "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.9", "userAgent": "aws-cli/2",
                 "requestParameters": {"keyId": "alias/a", "signingAlgorithm": "ECDSA_SHA_256"},
                 "responseElements": null,
                 "additionalEventData": %s,
                 "requestID": "9f", "eventID": "%s", "readOnly": true,
                 "resources": [{"accountId": "123456789012", "type": "AWS::KMS::Key", "ARN": "%s"}],
                 "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": "123456789012",
                 "eventCategory": "Management"}""".formatted(
                        event.path("additionalEventData"), RequestContext.eventId(DIGEST, "9f"), KEY)));
        JsonNode additional = event.path("additionalEventData");
        assertThat(additional.path("outcome").stringValue()).isEqualTo("signed");
        assertThat(additional.path("decidedBy").stringValue()).contains("role watcher");
        assertThat(additional.path("records").size()).isEqualTo(3);
        AuditRecord ofTwo = of(2).getFirst();
        assertThat(additional.path("records").get(2).path("party").intValue()).isEqualTo(2);
        assertThat(additional.path("records").get(2).path("hash").stringValue())
                .isEqualTo(HexFormat.of().formatHex(ofTwo.hash()));
    }

    @Test
    void eachPartysOwnExportTellsTheSame() throws IOException {
        chain(1, joined(Map.of()), signed());
        chain(2, joined(Map.of()));
        Map<String, Object> first = new HashMap<>(CloudTrailEvents.of(Map.of(1, of(1)), Instant.EPOCH, Instant.MAX)
                .events()
                .getFirst());
        Map<String, Object> second = new HashMap<>(CloudTrailEvents.of(Map.of(2, of(2)), Instant.EPOCH, Instant.MAX)
                .events()
                .getFirst());
        first.remove("additionalEventData");
        second.remove("additionalEventData");
        assertThat(first).isEqualTo(second);
    }

    @Test
    void aChangeIsOneEventHoweverManyPartiesAcceptedItAndIsThereWithoutItsLeader() throws IOException {
        Event accepted = event(
                "change.accepted",
                Map.of(
                        "action", "DISABLE_KEY",
                        "operation", "DisableKey",
                        "decision", "allow",
                        "register", "key/123456789012/eu-west-1/11111111-2222-3333-4444-555555555555",
                        "version", 2,
                        "proposer", 1));
        chain(1, event("request", Map.of("action", "DISABLE_KEY", "operation", "DisableKey", "outcome", "committed")));
        chain(2, accepted);
        chain(3, accepted);
        CloudTrailEvents found = export();
        assertThat(found.contradictions()).isEmpty();
        JsonNode event = only(found);
        assertThat(event.path("additionalEventData").path("outcome").stringValue())
                .isEqualTo("committed");
        assertThat(event.path("additionalEventData").path("records").size()).isEqualTo(3);
        chains.remove(1);
        assertThat(only(export()).path("eventID")).isEqualTo(event.path("eventID"));
    }

    @Test
    void aDeniedRequestHasItsErrorAndAFailedOneToo() throws IOException {
        chain(
                1,
                event(
                        "request",
                        Map.of(
                                "outcome",
                                "refused",
                                "error",
                                "AccessDeniedException",
                                "error_message",
                                "User: x is not")));
        JsonNode denied = only(export());
        assertThat(denied.path("errorCode").stringValue()).isEqualTo("AccessDenied");
        assertThat(denied.path("errorMessage").stringValue()).isEqualTo("User: x is not");
        chain(2, event("session.declined", Map.of("session", "s", "decision", "deny", "reason", "DisabledException")));
        JsonNode declined = only(CloudTrailEvents.of(Map.of(2, of(2)), Instant.EPOCH, Instant.MAX));
        assertThat(declined.path("errorCode").stringValue()).isEqualTo("DisabledException");
    }

    @Test
    void whatTwoPartiesTellDifferentlyIsNamed() throws IOException {
        chain(1, joined(Map.of()), signed());
        chain(2, joined(Map.of("source", "198.51.100.1")));
        assertThat(export().contradictions())
                .singleElement()
                .asString()
                .contains("parties 1 and 2", "source", DIGEST, "records 1 and 1");
        chain(3, joined(Map.of("session", "another", "source", "198.51.100.1")));
        chains.remove(2);
        assertThat(export().contradictions()).as("sent again from elsewhere").isEmpty();
        chain(4, joined(Map.of("session", "another", "source", "198.51.100.1", "parameters", Map.of("keyId", "k"))));
        assertThat(export().contradictions()).anyMatch(line -> line.contains("parameters"));
    }

    @Test
    void theSameRequestTwiceIsTwoCallsAndARetryOfTheEndpointIsOne() throws IOException {
        chain(
                1,
                event("request", Map.of("outcome", "answered")),
                event("request", Map.of("outcome", "answered", "request_id", "a0")));
        assertThat(export().events())
                .hasSize(2)
                .extracting(event -> event.get("eventID"))
                .doesNotHaveDuplicates();
        chain(2, event("request", Map.of("outcome", "failed", "error", "KMSInternalException")));
        assertThat(export().events()).hasSize(2).noneMatch(event -> event.containsKey("errorCode"));
    }

    @Test
    void recordsOfEarlierReleasesAreExportedWithWhatTheyHold() throws IOException {
        chain(
                1,
                new Event(
                        "request",
                        Map.of(
                                "principal", "arn:aws:iam::123456789012:user/alice",
                                "action", "RE_ENCRYPT",
                                "region", "eu-west-1",
                                "resource", KEY,
                                "request", DIGEST,
                                "outcome", "refused",
                                "detail", "DisabledException",
                                "request_id", "9f")));
        JsonNode event = only(export());
        assertThat(event.path("eventName").stringValue()).isEqualTo("ReEncrypt");
        assertThat(event.path("errorCode").stringValue()).isEqualTo("DisabledException");
        assertThat(event.path("userIdentity")).isEqualTo(JSON.readTree("""
                {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/alice", "accountId": "123456789012"}"""));
        assertThat(event.path("requestParameters").isNull()).isTrue();
    }

    @Test
    void onlyWhatIsInTheTimeAskedForIsExported() throws IOException {
        chain(1, signed());
        assertThat(CloudTrailEvents.of(chains, now, Instant.MAX).events()).hasSize(1);
        assertThat(CloudTrailEvents.of(chains, Instant.EPOCH, now).events()).isEmpty();
    }

    @Test
    void anExportIsForItsOwnerAloneAndReplacesNothingUnasked() throws IOException {
        Path file = folder.resolve("events.json");
        AuditExportCommand.write(file, "one", false);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        CommandRun again = CommandRun.of("audit", "export", "--out", file.toString());
        assertThat(again.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(again.err()).contains("exists", "--overwrite");
        assertThatThrownBy(() -> AuditExportCommand.write(file, "two", false))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasContent("one");
        AuditExportCommand.write(file, "two", true);
        assertThat(file).hasContent("two");
        Path packed = folder.resolve("events.json.gz");
        AuditExportCommand.write(packed, "three", false);
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(packed))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("three");
        }
    }
}

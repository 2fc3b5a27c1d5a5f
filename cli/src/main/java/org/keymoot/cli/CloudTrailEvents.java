package org.keymoot.cli;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Action;
import org.keymoot.access.Redaction;
import org.keymoot.access.RequestContext;
import org.keymoot.access.Service;
import org.keymoot.access.ServiceAction;
import org.keymoot.access.iam.IamAction;
import org.keymoot.access.iam.StsAction;
import org.keymoot.platform.audit.AuditRecord;
import tools.jackson.databind.JsonNode;

/// The parties' audit records of clients' requests as events of AWS CloudTrail, one for each call.
///
/// It keeps true: an event says what every party that has a record of the request says; where two differ, the
/// difference is named and nothing is chosen. `additionalEventData` names the records in the parties' chains, so that
/// each event can be traced to hashes that other parties' records confirm.
///
/// @param events in the order of their times
/// @param contradictions one line for each request of which parties tell different things
record CloudTrailEvents(List<Map<String, Object>> events, List<String> contradictions) {
    private static final String VERSION = "1.11";

    /// What the client signed: alike in every record of a request, however often it was sent.
    private static final List<String> SIGNED = List.of("principal", "operation", "service", "region", "parameters");

    /// What parties that met in a session must tell alike as well.
    private static final List<String> SHARED = List.of("caller", "resource", "source", "agent", "request_id");

    /// A record with whose it is.
    private record Entry(int party, AuditRecord record) {
        JsonNode fields() {
            return record.content().path("fields");
        }

        boolean isOfRequest() {
            return List.of("request", "change.accepted", "session.joined", "session.declined")
                    .contains(event());
        }

        /// Names the signed request, or the session of a rotation by schedule.
        String request() {
            return text(fields(), fields().has("request") ? "request" : "session");
        }

        String event() {
            return text(record.content(), "event");
        }

        Instant at() {
            return Instant.parse(text(record.content(), "at"));
        }

        boolean isAnswer() {
            return event().equals("request");
        }

        boolean isMet() {
            return isAnswer() && !List.of("refused", "failed").contains(text(fields(), "outcome"));
        }
    }

    /// @param chains by party
    /// @param since the first instant that counts
    /// @param until the first instant that does not count any more
    static CloudTrailEvents of(Map<Integer, List<AuditRecord>> chains, Instant since, Instant until) {
        List<Entry> entries = new ArrayList<>();
        chains.forEach((party, records) -> records.stream()
                .map(record -> new Entry(party, record))
                .filter(Entry::isOfRequest)
                .forEach(entries::add));
        List<Map<String, Object>> events = new ArrayList<>();
        List<Entry> shown = new ArrayList<>();
        calls(entries).forEach(call -> {
            Entry main = main(call);
            if (!main.at().isBefore(since) && main.at().isBefore(until)) {
                events.add(event(main, call));
                shown.addAll(call);
            }
        });
        events.sort(Comparator.comparing((Map<String, Object> event) -> String.valueOf(event.get("eventTime")))
                .thenComparing(event -> String.valueOf(event.get("eventID"))));
        return new CloudTrailEvents(events, contradictions(shown));
    }

    /// The records of each call: of one signed request under one name that the endpoint gave it, or of one rotation by
    /// schedule. Records of earlier releases do not all have that name and go with those that have.
    private static Iterable<List<Entry>> calls(List<Entry> entries) {
        Map<String, List<Entry>> calls = new LinkedHashMap<>();
        Map<String, String> firstOfRequest = new LinkedHashMap<>();
        for (Entry entry : entries) {
            if (entry.fields().has("request_id")) {
                String call = entry.request() + " " + text(entry.fields(), "request_id");
                firstOfRequest.putIfAbsent(entry.request(), call);
                calls.computeIfAbsent(call, any -> new ArrayList<>()).add(entry);
            }
        }
        for (Entry entry : entries) {
            if (!entry.fields().has("request_id")) {
                String call = firstOfRequest.getOrDefault(entry.request(), entry.request());
                calls.computeIfAbsent(call, any -> new ArrayList<>()).add(entry);
            }
        }
        return calls.values();
    }

    /// The record that says how it ended: of the party that answered last with success, or last at all.
    private static Entry main(List<Entry> entries) {
        Comparator<Entry> order = Comparator.comparing(Entry::isMet)
                .thenComparing(Entry::isAnswer)
                .thenComparing(Entry::at);
        return entries.stream().max(order).orElseThrow();
    }

    private static List<String> contradictions(List<Entry> entries) {
        Map<String, List<Entry>> requests = new LinkedHashMap<>();
        Map<String, List<Entry>> sessions = new LinkedHashMap<>();
        for (Entry entry : entries) {
            requests.computeIfAbsent(entry.request(), any -> new ArrayList<>()).add(entry);
            for (String session : text(entry.fields(), "session").split(",", -1)) {
                if (!session.isEmpty()) {
                    sessions.computeIfAbsent(session, any -> new ArrayList<>()).add(entry);
                }
            }
        }
        List<String> found = new ArrayList<>();
        requests.values().forEach(same -> SIGNED.forEach(field -> difference(field, same, found)));
        sessions.values().forEach(met -> SHARED.forEach(field -> difference(field, met, found)));
        return found;
    }

    private static void difference(String field, List<Entry> entries, List<String> found) {
        List<Entry> telling =
                entries.stream().filter(entry -> entry.fields().has(field)).toList();
        for (Entry entry : telling) {
            Entry first = telling.getFirst();
            if (!entry.fields().path(field).equals(first.fields().path(field))) {
                found.add("parties %d and %d tell a different %s of request %s (records %d and %d)"
                        .formatted(
                                first.party(),
                                entry.party(),
                                field,
                                entry.request(),
                                first.record().sequence(),
                                entry.record().sequence()));
                return;
            }
        }
    }

    private static Map<String, Object> event(Entry main, List<Entry> entries) {
        JsonNode fields = main.fields();
        boolean ofClient = fields.has("request");
        Service service = service(fields);
        String operation = operation(fields);
        ServiceAction action = action(service, operation);
        String region = text(fields, "region");
        String resource = text(fields, "resource");
        String account = account(fields, resource);
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("eventVersion", VERSION);
        event.put(
                "userIdentity",
                ofClient ? identity(fields) : Map.of("invokedBy", "AWS Internal", "accountId", account));
        event.put("eventTime", main.at().truncatedTo(ChronoUnit.SECONDS).toString());
        event.put("eventSource", service.prefix() + ".amazonaws.com");
        event.put("eventName", operation);
        event.put("awsRegion", region.isEmpty() && resource.startsWith("arn:") ? resource.split(":", 6)[3] : region);
        event.put("sourceIPAddress", ofClient ? text(fields, "source") : "AWS Internal");
        event.put("userAgent", ofClient ? text(fields, "agent") : "AWS Internal");
        String error = error(main);
        if (!error.isEmpty()) {
            event.put("errorCode", error.equals("AccessDeniedException") ? "AccessDenied" : error);
            if (fields.has("error_message")) {
                event.put("errorMessage", text(fields, "error_message"));
            }
        }
        event.put("requestParameters", fields.get("parameters"));
        event.put("responseElements", fields.get("response"));
        event.put("additionalEventData", additional(fields, entries));
        if (fields.has("request_id")) {
            event.put("requestID", text(fields, "request_id"));
        }
        event.put(
                "eventID",
                ofClient ? RequestContext.eventId(main.request(), text(fields, "request_id")) : main.request());
        event.put("readOnly", action != null && Redaction.isReadOnly(action));
        if (resource.startsWith("arn:")) {
            event.put("resources", List.of(resource(resource)));
        }
        event.put("eventType", ofClient ? "AwsApiCall" : "AwsServiceEvent");
        event.put("managementEvent", true);
        if (!account.isEmpty()) {
            event.put("recipientAccountId", account);
        }
        event.put("eventCategory", "Management");
        return event;
    }

    private static Map<String, Object> additional(JsonNode fields, List<Entry> entries) {
        Map<String, Object> additional = new LinkedHashMap<>();
        for (String field : List.of("outcome", "session", "participants")) {
            if (fields.has(field)) {
                additional.put(field, fields.get(field));
            }
        }
        if (fields.has("decided_by")) {
            additional.put("decidedBy", text(fields, "decided_by"));
        }
        List<Map<String, Object>> records = new ArrayList<>();
        for (Entry entry : entries) {
            Map<String, Object> record = new LinkedHashMap<>();
            record.put("party", entry.party());
            record.put("sequence", entry.record().sequence());
            record.put("hash", HexFormat.of().formatHex(entry.record().hash()));
            record.put("event", entry.event());
            record.put("at", text(entry.record().content(), "at"));
            for (String field : List.of("outcome", "decision", "reason", "session", "register")) {
                if (entry.fields().has(field)) {
                    record.put(field, text(entry.fields(), field));
                }
            }
            if (entry.fields().has("decided_by")) {
                record.put("decidedBy", text(entry.fields(), "decided_by"));
            }
            records.add(record);
        }
        additional.put("records", records);
        return additional;
    }

    private static String error(Entry main) {
        JsonNode fields = main.fields();
        if (fields.has("error")) {
            return text(fields, "error");
        }
        if (main.event().equals("session.declined")) {
            return text(fields, "reason");
        }
        // Records of earlier releases have the type of a refusal as its detail.
        return switch (text(fields, "outcome")) {
            case "refused" -> text(fields, "detail");
            case "failed" -> "KMSInternalException";
            default -> "";
        };
    }

    private static Map<String, Object> identity(JsonNode fields) {
        String arn = text(fields, "principal");
        Map<String, Object> identity = new LinkedHashMap<>();
        if (arn.isEmpty()) {
            identity.put("type", "Unknown");
            return identity;
        }
        String account = arn.split(":", 6)[4];
        JsonNode caller = fields.path("caller");
        String type = caller.isMissingNode() ? typeOf(arn) : text(caller, "type");
        identity.put("type", type);
        putIfPresent(identity, "principalId", text(caller, "principal_id"));
        identity.put("arn", arn);
        identity.put("accountId", account);
        putIfPresent(identity, "accessKeyId", text(caller, "access_key"));
        putIfPresent(identity, "userName", text(caller, "user_name"));
        String issuer = text(caller, "issuer");
        Map<String, Object> session = new LinkedHashMap<>();
        if (!issuer.isEmpty()) {
            Map<String, Object> sessionIssuer = new LinkedHashMap<>();
            sessionIssuer.put(
                    "type", issuer.endsWith(":root") ? "Root" : issuer.contains(":role/") ? "Role" : "IAMUser");
            sessionIssuer.put("principalId", text(caller, "principal_id").split(":", 2)[0]);
            sessionIssuer.put("arn", issuer);
            sessionIssuer.put("accountId", account);
            sessionIssuer.put("userName", issuer.substring(issuer.lastIndexOf('/') + 1));
            session.put("sessionIssuer", sessionIssuer);
        }
        String issued = text(caller, "issued_at");
        if (!issued.isEmpty()) {
            session.put("attributes", Map.of("creationDate", issued, "mfaAuthenticated", "false"));
        }
        putIfPresent(session, "sourceIdentity", text(caller, "source_identity"));
        if (!session.isEmpty()) {
            identity.put("sessionContext", session);
        }
        return identity;
    }

    private static String typeOf(String arn) {
        String resource = arn.split(":", 6)[5];
        if (resource.equals("root")) {
            return "Root";
        }
        if (resource.startsWith("assumed-role/")) {
            return "AssumedRole";
        }
        return resource.startsWith("federated-user/") ? "FederatedUser" : "IAMUser";
    }

    private static void putIfPresent(Map<String, Object> members, String name, String value) {
        if (!value.isEmpty()) {
            members.put(name, value);
        }
    }

    private static Service service(JsonNode fields) {
        String prefix = text(fields, "service");
        for (Service service : Service.values()) {
            if (service.prefix().equals(prefix)) {
                return service;
            }
        }
        String constant = text(fields, "action");
        for (ServiceAction action : IamAction.values()) {
            if (action.name().equals(constant)) {
                return Service.IAM;
            }
        }
        for (ServiceAction action : StsAction.values()) {
            if (action.name().equals(constant)) {
                return Service.STS;
            }
        }
        return Service.KMS;
    }

    /// The action's name in AWS's API; records of earlier releases hold it as a constant only.
    private static String operation(JsonNode fields) {
        String operation = text(fields, "operation");
        if (!operation.isEmpty()) {
            return operation;
        }
        String constant = text(fields, "action");
        if (constant.isEmpty()) {
            return "Unknown";
        }
        if (constant.contains(":")) {
            return constant.substring(constant.indexOf(':') + 1);
        }
        StringBuilder name = new StringBuilder();
        for (String word : constant.split("_", -1)) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return name.toString();
    }

    private static @Nullable ServiceAction action(Service service, String operation) {
        ServiceAction found = service.action(operation);
        return found == null && service == Service.KMS ? Action.ofTarget("Keymoot." + operation) : found;
    }

    private static String account(JsonNode fields, String resource) {
        String arn = text(fields, "principal");
        if (arn.isEmpty()) {
            arn = resource;
        }
        String[] parts = arn.split(":", 6);
        return parts.length == 6 ? parts[4] : "";
    }

    private static Map<String, Object> resource(String arn) {
        String[] parts = arn.split(":", 6);
        String kind = parts.length < 6 ? "" : parts[5].split("[/:]", 2)[0];
        String type = switch (parts.length < 6 ? "" : parts[2] + ":" + kind) {
            case "kms:key" -> "AWS::KMS::Key";
            case "kms:alias" -> "AWS::KMS::Alias";
            case "iam:user" -> "AWS::IAM::User";
            case "iam:group" -> "AWS::IAM::Group";
            case "iam:role" -> "AWS::IAM::Role";
            case "iam:policy" -> "AWS::IAM::ManagedPolicy";
            case "iam:oidc-provider" -> "AWS::IAM::OIDCProvider";
            case "iam:instance-profile" -> "AWS::IAM::InstanceProfile";
            default -> "";
        };
        Map<String, Object> resource = new LinkedHashMap<>();
        if (parts.length == 6) {
            resource.put("accountId", parts[4]);
        }
        putIfPresent(resource, "type", type);
        resource.put("ARN", arn);
        return resource;
    }

    private static String text(JsonNode content, String field) {
        JsonNode value = content.get(field);
        return value == null ? "" : Objects.requireNonNullElse(value.asString(), "");
    }
}

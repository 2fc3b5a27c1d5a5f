package org.keymoot.access.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.access.policy.PolicyDocument.Kind;
import tools.jackson.databind.JsonNode;

/// Reads policy documents.
///
/// It keeps true: faults are looked for in AWS's order, so that a document with several is refused with the text
/// that AWS gives: first the syntax of all statements, then the version, then values of an older grammar, then what
/// is missing, then resources, then actions.
final class PolicyReader {
    private static final String NEWEST = "2012-10-17";
    private static final String OLDEST = "2008-10-17";
    private static final Set<String> DOCUMENT_MEMBERS = Set.of("Version", "Id", "Statement");
    private static final Set<String> STATEMENT_MEMBERS = Set.of(
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition");
    private static final Pattern SID = Pattern.compile("[0-9A-Za-z]*");
    private static final Pattern VENDOR = Pattern.compile("\\*|[a-zA-Z0-9.-]*");
    private static final Pattern PLAIN_NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?");
    private static final List<String> IAM_RESOURCES = List.of(
            "user/",
            "federated-user/",
            "role/",
            "group/",
            "instance-profile/",
            "mfa/",
            "server-certificate/",
            "policy/",
            "sms-mfa/",
            "saml-provider/",
            "oidc-provider/",
            "report/",
            "access-report/");
    /// Longest single pattern, in characters.
    private static final int MAXIMUM_PATTERN = 2048;
    /// Longest condition key, in characters.
    private static final int MAXIMUM_KEY = 512;

    private final Kind kind;
    private boolean variables;

    private PolicyReader(Kind kind) {
        this.kind = kind;
    }

    static PolicyDocument read(String text, Kind kind) throws MalformedPolicyException {
        if (text.length() > PolicyDocument.MAXIMUM_LENGTH) {
            throw new MalformedPolicyException(
                    "A policy has at most " + PolicyDocument.MAXIMUM_LENGTH + " characters.");
        }
        JsonNode root;
        try {
            root = JsonReader.read(text);
        } catch (InvalidJsonException e) {
            throw MalformedPolicyException.syntax();
        }
        return new PolicyDocument(kind, text, new PolicyReader(kind).statements(root), null);
    }

    /// A statement whose shape was checked and whose values were not.
    private record Raw(
            @Nullable String sid,
            String effect,
            @Nullable JsonNode principal,
            boolean otherPrincipals,
            @Nullable List<String> actions,
            boolean otherActions,
            @Nullable List<String> resources,
            boolean otherResources,
            List<RawCondition> conditions) {}

    private record RawCondition(String operator, String key, List<String> values) {}

    private List<Statement> statements(JsonNode root) throws MalformedPolicyException {
        requireSyntax(root.isObject() && DOCUMENT_MEMBERS.containsAll(root.propertyNames()));
        JsonNode version = root.get("Version");
        requireSyntax(version == null || isText(version, NEWEST) || isText(version, OLDEST));
        JsonNode id = root.get("Id");
        requireSyntax(id == null || id.isString());
        JsonNode list = root.get("Statement");
        requireSyntax(list != null && (list.isObject() || (list.isArray() && !list.isEmpty())));
        List<Raw> raws = new ArrayList<>();
        for (JsonNode node : list != null && list.isArray() ? list : List.of(root.get("Statement"))) {
            raws.add(raw(node));
        }
        variables = isText(version, NEWEST);
        if (kind == Kind.IDENTITY && !variables) {
            throw new MalformedPolicyException("Policy document must be version 2012-10-17 or greater.");
        }
        List<List<Condition>> conditions = new ArrayList<>();
        for (Raw raw : raws) {
            if (!raw.effect().equals("Allow") && !raw.effect().equals("Deny")) {
                throw MalformedPolicyException.legacy();
            }
            conditions.add(conditions(raw));
        }
        MalformedPolicyException resourceFault = resourceFault(raws);
        requireDistinctIds(raws);
        requireActionsAndResources(raws);
        if (resourceFault != null) {
            throw resourceFault;
        }
        List<Statement> statements = new ArrayList<>();
        for (int i = 0; i < raws.size(); i++) {
            statements.add(statement(raws.get(i), i + 1, conditions.get(i)));
        }
        return statements;
    }

    // Shape

    private Raw raw(JsonNode node) throws MalformedPolicyException {
        requireSyntax(node.isObject() && STATEMENT_MEMBERS.containsAll(node.propertyNames()));
        requireSyntax(!(node.has("Action") && node.has("NotAction")));
        requireSyntax(!(node.has("Resource") && node.has("NotResource")));
        requireSyntax(!(node.has("Principal") && node.has("NotPrincipal")));
        JsonNode sid = node.get("Sid");
        requireSyntax(sid == null || sid.isString());
        JsonNode effect = node.get("Effect");
        requireSyntax(effect != null && effect.isString());
        String effectText = effect == null ? "" : effect.stringValue();
        requireSyntax(Text.equalsIgnoreCase(effectText, "Allow") || Text.equalsIgnoreCase(effectText, "Deny"));
        boolean principals = node.has("Principal") || node.has("NotPrincipal");
        if (kind == Kind.IDENTITY && principals) {
            throw new MalformedPolicyException("Policy document should not specify a principal.");
        }
        if (kind != Kind.IDENTITY && !principals) {
            throw new MalformedPolicyException("Missing required field Principal");
        }
        if (kind == Kind.TRUST && (node.has("Resource") || node.has("NotResource"))) {
            throw new MalformedPolicyException(
                    "Has prohibited field " + (node.has("Resource") ? "Resource" : "NotResource"));
        }
        return new Raw(
                sid == null ? null : sid.stringValue(),
                effectText,
                node.has("NotPrincipal") ? node.get("NotPrincipal") : node.get("Principal"),
                node.has("NotPrincipal"),
                texts(node.has("NotAction") ? node.get("NotAction") : node.get("Action")),
                node.has("NotAction"),
                texts(node.has("NotResource") ? node.get("NotResource") : node.get("Resource")),
                node.has("NotResource"),
                rawConditions(node.get("Condition")));
    }

    private static List<RawCondition> rawConditions(@Nullable JsonNode block) throws MalformedPolicyException {
        List<RawCondition> conditions = new ArrayList<>();
        if (block == null) {
            return conditions;
        }
        requireSyntax(block.isObject());
        for (Map.Entry<String, JsonNode> operator : block.properties()) {
            requireSyntax(operator.getValue().isObject());
            Condition.requireKnown(operator.getKey());
            for (Map.Entry<String, JsonNode> line : operator.getValue().properties()) {
                String key = line.getKey();
                requireSyntax(!key.isBlank() && key.length() <= MAXIMUM_KEY);
                List<String> values = new ArrayList<>();
                for (JsonNode value : line.getValue().isArray() ? line.getValue() : List.of(line.getValue())) {
                    values.add(scalar(value));
                }
                conditions.add(new RawCondition(operator.getKey(), key, values));
            }
        }
        return conditions;
    }

    /// A value of a condition: a text, or a number or truth value that stands for its text.
    private static String scalar(JsonNode node) throws MalformedPolicyException {
        if (node.isString()) {
            return node.stringValue();
        }
        requireSyntax(node.isBoolean() || node.isNumber());
        String text = node.toString();
        requireSyntax(node.isBoolean() || PLAIN_NUMBER.matcher(text).matches());
        return text;
    }

    /// A text or a list of texts; null when there is none.
    private static @Nullable List<String> texts(@Nullable JsonNode node) throws MalformedPolicyException {
        if (node == null) {
            return null;
        }
        requireSyntax(node.isString() || node.isArray());
        List<String> texts = new ArrayList<>();
        for (JsonNode item : node.isArray() ? node : List.of(node)) {
            requireSyntax(item.isString());
            texts.add(item.stringValue());
        }
        return texts;
    }

    // Values

    private List<Condition> conditions(Raw raw) throws MalformedPolicyException {
        List<Condition> conditions = new ArrayList<>();
        for (RawCondition condition : raw.conditions()) {
            for (String value : condition.values()) {
                requireLength(value);
            }
            Condition read = Condition.read(condition.operator(), condition.key(), condition.values(), variables);
            if (kind == Kind.RESOURCE && read.key().equals("kms:resourcealiases")) {
                throw new MalformedPolicyException("The condition key kms:ResourceAliases works in policies of"
                        + " identities only; a key policy may use kms:RequestAlias.");
            }
            conditions.add(read);
        }
        return conditions;
    }

    /// The fault of the last statement whose resources have one: AWS reports it only when nothing else is wrong.
    ///
    /// @throws MalformedPolicyException for what AWS reports earlier
    private static @Nullable MalformedPolicyException resourceFault(List<Raw> raws) throws MalformedPolicyException {
        MalformedPolicyException fault = null;
        for (Raw raw : raws) {
            if (raw.resources() == null) {
                continue;
            }
            for (String resource : raw.resources().stream().sorted().toList().reversed()) {
                MalformedPolicyException found = resourceFault(resource);
                fault = found == null ? fault : found;
            }
            for (String resource : fault == null ? raw.resources() : List.<String>of()) {
                requireLegacyResource(resource);
            }
        }
        return fault;
    }

    private static @Nullable MalformedPolicyException resourceFault(String resource) {
        if (resource.equals("*")) {
            return null;
        }
        String shown = Text.shown(resource);
        String[] parts = partsOf(resource);
        if (parts.length == 1) {
            return new MalformedPolicyException("Resource " + shown + " must be in ARN format or \"*\".");
        }
        if (!parts[0].equals("arn") || !parts[1].equals("aws")) {
            StringBuilder whole = new StringBuilder("arn:" + parts[1]);
            for (int i = 2; i < 6; i++) {
                boolean missing = i >= parts.length || (i == 2 && parts.length == 3 && parts[2].isEmpty());
                whole.append(':').append(missing ? "*" : parts[i]);
            }
            return new MalformedPolicyException("Partition \"" + Text.shown(parts[1])
                    + "\" is not valid for resource \"" + Text.shown(whole.toString()) + "\".");
        }
        if (parts.length == 2 || parts[2].contains("*") || parts[2].contains("?")) {
            return new MalformedPolicyException("Resource vendor must be fully qualified and cannot contain regexes.");
        }
        if (parts[2].equals("iam") || parts[2].equals("s3")) {
            if (parts.length > 3 && !parts[3].isEmpty()) {
                return new MalformedPolicyException(
                        parts[2].equals("iam")
                                ? "IAM resource " + shown + " cannot contain region information."
                                : "Resource " + shown + " can not contain region information.");
            }
        }
        boolean iamPath = parts[2].equals("iam") && parts.length == 6;
        if (iamPath && !parts[5].equals("*") && IAM_RESOURCES.stream().noneMatch(parts[5]::startsWith)) {
            return new MalformedPolicyException(
                    "IAM resource path must either be \"*\" or start with " + String.join(", ", IAM_RESOURCES) + ".");
        }
        return null;
    }

    /// The six parts of an ARN or fewer; a colon within a variable's name separates nothing.
    private static String[] partsOf(String resource) {
        StringBuilder plain = new StringBuilder();
        int from = 0;
        int begin = resource.indexOf("${");
        int end = begin < 0 ? -1 : resource.indexOf('}', begin);
        while (end >= 0) {
            plain.append(resource, from, begin).append("${}");
            from = end + 1;
            begin = resource.indexOf("${", from);
            end = begin < 0 ? -1 : resource.indexOf('}', begin);
        }
        return plain.append(resource, from, resource.length()).toString().split(":", 6);
    }

    private static void requireLegacyResource(String resource) throws MalformedPolicyException {
        requireLength(resource);
        if (resource.equals("*")) {
            return;
        }
        String[] parts = partsOf(resource);
        boolean shortened = parts.length < 6;
        if ((shortened && resource.contains("::")) || parts[2].isEmpty() || (!shortened && parts[4].contains("${"))) {
            throw MalformedPolicyException.legacy();
        }
    }

    private static void requireLength(String pattern) throws MalformedPolicyException {
        if (pattern.length() > MAXIMUM_PATTERN) {
            throw MalformedPolicyException.legacy();
        }
    }

    private void requireDistinctIds(List<Raw> raws) throws MalformedPolicyException {
        Set<String> seen = new HashSet<>();
        for (Raw raw : raws) {
            String sid = raw.sid();
            if (sid == null || sid.isEmpty()) {
                continue;
            }
            if (kind == Kind.IDENTITY && !SID.matcher(sid).matches()) {
                throw new MalformedPolicyException("Statement IDs (SID) must be alpha-numeric."
                        + " Check that your input satisfies the regular expression [0-9A-Za-z]*");
            }
            if (!seen.add(sid)) {
                throw new MalformedPolicyException("Statement IDs (SID) in a single policy must be unique.");
            }
        }
    }

    private void requireActionsAndResources(List<Raw> raws) throws MalformedPolicyException {
        for (Raw raw : raws) {
            if (raw.actions() == null || raw.actions().isEmpty()) {
                throw new MalformedPolicyException("Policy statement must contain actions.");
            }
        }
        for (Raw raw : raws) {
            if (kind != Kind.TRUST
                    && (raw.resources() == null || raw.resources().isEmpty())) {
                throw new MalformedPolicyException("Policy statement must contain resources.");
            }
        }
    }

    private Statement statement(Raw raw, int position, List<Condition> conditions) throws MalformedPolicyException {
        List<Glob> actions = new ArrayList<>();
        for (String action : raw.actions() == null ? List.<String>of() : raw.actions()) {
            requireAction(action, raw.otherActions());
            actions.add(Glob.compile(Text.lowerAscii(action), new Glob.Syntax(true, false)));
        }
        List<Glob> resources = null;
        if (raw.resources() != null) {
            resources = new ArrayList<>();
            for (String resource : raw.resources()) {
                resources.add(Glob.compile(resource, new Glob.Syntax(true, variables)));
            }
        }
        String sid = raw.sid();
        return new Statement(
                sid == null || sid.isEmpty() ? "number " + position : "'" + Text.shown(sid) + "'",
                raw.effect().equals("Allow"),
                raw.principal() == null ? null : principals(raw.principal(), raw.otherPrincipals()),
                List.copyOf(actions),
                raw.otherActions(),
                resources == null ? null : List.copyOf(resources),
                raw.otherResources(),
                List.copyOf(conditions));
    }

    private void requireAction(String action, boolean negated) throws MalformedPolicyException {
        requireLength(action);
        String[] parts = action.split(":", -1);
        if (parts.length == 1 && !action.equals("*")) {
            throw new MalformedPolicyException(
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
        }
        if (parts.length > 2) {
            throw new MalformedPolicyException("Actions/Condition can contain only one colon.");
        }
        if (!VENDOR.matcher(parts[0]).matches()) {
            throw new MalformedPolicyException("Vendor " + Text.shown(parts[0]) + " is not valid");
        }
        if (kind == Kind.TRUST && (negated || !Text.equalsIgnoreCase(parts[0], "sts"))) {
            throw new MalformedPolicyException("AssumeRole policy may only specify STS AssumeRole actions.");
        }
    }

    private Principals principals(JsonNode node, boolean negated) throws MalformedPolicyException {
        boolean trust = kind == Kind.TRUST;
        if (node.isString()) {
            return isText(node, "*")
                    ? Principals.read(true, Map.of(), negated, trust)
                    : Principals.read(false, Map.of("", List.of(node.stringValue())), negated, trust);
        }
        requireSyntax(node.isObject());
        Map<String, List<String>> byType = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> type : node.properties()) {
            List<String> names = texts(type.getValue());
            requireSyntax(names != null && !names.isEmpty());
            byType.put(type.getKey(), names == null ? List.of() : names);
        }
        return byType.isEmpty()
                ? Principals.read(false, Map.of("", List.of("")), negated, trust)
                : Principals.read(false, byType, negated, trust);
    }

    private static void requireSyntax(boolean condition) throws MalformedPolicyException {
        if (!condition) {
            throw MalformedPolicyException.syntax();
        }
    }

    private static boolean isText(@Nullable JsonNode node, String expected) {
        return node != null && node.isString() && node.stringValue().equals(expected);
    }
}

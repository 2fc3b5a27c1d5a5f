package org.keymoot.access;

import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// What of a request's parameters and of an answer may stand in an audit record, in the names that AWS CloudTrail
/// uses for them.
///
/// It keeps true: what passes is on a list, so a new parameter is left out until somebody has thought about it; no
/// plaintext, message, digest, ciphertext, signature, tag, password, token or secret is on the list; and the result
/// has a bounded size whatever a client sends.
public final class Redaction {
    /// What the kept texts of one request may take in a record, escapes included.
    static final int MAXIMUM_PARAMETERS = 20_000;
    /// The same of one answer.
    static final int MAXIMUM_RESPONSE = 12_000;

    private static final int MAXIMUM_DEPTH = 6;
    private static final int MEMBER_COST = 6;
    private static final int ESCAPE_COST = 6;

    private static final Set<String> PARAMETERS = Set.of(
            // KMS
            "AliasName",
            "BypassPolicyLockoutSafetyCheck",
            "ChainId",
            "Constraints",
            "CustomKeyStoreId",
            "CustomerMasterKeySpec",
            "Description",
            "DestinationEncryptionAlgorithm",
            "DestinationEncryptionContext",
            "DestinationKeyId",
            "DryRun",
            "DryRunModifiers",
            "EncryptionAlgorithm",
            "EncryptionContext",
            "ExpirationModel",
            "GrantId",
            "GranteePrincipal",
            "Holder",
            "HomeDomain",
            "ImportType",
            "IncludeKeyMaterial",
            "KeyAgreementAlgorithm",
            "KeyId",
            "KeyMaterialDescription",
            "KeyMaterialId",
            "KeyPairSpec",
            "KeySpec",
            "KeyUsage",
            "Kind",
            "LeaseHolder",
            "Limit",
            "MacAlgorithm",
            "Marker",
            "MessageType",
            "MultiRegion",
            "Name",
            "Nonce",
            "NumberOfBytes",
            "Operations",
            "Origin",
            "PendingWindowInDays",
            "Policy",
            "PolicyName",
            "PrimaryRegion",
            "ReplicaRegion",
            "RetiringPrincipal",
            "RotationPeriodInDays",
            "Rules",
            "SigningAlgorithm",
            "SourceEncryptionAlgorithm",
            "SourceEncryptionContext",
            "SourceKeyId",
            "TagKeys",
            "Tags",
            "TargetKeyId",
            "ValidTo",
            "WrappingAlgorithm",
            "WrappingKeySpec",
            // IAM and STS
            "AccessKeyId",
            "AccountAlias",
            "ActionNames",
            "AssumeRolePolicyDocument",
            "CallerArn",
            "ClientID",
            "ClientIDList",
            "ContextEntries",
            "DurationSeconds",
            "EntityFilter",
            "ExternalId",
            "GroupName",
            "InstanceProfileName",
            "JsonWebKeySet",
            "MaxItems",
            "MaxSessionDuration",
            "NewGroupName",
            "NewPath",
            "NewUserName",
            "OnlyAttached",
            "OpenIDConnectProviderArn",
            "Path",
            "PathPrefix",
            "PermissionsBoundary",
            "PolicyArn",
            "PolicyArns",
            "PolicyDocument",
            "PolicyInputList",
            "PolicySourceArn",
            "PolicyUsageFilter",
            "ProviderId",
            "ResourceArns",
            "RoleArn",
            "RoleName",
            "RoleSessionName",
            "Scope",
            "SerialNumber",
            "SetAsDefault",
            "SourceIdentity",
            "Status",
            "ThumbprintList",
            "TransitiveTagKeys",
            "Url",
            "UserName",
            "VersionId");

    private static final Set<String> RESPONSE = Set.of(
            "AccessKey",
            "AssumedRoleUser",
            "Credentials",
            "DeletionDate",
            "FederatedUser",
            "GrantId",
            "Group",
            "InstanceProfile",
            "KeyId",
            "KeyMaterialId",
            "KeyMetadata",
            "KeyState",
            "OpenIDConnectProviderArn",
            "PackedPolicySize",
            "PendingWindowInDays",
            "Policy",
            "PolicyVersion",
            "ReplicaKeyMetadata",
            "ReplicaPolicy",
            "ReplicaTags",
            "Role",
            "SourceIdentity",
            "SubjectFromWebIdentityToken",
            "User");

    /// Never kept, wherever in an answer they stand.
    private static final Set<String> NEVER = Set.of("SecretAccessKey", "SessionToken", "GrantToken", "Password");

    /// Maps whose names are the client's own.
    private static final Set<String> MAPS = Set.of(
            "EncryptionContext",
            "DestinationEncryptionContext",
            "SourceEncryptionContext",
            "EncryptionContextEquals",
            "EncryptionContextSubset");

    private Redaction() {}

    /// Whether CloudTrail calls the action read-only: it changes nothing that others see, however much it uses a key.
    public static boolean isReadOnly(ServiceAction action) {
        String name = action.aws();
        return switch (action.service()) {
            case KMS ->
                name.matches("(Describe|Generate|Get|List|Verify).*|Encrypt|Decrypt|ReEncrypt|Sign|SignEthereum"
                        + "|DeriveSharedSecret");
            case IAM -> name.matches("(Get|List|Simulate).*");
            case STS -> true;
        };
    }

    /// What may be kept of the JSON of a request.
    public static Map<String, Object> parameters(JsonNode body) {
        Budget budget = new Budget(MAXIMUM_PARAMETERS);
        Map<String, Object> kept = new TreeMap<>();
        for (Map.Entry<String, JsonNode> member : body.properties()) {
            if (PARAMETERS.contains(member.getKey())) {
                put(kept, member.getKey(), member.getValue(), budget, 1);
            }
        }
        return kept;
    }

    /// What may be kept of the parameters of a question in the Query protocol.
    ///
    /// @param form by names such as `Tags.member.1.Key`
    public static Map<String, Object> parameters(Map<String, String> form) {
        Node root = new Node();
        form.forEach((name, value) -> {
            String[] path = name.split("\\.", MAXIMUM_DEPTH + 1);
            if (PARAMETERS.contains(path[0]) && path.length <= MAXIMUM_DEPTH) {
                root.at(path).text = value;
            }
        });
        return root.structure(new Budget(MAXIMUM_PARAMETERS));
    }

    /// What may be kept of the answer to a request that was met; null where CloudTrail has nothing either.
    ///
    /// @param body the result, as the decision gives it
    public static @Nullable Map<String, Object> response(@Nullable ServiceAction action, String body) {
        if (action == null || body.isEmpty()) {
            return null;
        }
        boolean told = !isReadOnly(action)
                || (action.service() == Service.STS && !action.aws().startsWith("Get"))
                || action.aws().endsWith("Token");
        if (!told) {
            return null;
        }
        Budget budget = new Budget(MAXIMUM_RESPONSE);
        Map<String, Object> kept = switch (action.service()) {
            case KMS -> ofJson(body, budget);
            case IAM, STS -> ofXml(body).structure(budget);
        };
        return kept.isEmpty() ? null : kept;
    }

    private static Map<String, Object> ofJson(String body, Budget budget) {
        Map<String, Object> kept = new TreeMap<>();
        try {
            for (Map.Entry<String, JsonNode> member : JsonReader.read(body).properties()) {
                if (RESPONSE.contains(member.getKey())) {
                    put(kept, member.getKey(), member.getValue(), budget, 1);
                }
            }
        } catch (InvalidJsonException e) {
            throw new IllegalStateException("an answer of ours is not JSON: " + e.getMessage(), e);
        }
        return kept;
    }

    private static Node ofXml(String result) {
        Node root = new Node();
        Deque<Node> open = new ArrayDeque<>(List.of(root));
        try {
            XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
            factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
            factory.setProperty(XMLInputFactory.IS_COALESCING, true);
            XMLStreamReader reader = factory.createXMLStreamReader(new StringReader("<r>" + result + "</r>"));
            reader.next();
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        String name = reader.getLocalName();
                        boolean kept = open.size() == 1 ? RESPONSE.contains(name) : !NEVER.contains(name);
                        Node parent = open.getLast();
                        open.addLast(kept ? parent.child(name) : new Node());
                    }
                    case XMLStreamConstants.CHARACTERS -> open.getLast().text = reader.getText();
                    case XMLStreamConstants.END_ELEMENT -> open.removeLast();
                    default -> {}
                }
            }
        } catch (XMLStreamException e) {
            throw new IllegalStateException("an answer of ours is not XML: " + e.getMessage(), e);
        }
        return root;
    }

    private static void put(Map<String, Object> into, String name, JsonNode value, Budget budget, int depth) {
        Object kept = NEVER.contains(name) ? null : of(value, budget, depth, MAPS.contains(name));
        if (kept != null && budget.takes(name)) {
            into.put(shown(name), kept);
        }
    }

    private static @Nullable Object of(JsonNode value, Budget budget, int depth, boolean named) {
        if (depth > MAXIMUM_DEPTH) {
            return null;
        }
        if (value.isString()) {
            return budget.text(value.stringValue());
        }
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        if (value.isIntegralNumber() && value.canConvertToLong()) {
            return value.longValue();
        }
        if (value.isNumber()) {
            return budget.text(value.asString());
        }
        if (value.isArray()) {
            List<Object> elements = new ArrayList<>();
            for (JsonNode element : value) {
                Object kept = budget.takes("") ? of(element, budget, depth + 1, false) : null;
                if (kept != null) {
                    elements.add(kept);
                }
            }
            return elements;
        }
        if (value.isObject()) {
            Map<String, Object> members = new TreeMap<>();
            for (Map.Entry<String, JsonNode> member : value.properties()) {
                if (named) {
                    Object kept =
                            budget.takes(member.getKey()) ? of(member.getValue(), budget, depth + 1, false) : null;
                    if (kept != null) {
                        members.put(member.getKey(), kept);
                    }
                } else {
                    put(members, member.getKey(), member.getValue(), budget, depth + 1);
                }
            }
            return members;
        }
        return null;
    }

    /// A member's name as CloudTrail shows it: with a small first letter.
    private static String shown(String name) {
        return name.isEmpty() ? name : Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    /// A structure, list or text of the Query protocol.
    private static final class Node {
        private static final String MEMBER = "member";

        private final Map<String, Node> children = new TreeMap<>();
        private final List<Node> elements = new ArrayList<>();
        private String text = "";

        Node at(String[] path) {
            Node node = this;
            for (String step : path) {
                node = node.children.computeIfAbsent(step, any -> new Node());
            }
            return node;
        }

        /// An element of an answer, of which lists have several called `member`.
        Node child(String name) {
            Node child = new Node();
            if (name.equals(MEMBER)) {
                elements.add(child);
            } else {
                children.put(name, child);
            }
            return child;
        }

        Map<String, Object> structure(Budget budget) {
            Map<String, Object> members = new TreeMap<>();
            children.forEach((name, child) -> {
                if (budget.takes(name)) {
                    members.put(shown(name), child.value(budget));
                }
            });
            return members;
        }

        private Object value(Budget budget) {
            if (!elements.isEmpty()) {
                return elements.stream()
                        .filter(element -> budget.takes(""))
                        .map(element -> element.value(budget))
                        .toList();
            }
            if (children.isEmpty()) {
                return budget.text(text);
            }
            Node list = children.get(MEMBER);
            if (list == null || children.size() > 1) {
                return structure(budget);
            }
            return list.children.entrySet().stream()
                    .sorted(Comparator.<Map.Entry<String, Node>>comparingInt(
                                    entry -> entry.getKey().length())
                            .thenComparing(Map.Entry.comparingByKey()))
                    .filter(entry -> budget.takes(""))
                    .map(entry -> Objects.requireNonNull(entry.getValue()).value(budget))
                    .toList();
        }
    }

    /// What is left of the room that a record has for these texts.
    private static final class Budget {
        private int left;

        Budget(int characters) {
            this.left = characters;
        }

        /// Whether there is room for one more member of this name.
        boolean takes(String name) {
            left -= cost(name) + MEMBER_COST;
            return left > 0;
        }

        /// The text, or how long it is where there is no room for it.
        String text(String value) {
            int cost = cost(value);
            if (cost > left) {
                return "(" + value.length() + " characters)";
            }
            left -= cost;
            return value;
        }

        private static int cost(String text) {
            int cost = 0;
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                cost += c == '"' || c == '\\' ? 2 : c >= ' ' && c <= '~' ? 1 : ESCAPE_COST;
            }
            return cost;
        }
    }
}

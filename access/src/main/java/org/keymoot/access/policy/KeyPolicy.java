package org.keymoot.access.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Principal;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.access.policy.Verdict.Effect;
import tools.jackson.databind.JsonNode;

/// A key policy, read and checked.
///
/// It keeps true: every element of an accepted document is enforced. What is not evaluated (conditions, the
/// negated elements, principals that are not AWS identities, policy variables) makes [#parse] fail, so it cannot
/// be stored and then silently ignored.
public final class KeyPolicy {
    /// Longest document, in characters.
    public static final int MAXIMUM_LENGTH = 32_768;
    /// Most statements of a document.
    public static final int MAXIMUM_STATEMENTS = 200;

    private static final Set<String> DOCUMENT_MEMBERS = Set.of("Version", "Id", "Statement");
    private static final Set<String> STATEMENT_MEMBERS = Set.of("Sid", "Effect", "Principal", "Action", "Resource");
    private static final Set<String> NOT_EVALUATED = Set.of("Condition", "NotPrincipal", "NotAction", "NotResource");
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    private static final Pattern ACTION = Pattern.compile("\\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+");

    private final List<Statement> statements;

    private KeyPolicy(List<Statement> statements) {
        this.statements = List.copyOf(statements);
    }

    /// One statement.
    ///
    /// @param name its Sid, or its position
    /// @param principals `*`, account numbers (a root ARN becomes one) and ARNs of identities
    /// @param actions in lower case
    private record Statement(
            String name, boolean allow, List<String> principals, List<String> actions, List<String> resources) {

        boolean covers(String action, String resource) {
            return actions.stream().anyMatch(pattern -> Wildcard.matches(pattern, action))
                    && resources.stream().anyMatch(pattern -> Wildcard.matches(pattern, resource));
        }

        boolean namesEverybodyOr(Principal principal) {
            return principals.contains("*")
                    || principals.contains(principal.arn())
                    || (principal.isRoot() && principals.contains(principal.account()));
        }

        boolean namesAccountOf(Principal principal) {
            return principals.contains(principal.account());
        }
    }

    /// The policy that a key has when its maker gives none: the account decides.
    public static String defaultDocument(String account) {
        return """
                {
                  "Version" : "2012-10-17",
                  "Id" : "key-default-1",
                  "Statement" : [ {
                    "Sid" : "Enable IAM User Permissions",
                    "Effect" : "Allow",
                    "Principal" : {
                      "AWS" : "%s"
                    },
                    "Action" : "kms:*",
                    "Resource" : "*"
                  } ]
                }""".formatted(Principal.rootArn(account));
    }

    /// Reads and checks a document.
    public static KeyPolicy parse(String document) throws MalformedPolicyException {
        JsonNode root;
        try {
            root = JsonReader.read(document);
        } catch (InvalidJsonException e) {
            throw new MalformedPolicyException("This policy contains invalid Json: " + e.getMessage() + ".");
        }
        if (!root.isObject()) {
            throw new MalformedPolicyException("This policy contains invalid Json: a policy is an object.");
        }
        for (String member : root.propertyNames()) {
            if (!DOCUMENT_MEMBERS.contains(member)) {
                throw new MalformedPolicyException("Syntax errors in policy: unknown element '" + shown(member) + "'.");
            }
        }
        checkVersion(root);
        JsonNode list = root.get("Statement");
        if (list == null || !(list.isObject() || (list.isArray() && !list.isEmpty()))) {
            throw new MalformedPolicyException("Syntax errors in policy: Statement is required and not empty.");
        }
        if (list.isArray() && list.size() > MAXIMUM_STATEMENTS) {
            throw new MalformedPolicyException("A policy has at most " + MAXIMUM_STATEMENTS + " statements.");
        }
        List<Statement> statements = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (JsonNode node : list.isArray() ? list : List.of(list)) {
            Statement statement = statement(node, statements.size() + 1);
            if (node.has("Sid") && !names.add(statement.name())) {
                throw new MalformedPolicyException("Statement IDs (SID) in a single policy must be unique.");
            }
            statements.add(statement);
        }
        return new KeyPolicy(statements);
    }

    /// What the policy says: a matching deny wins, then an allow that names the principal, then one that names its
    /// account.
    ///
    /// @param action such as `kms:Sign`
    /// @param keyArn the key that the policy belongs to
    public Verdict evaluate(Principal principal, String action, String keyArn) {
        String lowerAction = action.toLowerCase(Locale.ROOT);
        Verdict best = new Verdict(Effect.NOT_ALLOWED, "no statement of the key policy allows " + action);
        for (Statement statement : statements) {
            if (!statement.covers(lowerAction, keyArn)) {
                continue;
            }
            boolean direct = statement.namesEverybodyOr(principal);
            if (!statement.allow() && (direct || statement.namesAccountOf(principal))) {
                return new Verdict(Effect.DENIED, "key policy statement " + statement.name() + " denies");
            }
            if (statement.allow() && direct && best.effect() != Effect.ALLOWED) {
                best = new Verdict(Effect.ALLOWED, "key policy statement " + statement.name());
            } else if (statement.allow()
                    && statement.namesAccountOf(principal)
                    && best.effect() == Effect.NOT_ALLOWED) {
                best = new Verdict(Effect.DELEGATED, "key policy statement " + statement.name());
            }
        }
        return best;
    }

    private static void checkVersion(JsonNode root) throws MalformedPolicyException {
        JsonNode version = root.get("Version");
        if (version != null && !(isText(version, "2012-10-17") || isText(version, "2008-10-17"))) {
            throw new MalformedPolicyException("The policy must contain a valid version string.");
        }
        JsonNode id = root.get("Id");
        if (id != null && !id.isString()) {
            throw new MalformedPolicyException("Syntax errors in policy: Id must be a string.");
        }
    }

    private static Statement statement(JsonNode node, int position) throws MalformedPolicyException {
        if (!node.isObject()) {
            throw new MalformedPolicyException("Syntax errors in policy: statement " + position + " is not an object.");
        }
        JsonNode sid = node.get("Sid");
        if (sid != null && !sid.isString()) {
            throw new MalformedPolicyException("Syntax errors in policy: Sid must be a string.");
        }
        String name = sid == null ? "number " + position : "'" + shown(sid.stringValue()) + "'";
        for (String member : node.propertyNames()) {
            if (NOT_EVALUATED.contains(member)) {
                throw new MalformedPolicyException("Statement " + name + " has the element '" + member
                        + "', which this service does not evaluate yet; a policy holds only what is enforced.");
            }
            if (!STATEMENT_MEMBERS.contains(member)) {
                throw new MalformedPolicyException(
                        "Syntax errors in policy: unknown element '" + shown(member) + "' in statement " + name + ".");
            }
        }
        JsonNode effect = node.get("Effect");
        if (!isText(effect, "Allow") && !isText(effect, "Deny")) {
            throw new MalformedPolicyException("The Effect of statement " + name + " must be Allow or Deny.");
        }
        List<String> actions = new ArrayList<>();
        for (String action : texts(node.get("Action"), "Action", name)) {
            if (!ACTION.matcher(action).matches()) {
                throw new MalformedPolicyException("Actions must be prefaced by a vendor, e.g. kms; statement " + name
                        + " has '" + shown(action) + "'.");
            }
            actions.add(action.toLowerCase(Locale.ROOT));
        }
        List<String> resources = texts(node.get("Resource"), "Resource", name);
        for (String resource : resources) {
            if (resource.contains("${")) {
                throw new MalformedPolicyException(
                        "Statement " + name + " uses a policy variable, which this service does not evaluate yet.");
            }
        }
        return new Statement(
                name, isText(effect, "Allow"), principals(node.get("Principal"), name), actions, resources);
    }

    private static List<String> principals(@Nullable JsonNode node, String statement) throws MalformedPolicyException {
        if (isText(node, "*")) {
            return List.of("*");
        }
        if (node == null || !node.isObject() || node.isEmpty()) {
            throw new MalformedPolicyException("Statement " + statement + " must name its principals.");
        }
        for (String type : node.propertyNames()) {
            if (!type.equals("AWS")) {
                throw new MalformedPolicyException("Statement " + statement + " names principals of type '"
                        + shown(type) + "', which this service does not evaluate; only AWS is accepted.");
            }
        }
        List<String> principals = new ArrayList<>();
        for (String principal : texts(node.get("AWS"), "Principal", statement)) {
            principals.add(principal(principal));
        }
        return principals;
    }

    private static String principal(String text) throws MalformedPolicyException {
        if (text.equals("*") || ACCOUNT.matcher(text).matches()) {
            return text;
        }
        String[] arn = text.split(":", 6);
        if (arn.length == 6 && ACCOUNT.matcher(arn[4]).matches() && !text.contains("*") && !text.contains("?")) {
            if (arn[5].equals("root")) {
                if (text.equals(Principal.rootArn(arn[4]))) {
                    return arn[4];
                }
            } else {
                try {
                    return new Principal(arn[4], text).arn();
                } catch (IllegalArgumentException e) {
                    throw invalidPrincipals();
                }
            }
        }
        throw invalidPrincipals();
    }

    private static MalformedPolicyException invalidPrincipals() {
        return new MalformedPolicyException("Policy contains a statement with one or more invalid principals.");
    }

    /// A string or a non-empty list of strings.
    private static List<String> texts(@Nullable JsonNode node, String element, String statement)
            throws MalformedPolicyException {
        List<String> texts = new ArrayList<>();
        if (node != null && node.isString()) {
            texts.add(node.stringValue());
        } else if (node != null && node.isArray()) {
            for (JsonNode item : node) {
                if (!item.isString()) {
                    throw new MalformedPolicyException(
                            "The " + element + " of statement " + statement + " must be strings.");
                }
                texts.add(item.stringValue());
            }
        }
        if (texts.isEmpty()) {
            throw new MalformedPolicyException(
                    "Statement " + statement + " has no " + element + " and would have no effect.");
        }
        return texts;
    }

    private static boolean isText(@Nullable JsonNode node, String expected) {
        return node != null && node.isString() && node.stringValue().equals(expected);
    }

    private static String shown(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "…";
    }
}

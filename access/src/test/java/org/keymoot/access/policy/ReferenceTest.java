package org.keymoot.access.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.Grants.Permit;
import org.keymoot.access.Principal;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.access.policy.PolicyDocument.Kind;
import tools.jackson.databind.JsonNode;

/// Random policies and requests, decided by the evaluation and by a slow reading of the rules that shares no code with
/// it: it walks the JSON with regular expressions and asks each rule as a question of its own.
final class ReferenceTest {
    private static final String[] ACTIONS = {"kms:Sign", "kms:Verify", "kms:*", "*", "KMS:S*", "kms:?erify", "s3:*"};
    private static final String[] RESOURCES = {
        "*",
        Asking.KEY,
        "arn:aws:kms:*:123456789012:key/*",
        "arn:aws:kms:us-west-2:*:key/*",
        "arn:aws:kms:us-east-1:123456789012:key/${x:Tag}*",
        "arn:aws:kms:us-east-1:123456789012:key/${x:Absent}*"
    };
    private static final String[] PRINCIPALS = {
        "*",
        "123456789012",
        "210987654321",
        Asking.ALICE,
        Asking.ROLE,
        Asking.SESSION,
        "arn:aws:iam::123456789012:user/bob",
        "arn:aws:iam::210987654321:user/carol"
    };
    private static final String[] CALLERS = {
        Asking.ALICE,
        Asking.SESSION,
        "arn:aws:iam::123456789012:root",
        "arn:aws:iam::210987654321:root",
        "arn:aws:iam::210987654321:user/carol"
    };
    private static final String[] OPERATORS = {
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase"
    };
    private static final String[] WORDS = {"a", "A", "b", "ab", "a*", "?", "${x:Tag}", "${x:Absent}", "${x:Absent, 'b'}"
    };
    private static final String[] VALUES = {"a", "A", "b", "ab", "1234", ""};

    private final Random random;

    ReferenceTest() {
        random = new Random(0);
    }

    private String pick(String[] from) {
        return from[random.nextInt(from.length)];
    }

    private String list(String[] from) {
        List<String> texts = new ArrayList<>();
        for (int i = 0, n = 1 + random.nextInt(2); i < n; i++) {
            texts.add("\"" + pick(from) + "\"");
        }
        return texts.size() == 1 ? texts.getFirst() : "[" + String.join(",", texts) + "]";
    }

    private String statement(boolean principals) {
        StringBuilder text = new StringBuilder("{\"Effect\":\"" + (random.nextInt(4) == 0 ? "Deny" : "Allow") + "\"");
        if (principals) {
            text.append(random.nextInt(5) == 0 ? ",\"NotPrincipal\"" : ",\"Principal\"")
                    .append(":{\"AWS\":")
                    .append(list(PRINCIPALS))
                    .append('}');
        }
        text.append(random.nextInt(5) == 0 ? ",\"NotAction\":" : ",\"Action\":").append(list(ACTIONS));
        text.append(random.nextInt(5) == 0 ? ",\"NotResource\":" : ",\"Resource\":")
                .append(list(RESOURCES));
        if (random.nextBoolean()) {
            String[] quantifiers = {"", "", "ForAnyValue:", "ForAllValues:"};
            text.append(",\"Condition\":{\"")
                    .append(pick(quantifiers))
                    .append(pick(OPERATORS))
                    .append(random.nextInt(4) == 0 ? "IfExists" : "")
                    .append("\":{\"x:One\":")
                    .append(list(WORDS));
            if (random.nextBoolean()) {
                text.append(",\"x:Two\":").append(list(WORDS));
            }
            text.append("}");
            if (random.nextInt(4) == 0) {
                text.append(",\"Null\":{\"x:Two\":\"")
                        .append(random.nextBoolean())
                        .append("\"}");
            }
            text.append("}");
        }
        return text.append('}').toString();
    }

    private String document(boolean principals) {
        List<String> statements = new ArrayList<>();
        for (int i = 0, n = 1 + random.nextInt(3); i < n; i++) {
            statements.add(statement(principals));
        }
        return Asking.document(statements.toArray(String[]::new));
    }

    /// Everything that a decision depends on, in the form in which the reference reads it.
    private record Scene(
            String caller,
            @Nullable String role,
            String action,
            Map<String, List<String>> values,
            List<String> identity,
            @Nullable String boundary,
            @Nullable List<String> session,
            @Nullable String key,
            @Nullable Boolean grant) {}

    private Scene scene() {
        String caller = pick(CALLERS);
        Map<String, List<String>> values = new TreeMap<>();
        for (String name : new String[] {"x:One", "x:Two"}) {
            List<String> several = new ArrayList<>();
            int count = random.nextInt(4) - 1;
            for (int i = 0; i < count; i++) {
                several.add(pick(VALUES));
            }
            if (count >= 0) {
                values.put(name, several);
            }
        }
        values.put("x:Tag", List.of(pick(VALUES)));
        boolean root = caller.endsWith(":root");
        return new Scene(
                caller,
                caller.equals(Asking.SESSION) ? Asking.ROLE : null,
                pick(new String[] {"kms:Sign", "kms:Verify"}),
                values,
                random.nextBoolean() ? List.of(document(false), document(false)) : List.of(document(false)),
                !root && random.nextInt(4) == 0 ? document(false) : null,
                !root && random.nextInt(4) == 0 ? List.of(document(false)) : null,
                random.nextInt(8) == 0 ? null : document(true),
                random.nextInt(4) == 0 ? random.nextBoolean() : null);
    }

    private static boolean decided(Scene scene) {
        RequestValues values = new RequestValues();
        scene.values().forEach(values::put);
        Policies policies = new Policies(
                sources(scene.identity()),
                scene.boundary() == null
                        ? null
                        : sources(List.of(scene.boundary())).getFirst(),
                scene.session() == null ? null : sources(scene.session()));
        String name = scene.caller().substring(scene.caller().lastIndexOf('/') + 1);
        Identity caller = new Identity(
                new Principal(scene.caller().split(":")[4], scene.caller()),
                scene.role(),
                "id",
                scene.caller().contains(":user/") ? name : null,
                Map.of(),
                policies,
                Map.of());
        Boolean grant = scene.grant();
        Permit permit = grant == null ? null : new Permit("grant", grant);
        return Authorisation.decide(new Inquiry(
                        caller,
                        new Inquiry.Request(scene.action(), Asking.KEY, values),
                        Asking.ACCOUNT,
                        scene.key() == null ? null : new PolicySource("key", Asking.read(scene.key(), Kind.RESOURCE)),
                        () -> permit))
                .allowed();
    }

    private static List<PolicySource> sources(List<String> documents) {
        return documents.stream()
                .map(text -> new PolicySource("p", Asking.read(text, Kind.IDENTITY)))
                .toList();
    }

    // The rules, once more

    private static boolean expected(Scene scene) {
        boolean root = scene.caller().endsWith(":root");
        String account = scene.caller().split(":")[4];
        List<String> all = new ArrayList<>(scene.identity());
        if (scene.boundary() != null) {
            all.add(scene.boundary());
        }
        if (scene.session() != null) {
            all.addAll(scene.session());
        }
        if (all.stream().anyMatch(document -> says(document, "Deny", scene, null))) {
            return false;
        }
        boolean inBoundary = scene.boundary() == null || says(scene.boundary(), "Allow", scene, null);
        boolean inSession = scene.session() == null
                || scene.session().stream().anyMatch(document -> says(document, "Allow", scene, null));
        boolean limits = inBoundary && inSession;
        boolean own = root || scene.identity().stream().anyMatch(document -> says(document, "Allow", scene, null));
        if (scene.key() == null) {
            return own && limits;
        }
        if (says(scene.key(), "Deny", scene, "denied")) {
            return false;
        }
        boolean self = says(scene.key(), "Allow", scene, "self");
        boolean role = says(scene.key(), "Allow", scene, "role");
        boolean byAccount = says(scene.key(), "Allow", scene, "account");
        boolean granted = scene.grant() != null && (scene.grant() || limits);
        if (!account.equals(Asking.ACCOUNT)) {
            return granted || ((self || role || byAccount) && own && limits);
        }
        return self || granted || (role && limits) || (byAccount && own && limits);
    }

    private static boolean says(String document, String effect, Scene scene, @Nullable String sort) {
        for (JsonNode statement : json(document).get("Statement")) {
            boolean applies = statement.get("Effect").stringValue().equals(effect)
                    && element(
                            statement,
                            "Action",
                            pattern -> glob(pattern.toLowerCase(Locale.ROOT)),
                            scene.action().toLowerCase(Locale.ROOT))
                    && element(statement, "Resource", pattern -> globWithVariables(pattern, scene), Asking.KEY)
                    && conditions(statement, scene);
            if (applies && (sort == null || named(statement, scene, sort))) {
                return true;
            }
        }
        return false;
    }

    private static boolean element(
            JsonNode statement,
            String name,
            java.util.function.Function<String, @Nullable Pattern> compile,
            String text) {
        boolean negated = statement.has("Not" + name);
        boolean any = false;
        for (String pattern : texts(statement.get(negated ? "Not" + name : name))) {
            Pattern compiled = compile.apply(pattern);
            any |= compiled != null && compiled.matcher(text).matches();
        }
        return any != negated;
    }

    private static boolean named(JsonNode statement, Scene scene, String sort) {
        boolean negated = statement.has("NotPrincipal");
        List<String> names =
                texts(statement.get(negated ? "NotPrincipal" : "Principal").get("AWS"));
        String account = scene.caller().split(":")[4];
        boolean root = scene.caller().endsWith(":root");
        boolean everybody = names.contains("*");
        boolean itself = names.contains(scene.caller());
        boolean its = names.contains(account);
        boolean role = scene.role() != null && names.contains(scene.role());
        if (negated) {
            boolean exempt = everybody || (its && (root || itself) && (scene.role() == null || role));
            return switch (sort) {
                case "denied" -> scene.boundary() != null || !exempt;
                case "self" -> !everybody && !itself && !its && !role;
                default -> false;
            };
        }
        return switch (sort) {
            case "denied" -> everybody || itself || its || role;
            case "self" -> everybody || itself || (root && its);
            case "role" -> role;
            default -> its;
        };
    }

    private static boolean conditions(JsonNode statement, Scene scene) {
        JsonNode block = statement.get("Condition");
        if (block == null) {
            return true;
        }
        for (Map.Entry<String, JsonNode> operator : block.properties()) {
            for (Map.Entry<String, JsonNode> line : operator.getValue().properties()) {
                List<String> found = scene.values().getOrDefault(line.getKey(), List.of());
                if (!condition(operator.getKey(), texts(line.getValue()), found, scene)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean condition(String name, List<String> wanted, List<String> found, Scene scene) {
        if (name.equals("Null")) {
            return wanted.contains(String.valueOf(found.isEmpty()));
        }
        boolean negated = name.contains("Not");
        if (name.startsWith("ForAnyValue:")) {
            return found.stream().anyMatch(value -> compare(name, wanted, value, scene) != negated);
        }
        if (name.startsWith("ForAllValues:")) {
            return found.stream().allMatch(value -> compare(name, wanted, value, scene) != negated);
        }
        if (found.isEmpty()) {
            return negated || name.endsWith("IfExists");
        }
        boolean matches = found.stream().anyMatch(value -> compare(name, wanted, value, scene));
        return matches != negated;
    }

    private static boolean compare(String name, List<String> wanted, String value, Scene scene) {
        for (String word : wanted) {
            String filled = fill(word, scene);
            if (filled == null) {
                continue;
            }
            boolean same;
            if (name.contains("Like")) {
                same = java.util.Objects.requireNonNull(globWithVariables(word, scene))
                        .matcher(value)
                        .matches();
            } else if (name.contains("IgnoreCase")) {
                same = filled.equalsIgnoreCase(value);
            } else {
                same = filled.equals(value);
            }
            if (same) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String fill(String word, Scene scene) {
        List<String> tag = scene.values().get("x:Tag");
        String filled =
                word.replace("${x:Tag}", tag == null ? "" : tag.getFirst()).replace("${x:Absent, 'b'}", "b");
        return filled.contains("${") ? null : filled;
    }

    private static Pattern glob(String pattern) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
        }
        return Pattern.compile(regex.toString());
    }

    private static @Nullable Pattern globWithVariables(String pattern, Scene scene) {
        // No value of a variable in these scenes has a wildcard, so filling first changes nothing.
        String filled = fill(pattern, scene);
        return filled == null ? null : glob(filled);
    }

    private static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(item -> texts.add(item.stringValue()));
        } else {
            texts.add(node.stringValue());
        }
        return texts;
    }

    private static JsonNode json(String document) {
        try {
            return JsonReader.read(document);
        } catch (InvalidJsonException e) {
            throw new IllegalArgumentException(document, e);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void decidesAsTheRulesReadSlowly(long seed) {
        random.setSeed(seed);
        int allowed = 0;
        for (int i = 0; i < 5000; i++) {
            Scene scene = scene();
            boolean expected = expected(scene);
            assertThat(decided(scene)).as("%s", scene).isEqualTo(expected);
            allowed += expected ? 1 : 0;
        }
        assertThat(allowed)
                .as("the scenes are neither all allowed nor all denied")
                .isBetween(1000, 4000);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12})
    void takesMoreAllowsForMoreAndMoreDeniesForLess(long seed) {
        random.setSeed(seed);
        for (int i = 0; i < 3000; i++) {
            Scene scene = scene();
            boolean before = decided(scene);
            List<String> more = new ArrayList<>(scene.identity());
            more.add(document(false).replace("\"Deny\"", "\"Allow\""));
            List<String> less = new ArrayList<>(scene.identity());
            less.add(document(false).replace("\"Allow\"", "\"Deny\""));
            assertThat(decided(with(scene, more)) || !before).as("%s", scene).isTrue();
            assertThat(!decided(with(scene, less)) || before).as("%s", scene).isTrue();
        }
    }

    private static Scene with(Scene scene, List<String> identity) {
        return new Scene(
                scene.caller(),
                scene.role(),
                scene.action(),
                scene.values(),
                identity,
                scene.boundary(),
                scene.session(),
                scene.key(),
                scene.grant());
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22})
    void givesNoOtherErrorForDamagedDocuments(long seed) {
        random.setSeed(seed);
        String alphabet = "{}[]\",:*?$\\'0aé\u0000\u212A ";
        int taken = 0;
        for (int i = 0; i < 10_000; i++) {
            boolean principals = random.nextBoolean();
            StringBuilder text = new StringBuilder(document(principals));
            for (int j = 0, n = random.nextInt(3); j <= n; j++) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
                    default -> {
                        int end = Math.min(text.length(), at + random.nextInt(20));
                        text.insert(random.nextInt(text.length()), text.substring(at, end));
                    }
                }
            }
            Kind kind = principals ? (random.nextBoolean() ? Kind.RESOURCE : Kind.TRUST) : Kind.IDENTITY;
            try {
                PolicyDocument document = PolicyReader.read(text.toString(), kind);
                taken++;
                new Asking().keyPolicy(document).decide();
            } catch (MalformedPolicyException e) {
                assertThat(e).hasMessageNotContaining("Exception");
            }
        }
        assertThat(taken).isPositive();
    }
}

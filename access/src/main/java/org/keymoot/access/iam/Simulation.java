package org.keymoot.access.iam;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.access.AwsException;
import org.keymoot.access.ContextKeys;
import org.keymoot.access.Decision;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.KeyRecord;
import org.keymoot.access.Principal;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.policy.Authorisation;
import org.keymoot.access.policy.Identity;
import org.keymoot.access.policy.Inquiry;
import org.keymoot.access.policy.MalformedPolicyException;
import org.keymoot.access.policy.Outcome;
import org.keymoot.access.policy.Policies;
import org.keymoot.access.policy.PolicyDocument;
import org.keymoot.access.policy.PolicySource;
import org.keymoot.access.policy.RequestValues;

/// Tells who may do what, and which statement decides, without anybody doing it.
///
/// It keeps true: the evaluation is the one that decides about requests, over the same registers, with a key's
/// policy where the resource is a key. Grants and sign rules are left out: a request brings the tokens of
/// grants, and rules are about what is signed, not about who signs.
public final class Simulation {
    private static final Pattern ARN = Pattern.compile("arn:aws:iam::([0-9]{12}):(root|user|role)(/[\\x21-\\x7e]+)?");
    private static final Pattern KEY = Pattern.compile("arn:aws:kms:([a-z0-9-]{1,64}):([0-9]{12}):key/([a-z0-9-]+)");
    private static final Pattern ROLE = Pattern.compile("arn:aws:iam::([0-9]{12}):role/(?:[\\x21-\\x7e]*/)?([^/]+)");

    private static final int MOST_RESULTS = 1000;

    private Simulation() {}

    /// What came of it.
    ///
    /// @param decision `allowed`, `explicitDeny` or `implicitDeny`
    /// @param decidedBy which statement of which policy decided, in words
    public record Result(String decision, String decidedBy) {
        static Result of(Outcome outcome) {
            if (outcome.allowed()) {
                return new Result("allowed", outcome.decidedBy());
            }
            return switch (outcome.reason()) {
                case DENIED_BY_IDENTITY, DENIED_BY_BOUNDARY, DENIED_BY_SESSION, DENIED_BY_RESOURCE ->
                    new Result("explicitDeny", outcome.decidedBy());
                default -> new Result("implicitDeny", outcome.decidedBy());
            };
        }

        public boolean allowed() {
            return decision.equals("allowed");
        }
    }

    /// A principal with what came of it.
    public record Finding(String principal, Result result) {}

    /// What an operator is told.
    ///
    /// @param problem why nothing can be told; empty when something is
    public record Told(String problem, List<Finding> findings) {
        public Told {
            findings = List.copyOf(findings);
        }

        static Told problem(String problem) {
            return new Told(problem, List.of());
        }
    }

    /// What an operator asks.
    ///
    /// @param principal ARN of a root, a user or a role; empty for all that there are
    /// @param resource an ARN or `*`
    /// @param context condition keys of the request
    /// @param more identity policies that the principal is taken to have besides its own
    public record Question(
            String principal, String action, String resource, Map<String, List<String>> context, List<String> more) {}

    /// Whether a principal may do something, or who may.
    public static Told of(DirectoryView view, Question question, Instant now) {
        List<PolicySource> more = new ArrayList<>();
        for (String document : question.more()) {
            try {
                more.add(new PolicySource(
                        "the given policy " + (more.size() + 1),
                        PolicyDocument.parse(document, PolicyDocument.Kind.IDENTITY)));
            } catch (MalformedPolicyException e) {
                return Told.problem("the policy is not valid: " + e.getMessage());
            }
        }
        Matcher key = KEY.matcher(question.resource());
        if (key.matches() && key(view, key.group(2), key.group(1), key.group(3)) == null) {
            return Told.problem("there is no key " + question.resource());
        }
        Map<String, Identity> asked = new LinkedHashMap<>();
        if (!question.principal().isEmpty()) {
            Identity identity = identity(view, question.principal());
            if (identity == null) {
                return Told.problem(
                        question.principal().contains(":assumed-role/")
                                ? "a session is limited by policies that no party keeps: name its role"
                                : "there is no user, role or root " + question.principal());
            }
            asked.put(question.principal(), identity);
        } else if (key.matches()) {
            Principal root = Principal.root(key.group(2));
            asked.put(root.arn(), Identity.root(root));
            for (OwnerKind kind : List.of(OwnerKind.USER, OwnerKind.ROLE)) {
                for (IdentityRecord record : all(view, kind)) {
                    asked.put(record.arn(), RegisteredIdentities.of(record, view));
                }
            }
        } else {
            return Told.problem("who may do something can be told of a key only, named by its ARN");
        }
        List<Finding> findings = new ArrayList<>();
        asked.forEach((arn, identity) -> findings.add(new Finding(
                arn,
                decide(
                        view,
                        withMore(identity, more),
                        question.action(),
                        question.resource(),
                        question.context(),
                        now,
                        new RequestValues.Work()))));
        return new Told("", findings);
    }

    /// The users or roles of all accounts; a key policy may let in those of others.
    private static List<IdentityRecord> all(DirectoryView view, OwnerKind kind) {
        String prefix = kind.register().prefix() + "/";
        List<IdentityRecord> all = new ArrayList<>();
        String after = "";
        while (true) {
            List<DirectoryView.Entry> page = view.list(prefix, after, DirectoryView.MAXIMUM_PAGE);
            page.forEach(entry ->
                    all.add(IdentityRecord.decode(entry.name(), entry.value().json())));
            if (page.size() < DirectoryView.MAXIMUM_PAGE) {
                return all;
            }
            after = page.getLast().name().text();
        }
    }

    static Result decide(
            DirectoryView view,
            Identity identity,
            String action,
            String resource,
            Map<String, List<String>> context,
            Instant now,
            RequestValues.Work work) {
        RequestValues values = new RequestValues(work)
                .put("aws:CurrentTime", now.truncatedTo(ChronoUnit.SECONDS).toString())
                .put("aws:EpochTime", now.getEpochSecond())
                .put("aws:SecureTransport", true);
        ContextKeys.ofCaller(values, identity);
        String account = identity.principal().account();
        PolicySource policy = null;
        Matcher key = KEY.matcher(resource);
        Matcher role = ROLE.matcher(resource);
        if (key.matches()) {
            account = key.group(2);
            values.put("aws:RequestedRegion", key.group(1));
            KeyRecord record = key(view, key.group(2), key.group(1), key.group(3));
            if (record != null) {
                ContextKeys.ofKey(values, record, view);
                policy = new PolicySource(
                        "key policy", PolicyDocument.stored(record.policy(), PolicyDocument.Kind.RESOURCE));
            }
        } else if (role.matches() && action.regionMatches(true, 0, "sts:", 0, 4)) {
            account = role.group(1);
            IdentityRecord trusting = RegisteredIdentities.find(view, OwnerKind.ROLE, account, role.group(2));
            if (trusting != null) {
                String trust = Objects.requireNonNull(trusting.terms()).trust();
                policy = new PolicySource("trust policy", PolicyDocument.stored(trust, PolicyDocument.Kind.TRUST));
            }
        }
        context.forEach(values::put);
        Inquiry.Request request = new Inquiry.Request(action, resource, values);
        return Result.of(Authorisation.decide(new Inquiry(identity, request, account, policy)));
    }

    private static @Nullable KeyRecord key(DirectoryView view, String account, String region, String keyId) {
        RegisterName name = RegisterName.key(account, region, keyId);
        RegisterValue value = view.read(name);
        return value == null || !value.live() ? null : KeyRecord.decode(name, value.json());
    }

    /// What is known of a principal; null when there is none of this ARN. A session is none: what its own policies take
    /// away is in its token only.
    static @Nullable Identity identity(DirectoryView view, String arn) {
        Matcher matcher = ARN.matcher(arn);
        if (!matcher.matches()) {
            return null;
        }
        String account = matcher.group(1);
        String path = matcher.group(3);
        if (matcher.group(2).equals("root")) {
            return path == null ? Identity.root(Principal.root(account)) : null;
        }
        OwnerKind kind = matcher.group(2).equals("user") ? OwnerKind.USER : OwnerKind.ROLE;
        String name = path == null ? "" : path.substring(path.lastIndexOf('/') + 1);
        if (!name.matches("[a-zA-Z0-9_+=,.@-]{1,64}")) {
            return null;
        }
        IdentityRecord found = RegisteredIdentities.find(view, kind, account, name);
        return found == null || !found.arn().equals(arn) ? null : RegisteredIdentities.of(found, view);
    }

    /// SimulatePrincipalPolicy.
    static Decision ofPrincipal(IamCall call) {
        String arn = call.form().required("PolicySourceArn", 20, 2048, null);
        call.form().check();
        call.authorise(arn);
        Identity identity = identity(call.view(), arn);
        if (identity == null || !identity.principal().account().equals(call.account())) {
            throw IamCall.noSuchEntity("There is no user or role " + arn + ".");
        }
        return answer(call, withMore(identity, policies(call, "PolicyInputList")));
    }

    /// SimulateCustomPolicy.
    static Decision ofCustom(IamCall call) {
        call.authorise("*");
        List<PolicySource> given = policies(call, "PolicyInputList");
        if (given.isEmpty()) {
            throw IamCall.refuse("ValidationError", "PolicyInputList must name at least one policy.");
        }
        Principal nobody = new Principal(call.account(), "arn:aws:iam::" + call.account() + ":user/simulation");
        Identity identity = new Identity(
                nobody, null, "simulation", "simulation", Map.of(), new Policies(given, null, null), Map.of());
        return answer(call, identity);
    }

    private static Identity withMore(Identity identity, List<PolicySource> more) {
        List<PolicySource> all = new ArrayList<>(identity.policies().identity());
        all.addAll(more);
        Policies policies = new Policies(
                all, identity.policies().boundary(), identity.policies().session());
        return new Identity(
                identity.principal(),
                identity.issuerArn(),
                identity.userId(),
                identity.userName(),
                identity.tags(),
                policies,
                identity.context());
    }

    private static List<PolicySource> policies(IamCall call, String parameter) {
        List<PolicySource> policies = new ArrayList<>();
        for (String document : call.form().texts(parameter, 1, 131_072)) {
            IamCall.requireDocument(document, PolicyDocument.Kind.IDENTITY);
            policies.add(new PolicySource(
                    parameter + "." + (policies.size() + 1),
                    PolicyDocument.stored(document, PolicyDocument.Kind.IDENTITY)));
        }
        return policies;
    }

    private static Decision answer(IamCall call, Identity identity) {
        List<String> actions = call.form().texts("ActionNames", 3, 128);
        List<String> named = call.form().texts("ResourceArns", 1, 2048);
        Map<String, List<String>> context = new TreeMap<>();
        call.form().members("ContextEntries", prefix -> {
            String name = call.form().raw(prefix + ".ContextKeyName");
            if (name == null) {
                return null;
            }
            context.put(name, call.form().texts(prefix + ".ContextKeyValues", 0, 2048));
            return name;
        });
        call.form().check();
        List<String> resources = named.isEmpty() ? List.of("*") : named;
        if (actions.isEmpty() || (long) actions.size() * resources.size() > MOST_RESULTS) {
            throw IamCall.refuse(
                    "ValidationError", "Name at least one action, and at most " + MOST_RESULTS + " pairs to simulate.");
        }
        record Pair(String action, String resource) {}
        List<Pair> pairs = actions.stream()
                .flatMap(action -> resources.stream().map(resource -> new Pair(action, resource)))
                .toList();
        RequestValues.Work work = new RequestValues.Work();
        Xml answer = new Xml().put("IsTruncated", false);
        answer.list("EvaluationResults", pairs, (xml, pair) -> {
            Result result = decide(call.view(), identity, pair.action(), pair.resource(), context, call.now(), work);
            if (work.isTooMuch()) {
                throw new AwsException(new AwsError(
                        500,
                        "PolicyEvaluation",
                        "The policies take too long to evaluate for so many pairs: ask for fewer at once."));
            }
            xml.put("EvalActionName", pair.action())
                    .put("EvalResourceName", pair.resource())
                    .put("EvalDecision", result.decision())
                    .list(
                            "MatchedStatements",
                            result.decision().equals("implicitDeny") ? List.of() : List.of(result.decidedBy()),
                            (statement, by) -> statement.put("SourcePolicyId", by))
                    .texts("MissingContextValues", List.of());
        });
        return call.answer(answer);
    }
}

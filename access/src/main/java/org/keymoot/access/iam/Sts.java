package org.keymoot.access.iam;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Decision;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.IssuedSecret;
import org.keymoot.access.Principal;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RegisterWrite;
import org.keymoot.access.Service;
import org.keymoot.access.Session;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.oidc.IdToken;
import org.keymoot.access.policy.Inquiry;
import org.keymoot.access.policy.PolicyDocument;
import org.keymoot.access.policy.PolicySource;
import org.keymoot.access.policy.RequestValues;

/// Decides about requests to STS.
///
/// It keeps true: the result depends on the arguments only; no session outlives its end or the role or user that it
/// is of, and none may more than its maker was allowed to give it.
public final class Sts {
    private static final Pattern ACCESS_KEY_ID = Pattern.compile("[a-zA-Z0-9_]+");
    private static final Pattern SESSION_NAME = Pattern.compile("[a-zA-Z0-9_+=,.@-]*");
    private static final Pattern EXTERNAL_ID = Pattern.compile("[a-zA-Z0-9_+=,.@:/-]*");
    private static final Pattern ROLE_ARN =
            Pattern.compile("arn:aws:iam::([0-9]{12}):role(/|/[\\x21-\\x7e]+/)([a-zA-Z0-9_+=,.@-]{1,64})");
    private static final int SHORTEST_SECONDS = 900;
    private static final int LONGEST_ROLE_SECONDS = 43_200;
    private static final int STANDARD_ROLE_SECONDS = 3600;
    private static final int LONGEST_CHAINED_SECONDS = 3600;
    private static final int LONGEST_USER_SECONDS = (int) SessionTokens.LONGEST_LIFE.toSeconds();
    private static final int STANDARD_USER_SECONDS = 43_200;
    private static final int LONGEST_ROOT_SECONDS = 3600;
    private static final int MOST_POLICY_ARNS = 10;

    private Sts() {}

    /// Decides about one request, as [org.keymoot.access.Kms#decide] does.
    public static Decision decide(SignedRequest request, DirectoryView view, Instant now) {
        IamCall call = new IamCall(Service.STS, request, view, now);
        return call.decide(action -> run(call, (StsAction) action));
    }

    private static Decision run(IamCall call, StsAction action) {
        if (action != StsAction.GET_CALLER_IDENTITY && call.isFederated()) {
            throw IamCall.accessDenied("Cannot call " + action.aws() + " with the credentials of a federated user");
        }
        return switch (action) {
            case GET_CALLER_IDENTITY -> callerIdentity(call);
            case GET_ACCESS_KEY_INFO -> accessKeyInfo(call);
            case GET_SESSION_TOKEN -> sessionToken(call);
            case GET_FEDERATION_TOKEN -> federationToken(call);
            case ASSUME_ROLE -> assumeRole(call);
            case ASSUME_ROLE_WITH_WEB_IDENTITY -> assumeRoleWithWebIdentity(call);
            case DECODE_AUTHORIZATION_MESSAGE -> decodeMessage(call);
        };
    }

    static String sessionArn(String account, String roleName, String sessionName) {
        return "arn:aws:sts::" + account + ":assumed-role/" + roleName + "/" + sessionName;
    }

    static String federatedArn(String account, String name) {
        return "arn:aws:sts::" + account + ":federated-user/" + name;
    }

    /// Needs no permission: whoever can sign may know who it is.
    private static Decision callerIdentity(IamCall call) {
        Principal caller = call.principal();
        return call.answer(new Xml()
                .put("Arn", caller.arn())
                .put("UserId", call.identity().userId())
                .put("Account", caller.account()));
    }

    /// The account is part of an access key's id.
    private static Decision accessKeyInfo(IamCall call) {
        String id = call.form().required("AccessKeyId", 16, 128, ACCESS_KEY_ID);
        call.form().check();
        call.authorise("*");
        String account = AccessKeyRecord.accountOf(id);
        if (account == null) {
            throw IamCall.refuse("ValidationError", "The access key id is not of this cluster's form.");
        }
        return call.answer(new Xml().put("Account", account));
    }

    /// The user, or the account's root, of whom a caller with an access key of its own makes a session.
    ///
    /// @param name empty for the root
    /// @param id of the user, or the account's
    private record Holder(String name, String id) {
        static Holder of(IamCall call) {
            if (call.principal().isRoot()) {
                return new Holder("", call.account());
            }
            String name = IdentityActions.ownName(call);
            IdentityRecord user = RegisteredIdentities.find(call.view(), OwnerKind.USER, call.account(), name);
            if (user == null) {
                throw IamCall.accessDenied("The user " + name
                        + " is known by an access key of the operator only; create it with CreateUser first.");
            }
            return new Holder(name, user.id());
        }

        Duration atMost(int wantedSeconds) {
            return Duration.ofSeconds(name.isEmpty() ? Math.min(wantedSeconds, LONGEST_ROOT_SECONDS) : wantedSeconds);
        }
    }

    /// Needs no permission: the session may what the caller may.
    private static Decision sessionToken(IamCall call) {
        int wanted =
                call.form().number("DurationSeconds", SHORTEST_SECONDS, LONGEST_USER_SECONDS, STANDARD_USER_SECONDS);
        call.form().check();
        if (call.caller().session() != null) {
            throw IamCall.accessDenied("Cannot call GetSessionToken with session credentials");
        }
        Holder holder = Holder.of(call);
        Session session = new Session(
                Session.Kind.USER,
                AccessKeyRecord.id("ASIA", call.account(), call.requestDigest()),
                holder.name(),
                holder.id(),
                "",
                call.now(),
                call.now().plus(holder.atMost(wanted)),
                List.of(),
                List.of(),
                new TreeMap<>(),
                Set.of(),
                "",
                "");
        return issued(call, call.account(), session, new Xml());
    }

    /// Refusals say in words why; none is encoded, so there is none to decode.
    private static Decision decodeMessage(IamCall call) {
        call.form().required("EncodedMessage", 1, 10_240, null);
        call.form().check();
        call.authorise("*");
        throw IamCall.refuse("InvalidAuthorizationMessageException", "Message is not valid");
    }

    private static Decision federationToken(IamCall call) {
        String name = call.form().required("Name", 2, 32, SESSION_NAME);
        String policy = call.form().text("Policy", 1, 2048, null);
        List<String> policyArns = policyArns(call);
        int wanted =
                call.form().number("DurationSeconds", SHORTEST_SECONDS, LONGEST_USER_SECONDS, STANDARD_USER_SECONDS);
        Map<String, String> tags = call.form().tags("Tags", false);
        call.form().check();
        if (call.caller().session() != null) {
            throw IamCall.accessDenied("Cannot call GetFederationToken with session credentials");
        }
        IdentityActions.requireFewTags(tags);
        if (policy != null) {
            IamCall.requireDocument(policy, PolicyDocument.Kind.IDENTITY);
        }
        String arn = federatedArn(call.account(), name);
        call.withTags(tags).authorise(arn);
        if (!tags.isEmpty()) {
            call.authorise(arn, "sts:TagSession");
        }
        Holder holder = Holder.of(call);
        Session session = new Session(
                Session.Kind.FEDERATED,
                AccessKeyRecord.id("ASIA", call.account(), call.requestDigest()),
                holder.name(),
                holder.id(),
                name,
                call.now(),
                call.now().plus(holder.atMost(wanted)),
                policy == null ? List.of() : List.of(policy),
                policyArns,
                new TreeMap<>(tags),
                Set.of(),
                "",
                "");
        Xml answer = new Xml()
                .put(
                        "FederatedUser",
                        new Xml()
                                .put("FederatedUserId", call.account() + ":" + name)
                                .put("Arn", arn));
        return issued(call, call.account(), session, answer);
    }

    /// A token of an identity provider is all that the caller shows. Each party that a session is used at checks that
    /// token again, since the session carries it.
    private static Decision assumeRoleWithWebIdentity(IamCall call) {
        String arn = call.form().required("RoleArn", 20, 2048, null);
        String name = call.form().required("RoleSessionName", 2, 64, SESSION_NAME);
        String token = call.form().required("WebIdentityToken", 4, IdToken.MAXIMUM_LENGTH, null);
        String providerId = call.form().text("ProviderId", 4, 2048, null);
        String policy = call.form().text("Policy", 1, 2048, null);
        List<String> policyArns = policyArns(call);
        int wanted =
                call.form().number("DurationSeconds", SHORTEST_SECONDS, LONGEST_ROLE_SECONDS, STANDARD_ROLE_SECONDS);
        call.form().check();
        if (providerId != null) {
            throw IamCall.refuse(
                    "InvalidIdentityToken",
                    "ProviderId is for OAuth 2.0 access tokens, which are not taken; send an OpenID Connect token.");
        }
        Matcher matcher = ROLE_ARN.matcher(arn);
        if (!matcher.matches()) {
            throw IamCall.refuse("ValidationError", arn + " is invalid");
        }
        String account = matcher.group(1);
        call.isAbout(arn);
        WebIdentity identity = WebIdentity.verified(call.view(), account, token, call.now());
        IdToken claims = identity.token();
        if (policy != null) {
            IamCall.requireDocument(policy, PolicyDocument.Kind.IDENTITY);
        }
        IdentityActions.requireFewTags(claims.tags());
        if (!claims.tags().keySet().containsAll(claims.transitiveTags())) {
            throw IamCall.refuse("InvalidIdentityToken", "A transitive tag key of the token is not among its tags.");
        }
        String source = claims.sourceIdentity();
        RequestValues values = values(name, null, source, claims.tags(), claims.transitiveTags());
        WebIdentity.conditions(claims, account).forEach(values::put);
        call.putRequestKeys(values);
        IdentityRecord role = role(call, arn);
        requireTrust(identity, role, arn, "sts:AssumeRoleWithWebIdentity", values);
        if (!claims.tags().isEmpty()) {
            requireTrust(identity, role, arn, "sts:TagSession", values);
        }
        if (source != null) {
            requireTrust(identity, role, arn, "sts:SetSourceIdentity", values);
        }
        IdentityRecord known = Objects.requireNonNull(role);
        requireDuration(known, wanted, false);
        String sessionArn = sessionArn(account, known.name(), name);
        call.actsAs(
                new Principal(account, sessionArn),
                "trust policy of " + arn + " lets in " + claims.subject() + " of "
                        + identity.provider().arn());
        Session session = new Session(
                Session.Kind.ROLE,
                AccessKeyRecord.id("ASIA", account, call.requestDigest()),
                known.name(),
                known.id(),
                name,
                call.now(),
                call.now().plus(Duration.ofSeconds(wanted)),
                policy == null ? List.of() : List.of(policy),
                policyArns,
                new TreeMap<>(claims.tags()),
                new TreeSet<>(claims.transitiveTags()),
                source == null ? "" : source,
                token);
        Xml answer = new Xml()
                .put("SubjectFromWebIdentityToken", claims.subject())
                .put("Audience", claims.audiences().getFirst())
                .put("Provider", claims.issuer())
                .put(
                        "AssumedRoleUser",
                        new Xml().put("AssumedRoleId", known.id() + ":" + name).put("Arn", sessionArn));
        if (source != null) {
            answer.put("SourceIdentity", source);
        }
        return issued(call, account, session, answer);
    }

    private static void requireTrust(
            WebIdentity identity, @Nullable IdentityRecord role, String arn, String permission, RequestValues values) {
        if (role != null) {
            RequestValues all = values.copy();
            role.tags().forEach((key, value) -> all.put("aws:ResourceTag/" + key, value));
            all.put("aws:ResourceAccount", role.account());
            PolicyDocument trust =
                    PolicyDocument.stored(Objects.requireNonNull(role.terms()).trust(), PolicyDocument.Kind.TRUST);
            if (trust.trusts(identity.provider().arn(), new Inquiry.Request(permission, arn, all))) {
                return;
            }
        }
        throw IamCall.accessDenied("Not authorized to perform " + permission);
    }

    private static Decision assumeRole(IamCall call) {
        String arn = call.form().required("RoleArn", 20, 2048, null);
        String name = call.form().required("RoleSessionName", 2, 64, SESSION_NAME);
        String policy = call.form().text("Policy", 1, 2048, null);
        List<String> policyArns = policyArns(call);
        int wanted =
                call.form().number("DurationSeconds", SHORTEST_SECONDS, LONGEST_ROLE_SECONDS, STANDARD_ROLE_SECONDS);
        String externalId = call.form().text("ExternalId", 2, 1224, EXTERNAL_ID);
        String sourceIdentity = call.form().text("SourceIdentity", 2, 64, SESSION_NAME);
        Map<String, String> tags = call.form().tags("Tags", false);
        List<String> transitive = call.form().texts("TransitiveTagKeys", 1, 128);
        if (call.form().raw("SerialNumber") != null || call.form().raw("TokenCode") != null) {
            throw IamCall.accessDenied("MultiFactorAuthentication failed: no devices are known here.");
        }
        call.form().check();
        IdentityActions.requireFewTags(tags);
        if (!tags.keySet().containsAll(transitive)) {
            throw IamCall.refuse(
                    "ValidationError", "The specified transitive tag key must be included in the requested tags.");
        }
        if (policy != null) {
            IamCall.requireDocument(policy, PolicyDocument.Kind.IDENTITY);
        }
        IdentityRecord role = role(call, arn);
        Session chained = call.caller().session();
        String source = inheritedSource(chained, sourceIdentity);
        RequestValues values = values(name, externalId, source.isEmpty() ? null : source, tags, transitive);
        authorise(call, arn, role, "sts:AssumeRole", values);
        if (!tags.isEmpty()) {
            authorise(call, arn, role, "sts:TagSession", values);
        }
        // Every role of a chain has to let it be set, and the caller of every step to set it.
        if (!source.isEmpty()) {
            authorise(call, arn, role, "sts:SetSourceIdentity", values);
        }
        if (call.principal().isRoot()) {
            throw IamCall.accessDenied("Roles may not be assumed by root accounts.");
        }
        IdentityRecord known = Objects.requireNonNull(role);
        requireDuration(known, wanted, chained != null && chained.kind() == Session.Kind.ROLE);
        Session session = new Session(
                Session.Kind.ROLE,
                AccessKeyRecord.id("ASIA", known.account(), call.requestDigest()),
                known.name(),
                known.id(),
                name,
                call.now(),
                call.now().plus(Duration.ofSeconds(wanted)),
                policy == null ? List.of() : List.of(policy),
                policyArns,
                inherited(chained, tags),
                transitiveOf(chained, transitive),
                source,
                "");
        Xml answer = new Xml()
                .put(
                        "AssumedRoleUser",
                        new Xml()
                                .put("AssumedRoleId", known.id() + ":" + name)
                                .put("Arn", sessionArn(known.account(), known.name(), name)));
        if (!session.sourceIdentity().isEmpty()) {
            answer.put("SourceIdentity", session.sourceIdentity());
        }
        return issued(call, known.account(), session, answer);
    }

    private static List<String> policyArns(IamCall call) {
        List<String> arns =
                call.form().members("PolicyArns", prefix -> call.form().text(prefix + ".arn", 20, 2048, null));
        if (arns.size() > MOST_POLICY_ARNS) {
            throw IamCall.refuse("ValidationError", "At most " + MOST_POLICY_ARNS + " policies may be given.");
        }
        return arns;
    }

    /// The role of an ARN; null when there is none, which is told apart from a refusal by nobody.
    private static @Nullable IdentityRecord role(IamCall call, String arn) {
        Matcher matcher = ROLE_ARN.matcher(arn);
        if (!matcher.matches()) {
            throw IamCall.refuse("ValidationError", arn + " is invalid");
        }
        IdentityRecord found =
                RegisteredIdentities.find(call.view(), OwnerKind.ROLE, matcher.group(1), matcher.group(3));
        return found == null || !found.arn().equals(arn) ? null : found;
    }

    private static RequestValues values(
            String name,
            @Nullable String externalId,
            @Nullable String sourceIdentity,
            Map<String, String> tags,
            List<String> transitive) {
        RequestValues values = new RequestValues().put("sts:RoleSessionName", name);
        if (externalId != null) {
            values.put("sts:ExternalId", externalId);
        }
        if (sourceIdentity != null) {
            values.put("sts:SourceIdentity", sourceIdentity);
        }
        tags.forEach((key, value) -> values.put("aws:RequestTag/" + key, value));
        if (!tags.isEmpty()) {
            values.put("aws:TagKeys", List.copyOf(tags.keySet()));
        }
        if (!transitive.isEmpty()) {
            values.put("sts:TransitiveTagKeys", transitive);
        }
        return values;
    }

    private static void authorise(
            IamCall call, String arn, @Nullable IdentityRecord role, String permission, RequestValues values) {
        if (role == null) {
            throw IamCall.accessDenied("User: " + call.principal().arn() + " is not authorized to perform: "
                    + permission + " on resource: " + arn);
        }
        String trust = Objects.requireNonNull(role.terms()).trust();
        PolicySource policy = new PolicySource("trust policy", PolicyDocument.stored(trust, PolicyDocument.Kind.TRUST));
        role.tags().forEach((key, value) -> values.put("aws:ResourceTag/" + key, value));
        call.authorise(arn, permission, role.account(), policy, values);
    }

    private static void requireDuration(IdentityRecord role, int seconds, boolean chained) {
        if (chained && seconds > LONGEST_CHAINED_SECONDS) {
            throw IamCall.refuse(
                    "ValidationError",
                    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role"
                            + " chaining");
        }
        if (seconds > Objects.requireNonNull(role.terms()).maximumSessionSeconds()) {
            throw IamCall.refuse(
                    "ValidationError",
                    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
        }
    }

    private static TreeMap<String, String> inherited(@Nullable Session maker, Map<String, String> tags) {
        TreeMap<String, String> all = new TreeMap<>(tags);
        if (maker != null) {
            Set<String> given =
                    tags.keySet().stream().map(RequestValues::folded).collect(Collectors.toSet());
            for (String key : maker.transitiveTags()) {
                if (given.contains(RequestValues.folded(key))) {
                    throw IamCall.refuse(
                            "InvalidParameterValue",
                            "One of the specified transitive tag keys can't be set because it conflicts with a"
                                    + " transitive tag key from the calling session.");
                }
                String value = maker.tags().get(key);
                if (value != null) {
                    all.put(key, value);
                }
            }
        }
        return all;
    }

    private static Set<String> transitiveOf(@Nullable Session maker, List<String> transitive) {
        Set<String> all = new TreeSet<>(transitive);
        if (maker != null) {
            all.addAll(maker.transitiveTags());
        }
        return all;
    }

    private static String inheritedSource(@Nullable Session maker, @Nullable String wanted) {
        String before = maker == null ? "" : maker.sourceIdentity();
        if (!before.isEmpty() && wanted != null && !wanted.equals(before)) {
            throw IamCall.accessDenied("The source identity of a session cannot be changed.");
        }
        return wanted == null ? before : wanted;
    }

    /// Gives out the session's credentials, once the account has a secret to seal them under.
    private static Decision issued(IamCall call, String account, Session session, Xml answer) {
        RegisterName register = SessionTokens.register(account, call.now());
        RegisterValue value = call.view().read(register);
        if (value == null) {
            return new Decision.IssueSecret(
                    call.context(),
                    register,
                    null,
                    commitment -> new RegisterWrite(register, 0, SessionTokens.json(commitment, call.now())),
                    null);
        }
        String commitment = Objects.requireNonNull(AccessKeyRecord.commitmentIn(value.json()));
        IssuedSecret secret = call.view().issued(register, commitment);
        if (secret == null) {
            throw IamCall.refuse("ServiceUnavailable", "This party waits for a secret of its peers. Try again.");
        }
        SessionTokens.Sealed sealed = SessionTokens.seal(session, register, secret, call.requestDigest());
        if (sealed.token().length() > SessionTokens.MAXIMUM_LENGTH) {
            throw IamCall.refuse(
                    "PackedPolicyTooLarge", "The policies and tags of the session are larger than a token may be.");
        }
        List<String> limits = new ArrayList<>(session.policies());
        limits.addAll(session.policyArns());
        answer.put(
                "Credentials",
                new Xml()
                        .put("AccessKeyId", session.accessKeyId())
                        .put("SecretAccessKey", sealed.secretAccessKey())
                        .put("SessionToken", sealed.token())
                        .put("Expiration", session.expiresAt()));
        if (!limits.isEmpty()) {
            answer.put("PackedPolicySize", sealed.token().length() * 100 / SessionTokens.MAXIMUM_LENGTH);
        }
        return call.answer(answer);
    }
}

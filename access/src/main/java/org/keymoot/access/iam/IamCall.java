package org.keymoot.access.iam;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.access.AwsException;
import org.keymoot.access.ContextKeys;
import org.keymoot.access.Decision;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.Identities;
import org.keymoot.access.Principal;
import org.keymoot.access.Redaction;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RegisterWrite;
import org.keymoot.access.Repeats;
import org.keymoot.access.RequestContext;
import org.keymoot.access.RequestFacts;
import org.keymoot.access.Service;
import org.keymoot.access.ServiceAction;
import org.keymoot.access.Session;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.iam.IdentityRecord.Reference;
import org.keymoot.access.policy.Authorisation;
import org.keymoot.access.policy.Identity;
import org.keymoot.access.policy.Inquiry;
import org.keymoot.access.policy.MalformedPolicyException;
import org.keymoot.access.policy.Outcome;
import org.keymoot.access.policy.PolicyDocument;
import org.keymoot.access.policy.PolicySource;
import org.keymoot.access.policy.RequestValues;
import org.keymoot.access.sigv4.Authenticated;
import org.keymoot.access.sigv4.CanonicalRequest;
import org.keymoot.access.sigv4.SignatureVerifier;

/// One request of IAM or STS on its way to a decision: what is known of it so far, and the checks that all actions
/// share.
///
/// It keeps true: the caller is authenticated before a parameter is looked at, and authorised before anything is
/// told about what exists. Only where a token in the request says who asks is there no caller.
final class IamCall {
    private static final Identities IDENTITIES = new RegisteredIdentities();
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_+=,.@-]+");
    private static final Pattern PATH = Pattern.compile("/|/[\\x21-\\x7e]+/");
    private static final Pattern PATH_PREFIX = Pattern.compile("/[\\x21-\\x7e]*");
    private static final int STANDARD_PAGE = 100;
    private static final int LARGEST_PAGE = 1000;
    /// A page gets no further element once it is this long.
    private static final int LONG_PAGE_CHARACTERS = 1 << 20;
    private static final String ID_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int ID_LENGTH = 17;

    /// The boundary that a request sets; where it sets none, the one that its target has.
    static final String BOUNDARY = "iam:PermissionsBoundary";

    private final Service service;
    private final SignedRequest request;
    private final DirectoryView view;
    private final Instant now;
    private final RequestValues conditions = new RequestValues();
    private @Nullable Authenticated caller;
    private @Nullable Principal actor;
    private @Nullable Identity identity;
    private @Nullable ServiceAction action;
    private @Nullable Form form;
    private @Nullable String resource;
    private @Nullable String decidedBy;

    IamCall(Service service, SignedRequest request, DirectoryView view, Instant now) {
        this.service = service;
        this.request = request;
        this.view = view;
        this.now = now;
    }

    Decision decide(Function<ServiceAction, Decision> run) {
        try {
            if (service != Service.STS || !Service.isUnsigned(request)) {
                caller = new SignatureVerifier(service.prefix()).verify(request, new Callers(view), now);
                identity = IDENTITIES.of(caller, view);
                requireLongLived();
            }
            form = readForm();
            action = findAction(form);
            if (caller != null) {
                caller.requireYoungEnough(action, now);
            }
            return run.apply(action);
        } catch (AwsException e) {
            return new Decision.Refused(context(), service.inItsWords(e.error()));
        }
    }

    /// The session of a user may not change identities: whoever holds it could make itself credentials without end.
    private void requireLongLived() {
        Session session = caller().session();
        if (service == Service.IAM && session != null && session.kind() != Session.Kind.ROLE) {
            throw new AwsException(
                    new AwsError(403, "InvalidClientTokenId", "The security token included in the request is invalid"));
        }
    }

    /// Whether the caller is a federated user, who may do nothing here but ask who it is.
    boolean isFederated() {
        Session session = caller == null ? null : caller.session();
        return session != null && session.kind() == Session.Kind.FEDERATED;
    }

    private Form readForm() {
        int question = request.target().indexOf('?');
        String path = question < 0 ? request.target() : request.target().substring(0, question);
        List<String> types = request.header("content-type");
        if (!request.method().equals("POST") || !path.equals("/")) {
            throw refuse("InvalidAction", "Requests to this service are POST / with a form as body.");
        }
        if (types.isEmpty() || !Service.isForm(types.getFirst())) {
            throw refuse("InvalidAction", "The Content-Type must be " + Service.FORM + ".");
        }
        return Form.read(request.body());
    }

    private ServiceAction findAction(Form form) {
        String name = Objects.requireNonNullElse(form.raw("Action"), "");
        String version = Objects.requireNonNullElse(form.raw("Version"), "");
        ServiceAction found = version.equals(service.version()) ? service.action(name) : null;
        if (found == null) {
            throw refuse(
                    "InvalidAction",
                    "Could not find operation " + (name.isEmpty() ? "in the request" : shown(name)) + " for version "
                            + (version.isEmpty() ? "NO_VERSION_SPECIFIED" : shown(version)));
        }
        return found;
    }

    private static String shown(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "…";
    }

    Form form() {
        return Objects.requireNonNull(form);
    }

    DirectoryView view() {
        return view;
    }

    /// The present, in whole milliseconds, as registers keep it.
    Instant now() {
        return Instant.ofEpochMilli(now.toEpochMilli());
    }

    Authenticated caller() {
        return Objects.requireNonNull(caller);
    }

    Principal principal() {
        return caller().principal();
    }

    String account() {
        return principal().account();
    }

    String requestDigest() {
        return caller == null ? request.unauthenticatedDigest() : caller.requestDigest();
    }

    /// From now on the request is the doing of this principal, which a token in it stands for.
    ///
    /// @param why for the audit record
    void actsAs(Principal principal, String why) {
        actor = principal;
        decidedBy = why;
    }

    /// What the request is about.
    void isAbout(String resourceArn) {
        resource = resourceArn;
    }

    /// Sets the condition keys of the request itself, where there is no caller.
    void putRequestKeys(RequestValues values) {
        ContextKeys.ofRequest(
                values, request, caller == null ? null : caller.scope().region(), now);
    }

    private ServiceAction action() {
        return Objects.requireNonNull(action);
    }

    RequestContext context() {
        Principal principal = actor != null || caller == null ? actor : caller.principal();
        return new RequestContext(
                principal,
                action,
                caller == null ? null : caller.scope().region(),
                resource,
                decidedBy,
                requestDigest(),
                RequestFacts.of(
                        service,
                        request,
                        caller,
                        identity,
                        form == null || action == null || principal == null
                                ? null
                                : Redaction.parameters(form.parameters())));
    }

    static AwsException refuse(String type, String message) {
        return new AwsException(AwsError.of(type, message));
    }

    static AwsException noSuchEntity(String message) {
        return new AwsException(new AwsError(404, "NoSuchEntity", message));
    }

    /// 409: what is there does not permit it.
    static AwsException conflict(String type, String message) {
        return new AwsException(new AwsError(409, type, message));
    }

    static AwsException quota(String what, int limit) {
        return conflict("LimitExceeded", "Cannot exceed quota for " + what + ": " + limit);
    }

    Decision answer(Xml result) {
        return new Decision.Answer(context(), result.text());
    }

    Decision done() {
        return new Decision.Answer(context(), "");
    }

    Decision change(RegisterWrite write, Xml result) {
        return change(write, result.text());
    }

    Decision change(RegisterWrite write) {
        return change(write, "");
    }

    private Decision change(RegisterWrite write, String result) {
        RegisterWrite once = Repeats.once(write, view.read(write.name()), requestDigest(), caller().signedAt(), now());
        return new Decision.Change(context(), List.of(once), result);
    }

    /// What is known of the caller: its policies and tags.
    Identity identity() {
        return Objects.requireNonNull(identity);
    }

    static AwsException accessDenied(String message) {
        return new AwsException(new AwsError(403, "AccessDenied", message));
    }

    /// May the caller do what it asks for with this resource?
    void authorise(String resourceArn) {
        authorise(resourceArn, action().permission());
    }

    /// May the caller do this too, which its request implies?
    void authorise(String resourceArn, String permission) {
        authorise(resourceArn, permission, account(), null, conditions);
    }

    /// Sets a condition key of the request, such as `iam:PolicyARN`, before it is authorised.
    IamCall with(String conditionKey, String value) {
        conditions.put(conditionKey, value);
        return this;
    }

    /// Sets the condition keys of a request that brings tags.
    IamCall withTags(Map<String, String> tags) {
        if (!tags.isEmpty()) {
            conditions.put("aws:TagKeys", List.copyOf(tags.keySet()));
            tags.forEach((key, value) -> conditions.put("aws:RequestTag/" + key, value));
        }
        return this;
    }

    /// Sets the condition keys of a request that takes tags away.
    IamCall withTagKeys(List<String> keys) {
        conditions.put("aws:TagKeys", keys);
        return this;
    }

    /// Sets the condition keys of the tags that what the request is about has.
    IamCall withResourceTags(Map<String, String> tags) {
        tags.forEach((key, value) -> {
            conditions.put("aws:ResourceTag/" + key, value);
            conditions.put("iam:ResourceTag/" + key, value);
        });
        return this;
    }

    private void withTarget(IdentityRecord target) {
        withResourceTags(target.tags());
        Reference boundary = target.boundary();
        if (boundary != null && conditions.get(BOUNDARY) == null) {
            conditions.put(BOUNDARY, boundary.name());
        }
    }

    /// May the caller do this with a resource that has a policy of its own?
    ///
    /// @param more condition keys beside those of the caller and the request
    void authorise(
            String resourceArn,
            String permission,
            String resourceAccount,
            @Nullable PolicySource resourcePolicy,
            RequestValues more) {
        resource = resourceArn;
        RequestValues values = more.copy().put("aws:ResourceAccount", resourceAccount);
        ContextKeys.ofCaller(values, identity());
        ContextKeys.ofRequest(values, request, caller().scope().region(), now);
        Outcome outcome = Authorisation.decide(new Inquiry(
                identity(), new Inquiry.Request(permission, resourceArn, values), resourceAccount, resourcePolicy));
        decidedBy = outcome.decidedBy();
        if (!outcome.allowed()) {
            throw accessDenied(outcome.denial(principal().arn(), permission, resourceArn));
        }
    }

    /// A unique id, such as `AIDA…`, which the signed request determines.
    String uniqueId(String prefix) {
        byte[] hash = CanonicalRequest.sha256(
                ("keymoot unique id\n" + prefix + "\n" + requestDigest()).getBytes(StandardCharsets.UTF_8));
        StringBuilder id = new StringBuilder(prefix);
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ID_DIGITS.charAt(hash[i] & 31));
        }
        return id.toString();
    }

    /// A name that the request has to give.
    String name(String parameter, int longest) {
        String name = form().required(parameter, 1, longest, null);
        form().check();
        return checkedName(parameter, name);
    }

    @Nullable String optionalName(String parameter, int longest) {
        String name = form().text(parameter, 1, longest, null);
        form().check();
        return name == null ? null : checkedName(parameter, name);
    }

    private static String checkedName(String parameter, String name) {
        if (!NAME.matcher(name).matches()) {
            throw refuse(
                    "ValidationError",
                    "The specified value for " + lowerFirst(parameter)
                            + " is invalid. It must contain only alphanumeric characters and/or the following:"
                            + " +=,.@_-");
        }
        return name;
    }

    /// The path of something that is made.
    String path() {
        String path = form().text("Path", 1, 512, null);
        form().check();
        if (path == null) {
            return "/";
        }
        if (!PATH.matcher(path).matches()) {
            throw refuse(
                    "ValidationError",
                    "The specified value for path is invalid. It must begin and end with / and contain only"
                            + " alphanumeric characters and/or / characters.");
        }
        return path;
    }

    /// Which paths a listing is limited to.
    String pathPrefix() {
        String prefix = form().text("PathPrefix", 1, 512, null);
        form().check();
        if (prefix == null) {
            return "/";
        }
        if (!PATH_PREFIX.matcher(prefix).matches()) {
            throw refuse("ValidationError", "The specified value for pathPrefix is invalid. It must begin with /.");
        }
        return prefix;
    }

    private static String lowerFirst(String text) {
        return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
    }

    /// A policy document of the request. Nothing but its length is known of it yet.
    String document(String parameter) {
        String text = form().required(parameter, 1, 131_072, null);
        form().check();
        return text;
    }

    /// Refuses a document that is longer than its quota or that is none. Reading one is work, so the caller is
    /// authorised before.
    static void requireDocument(String text, PolicyDocument.Kind kind, int mostCharacters) {
        if (significant(text) > mostCharacters) {
            throw conflict("LimitExceeded", "Cannot exceed quota for " + sizeName(kind) + ": " + mostCharacters);
        }
        requireDocument(text, kind);
    }

    private static String sizeName(PolicyDocument.Kind kind) {
        return kind == PolicyDocument.Kind.TRUST ? "ACLSizePerRole" : "PolicySize";
    }

    static void requireDocument(String text, PolicyDocument.Kind kind) {
        try {
            PolicyDocument.parse(text, kind);
        } catch (MalformedPolicyException e) {
            throw refuse("MalformedPolicyDocument", String.valueOf(e.getMessage()));
        }
    }

    /// The characters of a document that count against its quota: all but white space.
    static int significant(String document) {
        return (int) document.chars().filter(c -> !Character.isWhitespace(c)).count();
    }

    /// An identity and the version of its register.
    record Stored(IdentityRecord record, long version) {
        RegisterWrite write(IdentityRecord next) {
            return new RegisterWrite(record.register(), version, next.json());
        }
    }

    /// What the register of a name holds, a tombstone included; null when it was never written.
    @Nullable Stored find(OwnerKind kind, String account, String name) {
        RegisterName register = IdentityRecord.register(kind, account, name);
        RegisterValue value = view.read(register);
        return value == null ? null : new Stored(IdentityRecord.decode(register, value.json()), value.version());
    }

    /// The identity of this name and kind.
    Stored require(OwnerKind kind, String name) {
        Stored found = find(kind, account(), name);
        if (found == null || found.record().deleted() || !found.record().name().equals(name)) {
            throw noSuchEntity("The " + kind.word() + " with name " + name + " cannot be found.");
        }
        return found;
    }

    /// Reads which identity a request is about and authorises the action on it. Whether it exists is told only after
    /// that.
    Stored target(OwnerKind kind) {
        return target(kind, name(kind.nameParameter(), kind.longestName()));
    }

    Stored target(OwnerKind kind, String name) {
        Stored found = find(kind, account(), name);
        if (found != null && !found.record().deleted()) {
            withTarget(found.record());
        }
        authorise(
                found == null || found.record().deleted()
                        ? IdentityRecord.arn(kind, account(), "/", name)
                        : found.record().arn());
        return require(kind, name);
    }

    /// Live registers of this account whose name begins with `prefix`, in order.
    List<DirectoryView.Entry> all(RegisterName.Kind kind) {
        String prefix = RegisterName.prefixOf(kind, account(), RegisterName.GLOBAL);
        List<DirectoryView.Entry> all = new ArrayList<>();
        String after = "";
        while (true) {
            List<DirectoryView.Entry> page = view.list(prefix, after, DirectoryView.MAXIMUM_PAGE);
            all.addAll(page);
            if (page.size() < DirectoryView.MAXIMUM_PAGE) {
                return all;
            }
            after = page.getLast().name().text();
        }
    }

    List<IdentityRecord> identities(OwnerKind kind) {
        return all(kind.register()).stream()
                .map(entry -> IdentityRecord.decode(entry.name(), entry.value().json()))
                .toList();
    }

    /// Writes the page of a listing that the request asks for.
    ///
    /// @param elements all of them, in the order of their keys
    /// @param key tells an element from the others; a page begins after the key that its marker names
    <T> Xml page(String name, List<T> elements, Function<T, String> key, BiConsumer<Xml, T> writer) {
        return page(new Xml(), name, elements, key, writer);
    }

    /// A page is cut short where it gets long, as AWS may do too: every answer is one message on its way to the client.
    ///
    /// @param answer to which the page is added
    <T> Xml page(Xml answer, String name, List<T> elements, Function<T, String> key, BiConsumer<Xml, T> writer) {
        int limit = form().number("MaxItems", 1, LARGEST_PAGE, STANDARD_PAGE);
        String given = form().text("Marker", 1, 1024, null);
        form().check();
        String after = given == null ? "" : openMarker(given);
        Xml members = new Xml();
        int shown = 0;
        String last = after;
        boolean more = false;
        for (T element : elements) {
            if (key.apply(element).compareTo(after) <= 0) {
                continue;
            }
            if (shown == limit || members.length() >= LONG_PAGE_CHARACTERS) {
                more = true;
                break;
            }
            members.member(element, writer);
            shown++;
            last = key.apply(element);
        }
        answer.put("IsTruncated", more);
        answer.put(name, members);
        if (more) {
            byte[] marker = last.getBytes(StandardCharsets.UTF_8);
            answer.put("Marker", Base64.getUrlEncoder().withoutPadding().encodeToString(marker));
        }
        return answer;
    }

    /// The same for a list of names.
    Xml namePage(String name, List<String> names) {
        return page(name, names, text -> text, Xml::putText);
    }

    private static String openMarker(String marker) {
        try {
            return new String(Base64.getUrlDecoder().decode(marker), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw refuse("ValidationError", "Invalid Marker.");
        }
    }

    /// A document as answers show it: RFC 3986 escapes.
    static String percentEncoded(String text) {
        StringBuilder out = new StringBuilder(text.length() * 2);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-_.~".indexOf(c) >= 0) {
                out.append(c);
            } else {
                out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return out.toString();
    }
}

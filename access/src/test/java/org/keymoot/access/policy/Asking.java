package org.keymoot.access.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Grants.Permit;
import org.keymoot.access.Principal;
import org.keymoot.access.policy.PolicyDocument.Kind;

/// A question to the evaluation, put together step by step: by default whether the user alice may sign with a key of
/// her account whose policy is AWS's default.
final class Asking {
    static final String ACCOUNT = "123456789012";
    static final String OTHER = "210987654321";
    static final String KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    static final String ALICE = "arn:aws:iam::123456789012:user/alice";
    static final String ROLE = "arn:aws:iam::123456789012:role/ops/signer";
    static final String SESSION = "arn:aws:sts::123456789012:assumed-role/signer/one";
    static final String FEDERATED = "arn:aws:sts::123456789012:federated-user/bob";

    final RequestValues values = new RequestValues();
    private final List<PolicySource> identity = new ArrayList<>();
    private final List<PolicySource> session = new ArrayList<>();
    private String caller = ALICE;
    private @Nullable PolicySource boundary;
    private @Nullable PolicySource resourcePolicy = key(KeyPolicy.defaultDocument(ACCOUNT));
    private String action = "kms:Sign";
    private String resource = KEY;
    private @Nullable Permit permit;

    Asking as(String arn) {
        caller = arn;
        return this;
    }

    Asking identity(String... statements) {
        identity.add(new PolicySource("inline policy", read(document(statements), Kind.IDENTITY)));
        return this;
    }

    Asking boundary(String... statements) {
        boundary = new PolicySource("boundary", read(document(statements), Kind.IDENTITY));
        return this;
    }

    Asking session(String... statements) {
        session.add(new PolicySource("session policy", read(document(statements), Kind.IDENTITY)));
        return this;
    }

    Asking keyPolicy(String... statements) {
        resourcePolicy = key(document(statements));
        return this;
    }

    Asking keyPolicy(PolicyDocument document) {
        resourcePolicy = new PolicySource("key policy", document);
        return this;
    }

    Asking unreadable(String where) {
        PolicySource broken = new PolicySource(where, PolicyDocument.unreadable(Kind.IDENTITY, "damaged"));
        switch (where) {
            case "identity" -> identity.add(broken);
            case "boundary" -> boundary = broken;
            case "session" -> session.add(broken);
            default -> resourcePolicy = broken;
        }
        return this;
    }

    Asking withoutResourcePolicy() {
        resourcePolicy = null;
        return this;
    }

    Asking to(String wantedAction, String wantedResource) {
        action = wantedAction;
        resource = wantedResource;
        return this;
    }

    Asking with(String key, String... several) {
        values.put(key, List.of(several));
        return this;
    }

    Asking grant(boolean toCallerItself) {
        permit = new Permit("grant 7", toCallerItself);
        return this;
    }

    Outcome decide() {
        return Authorisation.decide(inquiry());
    }

    boolean allowed() {
        return decide().allowed();
    }

    Outcome.Reason reason() {
        return decide().reason();
    }

    Inquiry inquiry() {
        Principal principal = new Principal(caller.split(":")[4], caller);
        Policies policies = new Policies(identity, boundary, session.isEmpty() ? null : session);
        boolean user = caller.contains(":user/");
        boolean isSession = caller.contains(":assumed-role/");
        Identity who = new Identity(
                principal,
                isSession ? ROLE : caller.contains(":federated-user/") ? ALICE : null,
                "AIDAEXAMPLE",
                user ? caller.substring(caller.lastIndexOf('/') + 1) : null,
                Map.of(),
                policies,
                Map.of());
        return new Inquiry(who, new Inquiry.Request(action, resource, values), ACCOUNT, resourcePolicy, () -> permit);
    }

    /// A statement without principals; the element names are given with their values.
    static String statement(String effect, String... elements) {
        StringBuilder text = new StringBuilder("{\"Effect\":\"" + effect + "\"");
        for (int i = 0; i < elements.length; i += 2) {
            String value = elements[i + 1];
            boolean json = value.startsWith("{") || value.startsWith("[") || value.startsWith("\"");
            text.append(",\"").append(elements[i]).append("\":").append(json ? value : "\"" + value + "\"");
        }
        return text.append('}').toString();
    }

    static String allow(String action, String resource) {
        return statement("Allow", "Action", action, "Resource", resource);
    }

    static String deny(String action, String resource) {
        return statement("Deny", "Action", action, "Resource", resource);
    }

    static String on(String effect, String principal, String action) {
        String quoted =
                principal.equals("*") || principal.startsWith("{") ? principal : "{\"AWS\":\"" + principal + "\"}";
        return statement(effect, "Principal", quoted, "Action", action, "Resource", "*");
    }

    static String document(String... statements) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[" + String.join(",", statements) + "]}";
    }

    private static PolicySource key(String document) {
        return new PolicySource("key policy", read(document, Kind.RESOURCE));
    }

    static PolicyDocument read(String document, Kind kind) {
        try {
            return PolicyDocument.parse(document, kind);
        } catch (MalformedPolicyException e) {
            throw new IllegalArgumentException(document, e);
        }
    }
}

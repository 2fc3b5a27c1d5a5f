package org.keymoot.access.iam;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.keymoot.access.AwsException;
import org.keymoot.access.Decision;
import org.keymoot.access.iam.IamCall.Stored;
import org.keymoot.access.iam.IdentityRecord.Reference;
import org.keymoot.access.policy.PolicyDocument;

/// The policies of one user, group or role: inline ones, attached ones, and the permissions boundary.
final class OwnedPolicies {
    private static final int MOST_ATTACHED = 10;
    private static final int LONGEST_POLICY_NAME = 128;

    private OwnedPolicies() {}

    static Decision put(IamCall call, OwnerKind kind) {
        String policyName = call.name("PolicyName", LONGEST_POLICY_NAME);
        String document = call.document("PolicyDocument");
        Stored stored = call.target(kind);
        IamCall.requireDocument(document, PolicyDocument.Kind.IDENTITY);
        SortedMap<String, String> next = new TreeMap<>(stored.record().inline());
        next.put(policyName, document);
        int size = next.values().stream().mapToInt(IamCall::significant).sum();
        if (size > kind.inlineCharacters()) {
            throw IamCall.conflict(
                    "LimitExceeded",
                    "Maximum policy size of " + kind.inlineCharacters() + " bytes exceeded for " + kind.word() + " "
                            + stored.record().name());
        }
        return call.change(stored.write(stored.record().withInline(next, call.requestDigest())));
    }

    static Decision get(IamCall call, OwnerKind kind) {
        String policyName = call.name("PolicyName", LONGEST_POLICY_NAME);
        Stored stored = call.target(kind);
        String document = stored.record().inline().get(policyName);
        if (document == null) {
            throw noInline(kind, policyName);
        }
        return call.answer(new Xml()
                .put(kind.nameParameter(), stored.record().name())
                .put("PolicyName", policyName)
                .put("PolicyDocument", IamCall.percentEncoded(document)));
    }

    static Decision list(IamCall call, OwnerKind kind) {
        Stored stored = call.target(kind);
        List<String> names = List.copyOf(stored.record().inline().keySet());
        return call.answer(call.namePage("PolicyNames", names));
    }

    static Decision delete(IamCall call, OwnerKind kind) {
        String policyName = call.name("PolicyName", LONGEST_POLICY_NAME);
        Stored stored = call.target(kind);
        SortedMap<String, String> next = new TreeMap<>(stored.record().inline());
        if (next.remove(policyName) == null) {
            if (stored.record().requestDigest().equals(call.requestDigest())) {
                return call.done();
            }
            throw noInline(kind, policyName);
        }
        return call.change(stored.write(stored.record().withInline(next, call.requestDigest())));
    }

    private static AwsException noInline(OwnerKind kind, String policyName) {
        return IamCall.noSuchEntity("The " + kind.word() + " policy with name " + policyName + " cannot be found.");
    }

    static Decision attach(IamCall call, OwnerKind kind) {
        String arn = policyArn(call, "PolicyArn");
        call.with("iam:PolicyARN", arn);
        Stored stored = call.target(kind);
        Reference policy = ManagedPolicies.reference(call, arn);
        List<Reference> next =
                new ArrayList<>(ManagedPolicies.live(call, stored.record().attached()));
        if (!next.contains(policy)) {
            if (next.size() == MOST_ATTACHED) {
                throw IamCall.quota("PoliciesPer" + kind.element(), MOST_ATTACHED);
            }
            next.add(policy);
            next.sort(Comparator.comparing(Reference::name));
        }
        return call.change(stored.write(stored.record().withAttached(next, call.requestDigest())));
    }

    static Decision detach(IamCall call, OwnerKind kind) {
        String arn = policyArn(call, "PolicyArn");
        call.with("iam:PolicyARN", arn);
        Stored stored = call.target(kind);
        List<Reference> next = stored.record().attached().stream()
                .filter(reference -> !reference.name().equals(arn))
                .toList();
        if (next.size() == stored.record().attached().size()) {
            if (stored.record().requestDigest().equals(call.requestDigest())) {
                return call.done();
            }
            throw IamCall.noSuchEntity("Policy " + arn + " was not found.");
        }
        return call.change(stored.write(stored.record().withAttached(next, call.requestDigest())));
    }

    static Decision listAttached(IamCall call, OwnerKind kind) {
        String prefix = call.pathPrefix();
        Stored stored = call.target(kind);
        List<Reference> shown = ManagedPolicies.live(call, stored.record().attached()).stream()
                .filter(reference -> pathOf(reference.name()).startsWith(prefix))
                .toList();
        return call.answer(call.page(
                "AttachedPolicies",
                shown,
                Reference::name,
                (xml, reference) ->
                        xml.put("PolicyName", nameOf(reference.name())).put("PolicyArn", reference.name())));
    }

    static Decision putBoundary(IamCall call, OwnerKind kind) {
        String arn = policyArn(call, "PermissionsBoundary");
        call.with(IamCall.BOUNDARY, arn);
        Stored stored = call.target(kind);
        Reference policy = ManagedPolicies.reference(call, arn);
        return call.change(stored.write(stored.record().withBoundary(policy, call.requestDigest())));
    }

    static Decision deleteBoundary(IamCall call, OwnerKind kind) {
        Stored stored = call.target(kind);
        if (stored.record().boundary() == null
                && !stored.record().requestDigest().equals(call.requestDigest())) {
            throw IamCall.noSuchEntity(
                    kind.element() + " " + stored.record().name() + " does not have a permissions boundary.");
        }
        return call.change(stored.write(stored.record().withBoundary(null, call.requestDigest())));
    }

    static String policyArn(IamCall call, String parameter) {
        String arn = call.form().required(parameter, 20, 2048, null);
        call.form().check();
        return arn;
    }

    static String nameOf(String arn) {
        return arn.substring(arn.lastIndexOf('/') + 1);
    }

    private static String pathOf(String arn) {
        return arn.substring(arn.indexOf(":policy/") + ":policy".length(), arn.lastIndexOf('/') + 1);
    }
}

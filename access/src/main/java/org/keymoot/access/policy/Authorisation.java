package org.keymoot.access.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Grants.Permit;
import org.keymoot.access.policy.Outcome.Reason;
import org.keymoot.access.policy.Verdict.Effect;

/// Evaluates all policies that bear on a request.
///
/// It keeps true: a deny anywhere wins; what no policy allows is denied; and what cannot be evaluated denies. The
/// result depends on the inquiry alone.
///
/// Of the ways in which a resource's policy may allow, those that AWS does not let boundaries and session policies
/// limit are: naming the caller's own ARN (of a session, the session's), and everybody. Naming the role of a session
/// is limited by both; naming the account is limited by both and needs a policy of the identity.
public final class Authorisation {
    private static final Outcome NOT_ALLOWED_BY_RESOURCE =
            new Outcome(Reason.NOT_ALLOWED_BY_RESOURCE, "no statement of the resource's policy allows it");

    private Authorisation() {}

    public static Outcome decide(Inquiry inquiry) {
        inquiry.values().begin();
        PolicySource resourcePolicy = inquiry.resourcePolicy();
        boolean foreign = !inquiry.account().equals(inquiry.caller().principal().account());
        if (foreign && resourcePolicy != null) {
            Outcome closed = closedToStrangers(resourcePolicy, inquiry);
            if (closed != null) {
                return closed;
            }
        }
        Said said = said(inquiry);
        if (said.deny() != null) {
            return said.deny();
        }
        Policies policies = inquiry.caller().policies();
        PolicySource boundary = policies.boundary();
        Own own = new Own(
                inquiry.caller().principal().isRoot(),
                said.identity(),
                boundary != null && said.boundary().effect() != Effect.ALLOWS
                        ? boundary.name() + " allows nothing of it"
                        : null,
                policies.session() != null && said.session().effect() != Effect.ALLOWS
                        ? "no session policy allows it"
                        : null);
        if (resourcePolicy == null) {
            return own.decide("");
        }
        return foreign ? acrossAccounts(inquiry, said.resource(), own) : withinAccount(inquiry, said.resource(), own);
    }

    /// Why a resource of another account is closed to the caller; null when its account lets the caller in. It is
    /// found out first and told in one way only: policies that a stranger writes for itself and conditions in them
    /// would otherwise tell it what exists and how it is tagged.
    private static @Nullable Outcome closedToStrangers(PolicySource resourcePolicy, Inquiry inquiry) {
        Verdict resource = said(resourcePolicy, inquiry);
        if (resource.effect() == Effect.DENIES) {
            return new Outcome(Reason.NOT_ALLOWED_BY_RESOURCE, resource.statement() + " denies");
        }
        boolean closed = resource.effect() == Effect.SILENT && inquiry.grant().get() == null;
        return closed ? NOT_ALLOWED_BY_RESOURCE : null;
    }

    /// The deny that stops the caller whatever else allows; null when there is none.
    public static @Nullable Outcome deny(Inquiry inquiry) {
        inquiry.values().begin();
        return said(inquiry).deny();
    }

    /// What the policies of each sort say.
    ///
    /// @param deny the first deny; what the sorts after it say was not found out
    private record Said(
            Verdict identity,
            Verdict boundary,
            Verdict session,
            Verdict resource,
            @Nullable Outcome deny) {}

    private static Said said(Inquiry inquiry) {
        Policies policies = inquiry.caller().policies();
        Verdict identity = strongest(policies.identity(), inquiry);
        if (identity.effect() == Effect.DENIES) {
            return denied(Reason.DENIED_BY_IDENTITY, identity);
        }
        PolicySource boundaryPolicy = policies.boundary();
        Verdict boundary = boundaryPolicy == null ? Verdict.SILENT : said(boundaryPolicy, inquiry);
        if (boundary.effect() == Effect.DENIES) {
            return denied(Reason.DENIED_BY_BOUNDARY, boundary);
        }
        List<PolicySource> sessionPolicies = policies.session();
        Verdict session = sessionPolicies == null ? Verdict.SILENT : strongest(sessionPolicies, inquiry);
        if (session.effect() == Effect.DENIES) {
            return denied(Reason.DENIED_BY_SESSION, session);
        }
        PolicySource resourcePolicy = inquiry.resourcePolicy();
        Verdict resource = resourcePolicy == null ? Verdict.SILENT : said(resourcePolicy, inquiry);
        if (resource.effect() == Effect.DENIES) {
            return denied(Reason.DENIED_BY_RESOURCE, resource);
        }
        return new Said(identity, boundary, session, resource, null);
    }

    private static Said denied(Reason reason, Verdict verdict) {
        return new Said(
                Verdict.SILENT,
                Verdict.SILENT,
                Verdict.SILENT,
                Verdict.SILENT,
                new Outcome(reason, verdict.statement() + " denies"));
    }

    /// What the caller's own policies say, after all denies.
    ///
    /// @param outsideBoundary why the boundary does not allow it; null when it does or there is none
    /// @param outsideSession why the session policies do not allow it; null when they do or there are none
    private record Own(
            boolean root,
            Verdict identity,
            @Nullable String outsideBoundary,
            @Nullable String outsideSession) {

        /// Boundary and session, of which each has to allow.
        @Nullable Outcome limit() {
            if (outsideBoundary != null) {
                return new Outcome(Reason.NOT_ALLOWED_BY_BOUNDARY, outsideBoundary);
            }
            return outsideSession == null ? null : new Outcome(Reason.NOT_ALLOWED_BY_SESSION, outsideSession);
        }

        Outcome decide(String beside) {
            if (!root && identity.effect() != Effect.ALLOWS) {
                return new Outcome(Reason.NOT_ALLOWED_BY_IDENTITY, beside + "no identity-based policy allows it");
            }
            Outcome limit = limit();
            String by = root ? "root of the account" : identity.statement();
            return limit != null ? limit : new Outcome(Reason.ALLOWED, beside + by);
        }
    }

    private static Outcome withinAccount(Inquiry inquiry, Verdict resource, Own own) {
        return switch (resource.effect()) {
            case ALLOWS -> new Outcome(Reason.ALLOWED, resource.statement());
            case ALLOWS_ROLE -> {
                Outcome limit = own.limit();
                yield limit == null
                        ? new Outcome(Reason.ALLOWED, resource.statement())
                        : byGrantOr(limit, inquiry, own);
            }
            case ALLOWS_ACCOUNT -> {
                Outcome account = own.decide(resource.statement() + ", then ");
                yield account.allowed() ? account : byGrantOr(account, inquiry, own);
            }
            case SILENT -> byGrantOr(NOT_ALLOWED_BY_RESOURCE, inquiry, own);
            case DENIES -> throw new IllegalStateException("a deny ends the evaluation");
        };
    }

    private static Outcome byGrantOr(Outcome refusal, Inquiry inquiry, Own own) {
        Permit permit = inquiry.grant().get();
        if (permit == null) {
            return refusal;
        }
        Outcome limit = permit.toCallerItself() ? null : own.limit();
        return limit == null ? new Outcome(Reason.ALLOWED, permit.name()) : limit;
    }

    /// Both accounts have to agree: the resource's by its policy, the caller's by its own policies. A grant stands for
    /// both.
    private static Outcome acrossAccounts(Inquiry inquiry, Verdict resource, Own own) {
        if (resource.effect() == Effect.SILENT) {
            return byGrantOr(NOT_ALLOWED_BY_RESOURCE, inquiry, own);
        }
        Outcome account = own.decide(resource.statement() + ", then ");
        return account.allowed() ? account : byGrantOr(account, inquiry, own);
    }

    private static Verdict strongest(List<PolicySource> policies, Inquiry inquiry) {
        Verdict strongest = Verdict.SILENT;
        for (int i = 0; i < policies.size(); i++) {
            Verdict verdict = said(policies.get(i), inquiry);
            if (verdict.effect() == Effect.DENIES) {
                return verdict;
            }
            if (verdict.effect().compareTo(strongest.effect()) > 0) {
                strongest = verdict;
            }
        }
        return strongest;
    }

    private static Verdict said(PolicySource policy, Inquiry inquiry) {
        Verdict verdict = policy.document().evaluate(inquiry);
        return verdict.effect() == Effect.SILENT
                ? verdict
                : new Verdict(verdict.effect(), policy.name() + verdict.statement());
    }
}

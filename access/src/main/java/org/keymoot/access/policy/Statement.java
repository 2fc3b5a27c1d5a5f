package org.keymoot.access.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.policy.Verdict.Effect;

/// One statement of a policy.
///
/// @param name its Sid in quotation marks, or its position
/// @param principals null in policies of identities
/// @param actions in lower case
/// @param resources null in trust policies
record Statement(
        String name,
        boolean allow,
        @Nullable Principals principals,
        List<Glob> actions,
        boolean otherActions,
        @Nullable List<Glob> resources,
        boolean otherResources,
        List<Condition> conditions) {

    /// What follows from this statement alone.
    Effect effect(Inquiry inquiry) {
        if (!covers(inquiry)) {
            return Effect.SILENT;
        }
        Effect effect;
        if (principals == null) {
            effect = allow ? Effect.ALLOWS : Effect.DENIES;
        } else if (allow) {
            effect = principals.allows(inquiry.caller());
        } else {
            effect = principals.denies(inquiry.caller()) ? Effect.DENIES : Effect.SILENT;
        }
        return effect == Effect.SILENT || !applies(inquiry.values()) ? Effect.SILENT : effect;
    }

    /// What follows for a federated identity that its provider vouches for and that no account knows.
    Effect effectOnFederated(String provider, Inquiry.Request request) {
        boolean named = principals != null && principals.includesProvider(provider);
        boolean covered = matchesAction(request.lowerAction(), request.values()) && named && applies(request.values());
        return !covered ? Effect.SILENT : allow ? Effect.ALLOWS : Effect.DENIES;
    }

    private boolean covers(Inquiry inquiry) {
        return matchesAction(inquiry.request().lowerAction(), inquiry.values())
                && matchesResource(inquiry.request().resource(), inquiry.values());
    }

    private boolean matchesAction(String lowerAction, RequestValues values) {
        return anyMatches(actions, lowerAction, values) != otherActions;
    }

    private boolean matchesResource(String resource, RequestValues values) {
        if (resources == null) {
            return true;
        }
        if (anyMatches(resources, resource, values)) {
            return !otherResources;
        }
        // Where it cannot be told, a statement that allows does not apply and one that denies does.
        return anyUnclear(resources, values) ? !allow : otherResources;
    }

    private static boolean anyUnclear(List<Glob> patterns, RequestValues values) {
        for (int i = 0; i < patterns.size(); i++) {
            if (patterns.get(i).isUnclear(values)) {
                return true;
            }
        }
        return false;
    }

    private static boolean anyMatches(List<Glob> patterns, String text, RequestValues values) {
        for (int i = 0; i < patterns.size(); i++) {
            if (!patterns.get(i).isUnclear(values) && patterns.get(i).matches(text, values)) {
                return true;
            }
        }
        return false;
    }

    /// Whether the conditions hold. Where that cannot be told, a statement that allows does not apply and one that
    /// denies does.
    private boolean applies(RequestValues values) {
        boolean fault = false;
        for (int i = 0; i < conditions.size(); i++) {
            switch (conditions.get(i).holds(values)) {
                case NO -> {
                    return false;
                }
                case FAULT -> fault = true;
                case YES -> {}
            }
        }
        return !fault || !allow;
    }
}

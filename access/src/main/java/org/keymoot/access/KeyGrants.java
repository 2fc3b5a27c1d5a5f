package org.keymoot.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.policy.Identity;

/// Finds the grant that allows a call.
///
/// It keeps true: a grant counts only as it is read by its name, never as a listing showed it, so that every party
/// that shares a decision catches up with the grant it stands on; and what a search costs grows with the grants of
/// one grantee for one key, not with all grants of the key.
final class KeyGrants implements Grants {
    private static final String CONTEXT = "kms:EncryptionContext:";

    private final @Nullable GrantRecord created;

    /// @param created the grant that the call would make; null unless it is CreateGrant
    KeyGrants(@Nullable GrantRecord created) {
        this.created = created;
    }

    @Override
    public @Nullable Permit allowing(Question question, KeyRecord key, DirectoryView view) {
        GrantOperation operation = GrantOperation.ofPermission(question.permission());
        if (operation == null || operation == GrantOperation.RETIRE_GRANT) {
            // RetireGrant concerns the grant that it is in, not the key.
            return null;
        }
        GrantRecord grant = allowing(
                view,
                key,
                new Use(
                        names(question.caller()),
                        operation,
                        question.values().withPrefix(CONTEXT),
                        question.grantTokens().stream().map(GrantToken::parse).toList(),
                        created));
        return grant == null
                ? null
                : new Permit(
                        "grant " + grant.grantId(),
                        grant.grantee().equals(question.caller().principal().arn()));
    }

    /// ARNs that a caller goes by: its own, and for a session that of whom it was issued by.
    static List<String> names(Identity caller) {
        String own = caller.principal().arn();
        return caller.issuerArn() == null || caller.issuerArn().equals(own)
                ? List.of(own)
                : List.of(own, caller.issuerArn());
    }

    /// A call as grants see it.
    ///
    /// @param identities ARNs that the caller goes by: its own, and for a session its role's
    /// @param context the encryption context of the request; empty when it has none, null when it cannot be told
    /// @param tokens of the request
    /// @param created the grant that the call would make; null unless the operation is CreateGrant
    record Use(
            List<String> identities,
            GrantOperation operation,
            @Nullable Map<String, String> context,
            List<GrantToken> tokens,
            @Nullable GrantRecord created) {}

    /// The first grant that allows the call; null when there is none.
    static @Nullable GrantRecord allowing(DirectoryView view, KeyRecord key, Use use) {
        for (GrantToken token : use.tokens()) {
            GrantRecord grant = token.key().equals(key.name()) ? live(view, token.grant()) : null;
            if (grant != null && use.identities().contains(grant.grantee()) && allows(grant, use)) {
                return grant;
            }
        }
        for (String identity : use.identities()) {
            for (RegisterName name : candidates(view, key, identity, use)) {
                GrantRecord grant = live(view, name);
                if (grant != null && grant.grantee().equals(identity) && allows(grant, use)) {
                    return grant;
                }
            }
        }
        return null;
    }

    /// Grants that allow the call by what a listing shows; the first suffices unless it was revoked meanwhile.
    private static List<RegisterName> candidates(DirectoryView view, KeyRecord key, String identity, Use use) {
        String prefix = GrantRecord.prefix(key.name(), identity);
        List<RegisterName> found = new ArrayList<>();
        String after = "";
        while (true) {
            List<DirectoryView.Entry> page = view.list(prefix, after, DirectoryView.MAXIMUM_PAGE);
            for (DirectoryView.Entry entry : page) {
                GrantRecord grant =
                        GrantRecord.decode(entry.name(), entry.value().json());
                if (grant.grantee().equals(identity) && allows(grant, use)) {
                    found.add(entry.name());
                }
            }
            if (!found.isEmpty() || page.size() < DirectoryView.MAXIMUM_PAGE) {
                return found;
            }
            after = page.getLast().name().text();
        }
    }

    /// Whether the grant, in the hands of its grantee, is for this call.
    static boolean allows(GrantRecord grant, Use use) {
        if (grant.deleted() || !grant.operations().contains(use.operation())) {
            return false;
        }
        if (use.operation().bindsContext()) {
            return use.context() == null
                    ? !grant.constraints().any()
                    : grant.constraints().allow(use.context());
        }
        return use.created() == null || grant.covers(use.created());
    }

    /// The grant of this register; null when it never was, or is revoked or retired.
    static @Nullable GrantRecord live(DirectoryView view, RegisterName name) {
        RegisterValue value = view.read(name);
        return value == null || !value.live() ? null : GrantRecord.decode(name, value.json());
    }
}

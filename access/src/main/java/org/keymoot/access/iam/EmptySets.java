package org.keymoot.access.iam;

import java.util.List;
import org.keymoot.access.Decision;

/// What users, roles and accounts have in AWS and never here, such as devices for a second factor. Tools ask for it
/// before they delete an identity, and are told that there is none.
final class EmptySets {
    private EmptySets() {}

    /// An empty list of what a user or role has. A user may ask about itself without a name.
    static Decision of(IamCall call, OwnerKind kind, String list) {
        if (kind == OwnerKind.USER && call.form().raw("UserName") == null) {
            if (call.principal().isRoot()) {
                call.authorise(call.principal().arn());
            } else {
                call.target(OwnerKind.USER, IdentityActions.ownName(call));
            }
        } else {
            call.target(kind);
        }
        return empty(call, list);
    }

    /// An empty list of what an account has.
    static Decision ofAccount(IamCall call, String list, String resource) {
        call.authorise("arn:aws:iam::" + call.account() + ":" + resource);
        return empty(call, list);
    }

    private static Decision empty(IamCall call, String list) {
        return call.answer(call.page(list, List.<String>of(), name -> name, (xml, name) -> {}));
    }

    static Decision noLoginProfile(IamCall call) {
        IdentityRecord user = call.target(OwnerKind.USER).record();
        throw IamCall.noSuchEntity("Login Profile for User " + user.name() + " cannot be found.");
    }
}

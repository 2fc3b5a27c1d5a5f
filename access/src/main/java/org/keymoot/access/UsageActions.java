package org.keymoot.access;

/// When keys were used.
final class UsageActions {
    private UsageActions() {}

    static Decision getKeyLastUsage(Call call) {
        return new Decision.TellLastUse(
                call.context(), KeyActions.forChange(call).key());
    }
}

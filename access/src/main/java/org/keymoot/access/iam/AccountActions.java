package org.keymoot.access.iam;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.keymoot.access.Decision;
import org.keymoot.access.RegisterName;

/// What IAM says of an account as a whole.
final class AccountActions {
    private AccountActions() {}

    /// Accounts have no names beside their number.
    static Decision aliases(IamCall call) {
        call.authorise("*");
        return call.answer(new Xml().put("IsTruncated", false).texts("AccountAliases", List.of()));
    }

    static Decision summary(IamCall call) {
        call.authorise("*");
        Map<String, Integer> figures = new TreeMap<>();
        figures.put("Users", call.all(RegisterName.Kind.USER).size());
        figures.put("Groups", call.all(RegisterName.Kind.GROUP).size());
        figures.put("Roles", call.all(RegisterName.Kind.ROLE).size());
        figures.put("Policies", call.all(RegisterName.Kind.POLICY).size());
        figures.put("AccessKeysPerUserQuota", 2);
        figures.put("AttachedPoliciesPerUserQuota", 10);
        figures.put("AttachedPoliciesPerGroupQuota", 10);
        figures.put("AttachedPoliciesPerRoleQuota", 10);
        figures.put("GroupsPerUserQuota", 10);
        figures.put("VersionsPerPolicyQuota", 5);
        figures.put("PolicySizeQuota", 6144);
        figures.put("UserPolicySizeQuota", OwnerKind.USER.inlineCharacters());
        figures.put("GroupPolicySizeQuota", OwnerKind.GROUP.inlineCharacters());
        figures.put("AssumeRolePolicySizeQuota", 2048);
        Xml map = new Xml();
        figures.forEach(
                (name, figure) -> map.put("entry", new Xml().put("key", name).put("value", figure)));
        return call.answer(new Xml().put("SummaryMap", map));
    }
}

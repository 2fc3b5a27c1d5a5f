package org.keymoot.access;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Call.StoredKey;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.policy.KeyPolicy;
import org.keymoot.access.policy.MalformedPolicyException;
import org.keymoot.access.policy.PolicyDocument;

/// The policy of a key.
final class PolicyActions {
    /// The characters of a policy document.
    static final Pattern POLICY = Pattern.compile("[\\t\\n\\r\\x20-\\xff]+");

    private static final String NAME = "default";
    private static final Pattern POLICY_NAME = Pattern.compile("[\\w]+");
    private static final int MAXIMUM_POLICY = 131_072;

    private PolicyActions() {}

    static Decision getKeyPolicy(Call call) {
        String name = call.input().text("PolicyName", 1, 128, POLICY_NAME);
        StoredKey stored = KeyActions.forChange(call);
        requireName(name);
        return call.answer(CanonicalJson.object()
                .put("Policy", stored.key().policy())
                .put("PolicyName", NAME)
                .text());
    }

    static Decision putKeyPolicy(Call call) {
        Input input = call.input();
        String name = input.text("PolicyName", 1, 128, POLICY_NAME);
        String policy = input.requiredText("Policy", 1, MAXIMUM_POLICY, POLICY);
        boolean bypass = input.flag("BypassPolicyLockoutSafetyCheck");
        call.with("kms:BypassPolicyLockoutSafetyCheck", bypass);
        StoredKey stored = KeyActions.forChange(call);
        requireName(name);
        requireAcceptable(call, policy, stored.key().arn(), stored.key(), bypass);
        return call.change(stored.write(stored.key().withPolicy(policy, call.requestDigest())), Answers.EMPTY);
    }

    static Decision listKeyPolicies(Call call) {
        KeyActions.readKeyId(call.input());
        Page page = Page.read(call.input(), 100, 1000);
        KeyActions.forChange(call);
        CanonicalJson.ObjectBuilder answer =
                CanonicalJson.object().put("PolicyNames", NAME.compareTo(page.after()) > 0 ? List.of(NAME) : List.of());
        Page.close(answer, null);
        return call.answer(answer.text());
    }

    private static void requireName(@Nullable String name) {
        if (name != null && !name.equals(NAME)) {
            throw Call.refuse("NotFoundException", "No such policy exists");
        }
    }

    /// Reads a document, and refuses one that locks its author out.
    ///
    /// @param key null while the key does not exist
    static void requireAcceptable(
            Call call, String document, String keyArn, @Nullable KeyRecord key, boolean bypassLockoutCheck) {
        if (document.length() > KeyPolicy.MAXIMUM_LENGTH) {
            throw Call.refuse(
                    "LimitExceededException", "A key policy has at most " + KeyPolicy.MAXIMUM_LENGTH + " characters.");
        }
        PolicyDocument policy;
        try {
            policy = PolicyDocument.parse(document, PolicyDocument.Kind.RESOURCE);
        } catch (MalformedPolicyException e) {
            throw Call.refuse("MalformedPolicyDocumentException", e.getMessage());
        }
        if (!bypassLockoutCheck && !call.wouldAllow(policy, keyArn, key, Action.PUT_KEY_POLICY.permission())) {
            throw Call.refuse(
                    "MalformedPolicyDocumentException",
                    "The new key policy will not allow you to update the key policy in the future.");
        }
    }
}

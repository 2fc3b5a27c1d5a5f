package org.keymoot.access;

import java.util.regex.Pattern;

/// Who signed a request: an IAM identity of one account.
///
/// It keeps true: the account is twelve digits and the ARN belongs to it.
///
/// @param arn such as `arn:aws:iam::123456789012:root` or `arn:aws:iam::123456789012:user/alice`
public record Principal(String account, String arn) {
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    private static final Pattern IDENTITY = Pattern.compile(
            "arn:aws:(iam|sts)::([0-9]{12}):(root|(user|role|assumed-role|federated-user)/[\\x21-\\x7e]+)");

    public Principal {
        if (!ACCOUNT.matcher(account).matches()) {
            throw new IllegalArgumentException("an account is twelve digits, found '" + account + "'");
        }
        var matcher = IDENTITY.matcher(arn);
        if (!matcher.matches() || !matcher.group(2).equals(account)) {
            throw new IllegalArgumentException(
                    "a principal is an IAM or STS ARN of account " + account + ", found '" + arn + "'");
        }
    }

    /// The account's root identity.
    public static Principal root(String account) {
        return new Principal(account, rootArn(account));
    }

    public static String rootArn(String account) {
        return "arn:aws:iam::" + account + ":root";
    }

    public boolean isRoot() {
        return arn.equals(rootArn(account));
    }
}

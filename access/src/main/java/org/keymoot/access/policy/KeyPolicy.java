package org.keymoot.access.policy;

import org.keymoot.access.Principal;

/// What is particular to the policies of keys: their length, and the one that a key has when its maker gives none.
public final class KeyPolicy {
    /// Longest document, in characters.
    public static final int MAXIMUM_LENGTH = 32_768;

    private KeyPolicy() {}

    /// The policy by which the account decides.
    public static String defaultDocument(String account) {
        return """
                {
                  "Version" : "2012-10-17",
                  "Id" : "key-default-1",
                  "Statement" : [ {
                    "Sid" : "Enable IAM User Permissions",
                    "Effect" : "Allow",
                    "Principal" : {
                      "AWS" : "%s"
                    },
                    "Action" : "kms:*",
                    "Resource" : "*"
                  } ]
                }""".formatted(Principal.rootArn(account));
    }
}

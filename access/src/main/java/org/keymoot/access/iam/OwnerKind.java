package org.keymoot.access.iam;

import org.keymoot.access.RegisterName;

/// The kinds of identity that own policies.
public enum OwnerKind {
    USER("user", "User", "AIDA", 64, 2048, RegisterName.Kind.USER),
    GROUP("group", "Group", "AGPA", 128, 5120, RegisterName.Kind.GROUP),
    ROLE("role", "Role", "AROA", 64, 10_240, RegisterName.Kind.ROLE);

    private final String word;
    private final String element;
    private final String idPrefix;
    private final int longestName;
    private final int inlineCharacters;
    private final RegisterName.Kind register;

    OwnerKind(
            String word,
            String element,
            String idPrefix,
            int longestName,
            int inlineCharacters,
            RegisterName.Kind register) {
        this.word = word;
        this.element = element;
        this.idPrefix = idPrefix;
        this.longestName = longestName;
        this.inlineCharacters = inlineCharacters;
        this.register = register;
    }

    /// As in ARNs and messages: `user`.
    String word() {
        return word;
    }

    /// As in parameters and answers: `User`.
    String element() {
        return element;
    }

    /// The parameter that names one: `UserName`.
    String nameParameter() {
        return element + "Name";
    }

    String idPrefix() {
        return idPrefix;
    }

    int longestName() {
        return longestName;
    }

    /// Most characters of all inline policies together, white space not counted.
    int inlineCharacters() {
        return inlineCharacters;
    }

    RegisterName.Kind register() {
        return register;
    }
}

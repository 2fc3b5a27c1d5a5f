package org.keymoot.access;

import java.util.List;

/// A word by which registers are found whose names do not begin alike: an index over contents.
///
/// It keeps true: a register's terms follow from its content alone, so an index can be made anew from the registers.
///
/// @param kind of the registers that have it
/// @param text the word
public record RegisterTerm(RegisterName.Kind kind, String text) {
    /// Changes whenever [#of] gives other terms for the same content, so that a kept index is made anew.
    public static final int FORMAT = 1;

    /// Aliases of a key.
    static RegisterTerm aliasOf(RegisterName key) {
        return new RegisterTerm(RegisterName.Kind.ALIAS, key.text());
    }

    /// Grants of all accounts in a Region that a principal may retire.
    static RegisterTerm retirableBy(String region, String principal) {
        return new RegisterTerm(RegisterName.Kind.GRANT, region + " " + principal);
    }

    /// The terms of a register with this content; none for a tombstone.
    public static List<RegisterTerm> of(RegisterName name, String json) {
        if (!RegisterValue.isLive(json)) {
            return List.of();
        }
        return switch (name.kind()) {
            case ALIAS -> List.of(aliasOf(AliasRecord.decode(name, json).target()));
            case GRANT -> {
                GrantRecord grant = GrantRecord.decode(name, json);
                yield grant.retiring() == null ? List.of() : List.of(retirableBy(grant.region(), grant.retiring()));
            }
            default -> List.of();
        };
    }
}

package org.keymoot.access;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one party knows: the replicated registers, its credentials, and the shape of its cluster.
///
/// It keeps true: within one decision every read sees the same state (an implementation reads a snapshot or holds
/// off writers), and only committed values are shown.
public interface DirectoryView extends CredentialLookup {
    /// Most registers that one call of [#list] returns.
    int MAXIMUM_PAGE = 1000;

    /// The newest committed value, tombstones included; null when the register was never written.
    @Nullable RegisterValue read(RegisterName name);

    /// Live registers (no tombstones) whose name begins with `prefix`, in the order of their names compared as
    /// UTF-8 bytes, strictly after `after` (the empty string starts at the beginning).
    ///
    /// @param prefix as [RegisterName#keysOf] and [RegisterName#aliasesOf] give it, or `key/` for all keys
    /// @param limit at most this many, 1 to 1000
    List<Entry> list(String prefix, String after, int limit);

    /// Live registers that have a term, in the order of their names, strictly after `after`. An implementation with an
    /// index overrides this, which reads all registers of the term's kind.
    ///
    /// @param limit at most this many, 1 to 1000
    default List<Entry> find(RegisterTerm term, String after, int limit) {
        String prefix = term.kind().prefix() + "/";
        List<Entry> found = new ArrayList<>();
        String seen = after;
        while (true) {
            List<Entry> page = list(prefix, seen, MAXIMUM_PAGE);
            for (Entry entry : page) {
                if (RegisterTerm.of(entry.name(), entry.value().json()).contains(term)) {
                    found.add(entry);
                    if (found.size() == limit) {
                        return found;
                    }
                }
            }
            if (page.size() < MAXIMUM_PAGE) {
                return found;
            }
            seen = page.getLast().name().text();
        }
    }

    /// How many live registers have names that begin with `prefix`; counting may stop at `enough`.
    default int count(String prefix, int enough) {
        int counted = 0;
        String after = "";
        while (counted < enough) {
            List<Entry> page = list(prefix, after, MAXIMUM_PAGE);
            counted += page.size();
            if (page.size() < MAXIMUM_PAGE) {
                break;
            }
            after = page.getLast().name().text();
        }
        return Math.min(counted, enough);
    }

    /// The live aliases of a key, by name.
    default List<Entry> aliasesOf(KeyRecord key) {
        List<Entry> aliases = new ArrayList<>();
        String after = "";
        while (true) {
            List<Entry> page = find(RegisterTerm.aliasOf(key.name()), after, MAXIMUM_PAGE);
            aliases.addAll(page);
            if (page.size() < MAXIMUM_PAGE) {
                return aliases;
            }
            after = page.getLast().name().text();
        }
    }

    /// A secret that this party was given and that fits the commitment in a register.
    ///
    /// @return null when it has none; a view that wraps another must ask it
    default @Nullable IssuedSecret issued(RegisterName register, String commitment) {
        return null;
    }

    /// Number of parties of the cluster.
    int parties();

    /// Shares needed to use a key made now.
    int reconstructionThreshold();

    /// A register with its value.
    record Entry(RegisterName name, RegisterValue value) {}
}

package org.keymoot.party.store;

/// The data directory belongs to another party, another cluster or the other mode.
public final class ForeignStore extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ForeignStore(String expected, String found) {
        super(
                "the data directory belongs to %s, but the configuration is that of %s; point `data` to the right directory"
                        .formatted(found, expected));
    }
}

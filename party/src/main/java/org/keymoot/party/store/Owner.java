package org.keymoot.party.store;

/// To whom a store belongs. It enters every seal, so that no record of another party opens here.
///
/// @param production false for a store of the development mode
public record Owner(String clusterId, int party, boolean production) {
    @Override
    public String toString() {
        return "party %d of cluster %s (%s)".formatted(party, clusterId, production ? "production" : "development");
    }
}

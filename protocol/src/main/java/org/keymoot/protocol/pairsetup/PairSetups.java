package org.keymoot.protocol.pairsetup;

/// Where a party's set-ups with its peers are found.
///
/// It keeps true, as a duty of every implementation: it gives the same object for the same set-up to every session, so
/// that checks of one pair are made one at a time; and once [PairBurner#burn] was asked for a peer it gives none,
/// across restarts, until an operator has released the pair and a new set-up was made.
public interface PairSetups {
    /// The set-up with `peer` that is in force.
    ///
    /// @throws PairQuarantined when it was burned and not made anew, or there is none yet
    PairSetup get(int peer) throws PairQuarantined;
}

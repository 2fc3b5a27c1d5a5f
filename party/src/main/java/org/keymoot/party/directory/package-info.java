/// The directory: registers that say in which state each key and alias is, kept by every party and agreed on by
/// leaderless Paxos, one instance for each version of each register.
/// It keeps true: a version of a register has one value, which a commit quorum accepted after checking the reason for
/// itself; the quorum is so large that every signing quorum holds a party which knows the newest version.
/// Start at [org.keymoot.party.directory.ReplicatedDirectory].
@NullMarked
package org.keymoot.party.directory;

import org.jspecify.annotations.NullMarked;

/// How parties talk: one mutually authenticated stream between each two of them, which carries protocol sessions and
/// calls.
/// It keeps true: nothing is taken from a peer whose certificate, cluster, membership or version differs, and nothing a
/// peer sends takes more memory than [org.keymoot.party.mesh.MeshLimits] allows.
/// Start at [org.keymoot.party.mesh.Mesh].
@NullMarked
package org.keymoot.party.mesh;

import org.jspecify.annotations.NullMarked;

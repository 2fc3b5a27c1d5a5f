/// Tests of the mesh over real sockets.
/// It keeps true: every test runs over mutual TLS on the loopback interface.
/// Start at [org.keymoot.party.mesh.MeshTest].
@NullMarked
package org.keymoot.party.mesh;

import org.jspecify.annotations.NullMarked;

package org.keymoot.party.mesh;

import io.grpc.ManagedChannel;
import java.util.OptionalInt;
import javax.net.ssl.SSLSession;

/// What the mesh needs to know of the network: how to reach a peer over mutual TLS, and whom a certificate names.
public interface MeshTransport {
    /// A new channel to the peer, which presents this party's certificate and accepts only one of this cluster's
    /// parties.
    ManagedChannel channel(int peer);

    /// The party that the other end's certificate names in this cluster; empty when it names none.
    OptionalInt party(SSLSession session);
}

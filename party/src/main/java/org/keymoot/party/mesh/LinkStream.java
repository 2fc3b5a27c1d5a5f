package org.keymoot.party.mesh;

import io.grpc.stub.CallStreamObserver;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keymoot.api.mesh.v1.MeshFrame;

/// The receiving side of one stream from its start: greeting first, then frames. Both ends of a stream use it.
///
/// The transport calls it from one thread at a time.
final class LinkStream {
    private final Mesh mesh;
    private final MeshLimits limits;
    private final CallStreamObserver<MeshFrame> out;
    private final Consumer<String> refuse;
    private final Runnable hangUp;
    private final boolean greetsFirst;
    private volatile @Nullable PeerLink link;
    private volatile boolean ended;

    /// @param refuse ends the stream telling the peer why
    /// @param hangUp ends the stream
    /// @param greetsFirst whether this end has sent its Hello already
    LinkStream(
            Mesh mesh,
            MeshLimits limits,
            CallStreamObserver<MeshFrame> out,
            boolean greetsFirst,
            Consumer<String> refuse,
            Runnable hangUp) {
        this.mesh = mesh;
        this.limits = limits;
        this.out = out;
        this.greetsFirst = greetsFirst;
        this.refuse = refuse;
        this.hangUp = hangUp;
    }

    boolean greeted() {
        return link != null;
    }

    boolean ended() {
        return ended;
    }

    @Nullable PeerLink link() {
        return link;
    }

    void received(int authenticatedParty, MeshFrame frame) {
        PeerLink linked = link;
        if (linked != null) {
            mesh.frame(linked, frame);
        } else if (!ended) {
            greet(authenticatedParty, frame);
        }
    }

    void ready() {
        PeerLink linked = link;
        if (linked != null) {
            linked.nowReady();
        }
    }

    void ended(String reason) {
        ended = true;
        PeerLink linked = link;
        if (linked != null) {
            mesh.down(linked, reason);
        }
    }

    private void greet(int party, MeshFrame frame) {
        Optional<String> objection = frame.hasHello()
                ? mesh.membership().objection(frame.getHello(), party)
                : Optional.of("greeting: the first frame is %s".formatted(frame.getContentCase()));
        if (objection.isPresent()) {
            refuse(party, objection.get());
            return;
        }
        PeerLink greeted =
                new PeerLink(party, frame.getHello(), out, limits.bufferedBytesPerPeer(), mesh.metrics(), hangUp);
        if (!greetsFirst) {
            out.onNext(MeshFrame.newBuilder().setHello(mesh.hello()).build());
        }
        link = greeted;
        String refusal = mesh.adopt(greeted);
        if (refusal != null) {
            link = null;
            refuse(party, refusal);
            return;
        }
        greeted.readOn();
    }

    private void refuse(int party, String why) {
        ended = true;
        mesh.refused(party, why);
        refuse.accept(why);
    }
}

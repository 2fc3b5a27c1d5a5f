package org.keymoot.party.directory;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.List;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.mesh.PeerRefused;
import org.keymoot.party.mesh.PeerUnavailable;

/// The directory's calls over the mesh.
public final class MeshPeers implements Voters.Peers {
    private static final String MALFORMED = "malformed";
    private static final String REFUSED = "refused";

    private final Mesh mesh;

    public MeshPeers(Mesh mesh) {
        this.mesh = mesh;
    }

    /// Serves the peers' calls on this party's directory.
    public void serve(ReplicatedDirectory directory) {
        directory.serveOn((method, answer) -> mesh.calls().serveAlways(method, (party, body) -> {
            try {
                return answer.answer(party, body);
            } catch (InvalidProtocolBufferException e) {
                throw new PeerRefused(MALFORMED, "the question is malformed");
            } catch (TransitionCheck.Refused e) {
                throw new PeerRefused(REFUSED, String.valueOf(e.getMessage()));
            }
        }));
    }

    @Override
    public List<Integer> others() {
        return mesh.membership().others();
    }

    @Override
    public byte[] call(int party, String method, byte[] body, Duration timeout) throws Voters.Unreachable {
        try {
            return mesh.calls().call(party, method, body, timeout);
        } catch (PeerUnavailable e) {
            throw new Voters.Unreachable(party, String.valueOf(e.getMessage()), e);
        } catch (PeerRefused e) {
            throw new Voters.Unreachable(party, "refused: " + e.getMessage(), e);
        }
    }
}

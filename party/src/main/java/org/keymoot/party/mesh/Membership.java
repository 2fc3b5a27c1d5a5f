package org.keymoot.party.mesh;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.keymoot.api.mesh.v1.Hello;

/// Who this party is and which cluster it believes itself in: what two parties compare before they work together.
///
/// @param peers the SPIFFE identities of all parties in the order of their indices
public record Membership(
        String clusterId,
        int self,
        int parties,
        int reconstructionThreshold,
        long epoch,
        List<String> peers,
        String softwareVersion,
        ByteString bootId) {
    /// The version of the protocols and of the frames; parties of different versions do not work together.
    public static final int PROTOCOL_VERSION = 1;

    public static final int MAX_PARTIES = 32;

    public Membership {
        peers = List.copyOf(peers);
        if (parties < 2 || parties > MAX_PARTIES) {
            throw new IllegalArgumentException(
                    "a cluster has 2 to %d parties, found %d".formatted(MAX_PARTIES, parties));
        }
        if (self < 1 || self > parties) {
            throw new IllegalArgumentException("party index must be in 1..%d, found %d".formatted(parties, self));
        }
        if (reconstructionThreshold < 2 || reconstructionThreshold > parties) {
            throw new IllegalArgumentException(
                    "reconstructionThreshold must be in 2..%d, found %d".formatted(parties, reconstructionThreshold));
        }
        if (peers.size() != parties) {
            throw new IllegalArgumentException(
                    "the list of parties names %d, the cluster has %d".formatted(peers.size(), parties));
        }
    }

    /// All indices but our own, ascending.
    public List<Integer> others() {
        return IntStream.rangeClosed(1, parties).filter(p -> p != self).boxed().toList();
    }

    Hello hello() {
        return Hello.newBuilder()
                .setParty(self)
                .setProtocolVersion(PROTOCOL_VERSION)
                .setSoftwareVersion(softwareVersion)
                .setClusterId(clusterId)
                .setParties(parties)
                .setReconstructionThreshold(reconstructionThreshold)
                .setEpoch(epoch)
                .setPeersDigest(peersDigest())
                .setBootId(bootId)
                .build();
    }

    /// Why this party will not work with the one that said `hello`, naming the first field that differs; empty when all
    /// agree.
    Optional<String> objection(Hello hello, int authenticatedParty) {
        if (hello.getParty() != authenticatedParty) {
            return Optional.of("party: the certificate says %d, the greeting says %d"
                    .formatted(authenticatedParty, hello.getParty()));
        }
        if (hello.getProtocolVersion() != PROTOCOL_VERSION) {
            return differs("protocol_version", PROTOCOL_VERSION, hello.getProtocolVersion());
        }
        if (!hello.getClusterId().equals(clusterId)) {
            return differs("cluster_id", clusterId, printable(hello.getClusterId()));
        }
        if (hello.getParties() != parties) {
            return differs("parties", parties, hello.getParties());
        }
        if (hello.getReconstructionThreshold() != reconstructionThreshold) {
            return differs("reconstruction_threshold", reconstructionThreshold, hello.getReconstructionThreshold());
        }
        if (hello.getEpoch() != epoch) {
            return differs("epoch", epoch, hello.getEpoch());
        }
        if (!hello.getPeersDigest().equals(peersDigest())) {
            return Optional.of("peers_digest: the two lists of parties differ");
        }
        if (hello.getBootId().size() != bootId.size()) {
            return differs("boot_id length", bootId.size(), hello.getBootId().size());
        }
        return Optional.empty();
    }

    private static Optional<String> differs(String field, Object ours, Object theirs) {
        return Optional.of("%s: expected %s, the other party says %s".formatted(field, ours, theirs));
    }

    /// A peer's text cut and stripped of control characters, so that it can be logged.
    static String printable(String text) {
        String cut = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return cut.replaceAll("\\p{C}", "?");
    }

    private ByteString peersDigest() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String peer : peers) {
                byte[] name = peer.getBytes(StandardCharsets.UTF_8);
                digest.update(
                        ByteBuffer.allocate(Integer.BYTES).putInt(name.length).array());
                digest.update(name);
            }
            return ByteString.copyFrom(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}

package org.keymoot.party.mesh;

import java.time.Duration;

/// Everything in the mesh that could grow, and how far it may.
///
/// @param frameBytes the longest frame that is read from a peer
/// @param bufferedBytesPerPeer session frames waiting to be consumed; above it the peer's stream is no longer read
/// @param bufferedFramesPerSession frames of one peer waiting in one session; more is a fault of the peer
/// @param earlyBytesPerPeer frames held for sessions to which this party has not been invited yet
/// @param earlySessionsPerPeer how many such sessions
/// @param earlyAge how long they are held
/// @param sessionsPerPeer sessions that one peer may have opened here at a time
/// @param sessions all sessions at a time
/// @param callsPerPeer calls of one peer being served at a time
/// @param sessionTime the longest a session may live, whatever its opener asks for
/// @param greetingTime from the start of a stream to the peer's Hello
/// @param heartbeat the pause between two pings of a peer
/// @param silence a link on which nothing arrives for so long is dropped
/// @param redialFirst the pause before the second attempt to dial
/// @param redialLongest the longest pause between attempts
public record MeshLimits(
        int frameBytes,
        int bufferedBytesPerPeer,
        int bufferedFramesPerSession,
        int earlyBytesPerPeer,
        int earlySessionsPerPeer,
        Duration earlyAge,
        int sessionsPerPeer,
        int sessions,
        int callsPerPeer,
        Duration sessionTime,
        Duration greetingTime,
        Duration heartbeat,
        Duration silence,
        Duration redialFirst,
        Duration redialLongest) {
    public MeshLimits {
        if (frameBytes <= 0
                || bufferedBytesPerPeer < frameBytes
                || bufferedFramesPerSession <= 0
                || earlyBytesPerPeer <= 0
                || earlySessionsPerPeer <= 0
                || sessionsPerPeer <= 0
                || sessions < sessionsPerPeer
                || callsPerPeer <= 0) {
            throw new IllegalArgumentException(
                    "mesh limits must be positive, with room for one whole frame a peer and one peer's sessions");
        }
        if (silence.compareTo(heartbeat) <= 0) {
            throw new IllegalArgumentException(
                    "a link must outlive one heartbeat: silence %s, heartbeat %s".formatted(silence, heartbeat));
        }
    }

    /// The limits of a production node.
    public static MeshLimits standard() {
        return new MeshLimits(
                1 << 20,
                8 << 20,
                256,
                2 << 20,
                256,
                Duration.ofSeconds(10),
                512,
                2048,
                256,
                Duration.ofSeconds(60),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(6),
                Duration.ofMillis(100),
                Duration.ofSeconds(5));
    }
}

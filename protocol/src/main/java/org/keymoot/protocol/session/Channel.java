package org.keymoot.protocol.session;

import java.time.Duration;

/// The pipe under one [Session]: frames to and from each peer, in order, for one session id and one party.
///
/// It keeps true: frames of one peer arrive in the order that peer sent them, each at most once, from an authenticated
/// peer; nothing is promised between peers. The party's transport and the simulator implement it.
public interface Channel {
    /// Queues `frame` for the peer. Blocks while the peer's window is full.
    ///
    /// @throws Silent when the peer is gone or the session's deadline passes while waiting
    void send(int toParty, byte[] frame) throws Silent;

    /// The next frame from the peer.
    ///
    /// @throws Silent when none comes before the session's deadline, or the peer is gone
    byte[] receive(int fromParty) throws Silent;

    /// What is left of the session's time, never negative.
    Duration remaining();
}

package org.keymoot.protocol.simulation;

import java.util.List;
import java.util.random.RandomGenerator;

/// Stands between one corrupt party and the network, and sends what it likes in that party's name.
///
/// An instance serves one run.
public interface Adversary {
    /// A frame that the party's honest code wants to send.
    ///
    /// @param number counts the party's frames, from 0
    @SuppressWarnings("ArrayRecordComponent")
    record Outgoing(int number, int from, int to, String channel, byte[] frame) {}

    /// What goes out instead: nothing, the frame itself, another one, or several.
    List<byte[]> send(Outgoing outgoing, RandomGenerator random);
}

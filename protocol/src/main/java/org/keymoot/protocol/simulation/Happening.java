package org.keymoot.protocol.simulation;

/// One thing that happened in a run, in the order in which it happened. Invariants hear of each.
public sealed interface Happening {
    /// A party handed a frame to the network; an adversary may have made it.
    @SuppressWarnings("ArrayRecordComponent")
    record Sent(int from, int to, String channel, byte[] frame, boolean tampered) implements Happening {}

    /// A frame reached a party.
    @SuppressWarnings("ArrayRecordComponent")
    record Delivered(int from, int to, String channel, byte[] frame) implements Happening {}

    /// A party made something durable.
    record Kept(int party, String name, Object value) implements Happening {}

    /// A party's attempt at a protocol ended.
    record Ended(Outcome outcome) implements Happening {}

    /// A party died.
    record Crashed(int party) implements Happening {}

    /// A party came back with what it had kept.
    record Restarted(int party) implements Happening {}
}

package org.keymoot.party.mesh;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What this party knows of a peer's health.
///
/// @param softwareVersion as the peer last greeted; null before its first greeting
/// @param lastSeen when the last frame came; null when none ever did
/// @param roundTrip a running mean of pings; null while unknown
/// @param refusal why the two would not work together at the last attempt; null when they did
public record PeerState(
        int party,
        boolean linked,
        @Nullable String softwareVersion,
        @Nullable Instant lastSeen,
        @Nullable Duration roundTrip,
        @Nullable String refusal) {}

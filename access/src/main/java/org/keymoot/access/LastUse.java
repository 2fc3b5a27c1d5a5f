package org.keymoot.access;

import java.time.Instant;

/// The last time that a key was used with success.
///
/// @param operation such as `Sign`
/// @param event names the use in exports of the parties' audit records: [RequestContext#eventId]
/// @param requestId what the client's answer was called
public record LastUse(String operation, Instant at, String event, String requestId) {}

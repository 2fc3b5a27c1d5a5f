package org.keymoot.access;

import java.time.Instant;

/// One request on its way to a decision.
final class Call {
    private final SignedRequest request;
    private final DirectoryView view;
    private final Instant now;

    Call(SignedRequest request, DirectoryView view, Instant now) {
        this.request = request;
        this.view = view;
        this.now = now;
    }

    Decision decide() {
        throw new AwsException(AwsError.internal(request + " " + view + " " + now));
    }
}

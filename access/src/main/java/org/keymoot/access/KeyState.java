package org.keymoot.access;

/// The life of a key, with AWS's names.
public enum KeyState {
    CREATING("Creating"),
    ENABLED("Enabled"),
    DISABLED("Disabled"),
    PENDING_DELETION("PendingDeletion"),
    /// A multi-Region primary key whose waiting period begins when its last replica is gone.
    PENDING_REPLICA_DELETION("PendingReplicaDeletion"),
    /// A key whose material a client has still to bring, or to bring again.
    PENDING_IMPORT("PendingImport"),
    /// A multi-Region key while its primary Region is changed.
    UPDATING("Updating");

    private final String aws;

    KeyState(String aws) {
        this.aws = aws;
    }

    /// As KeyMetadata shows it.
    public String aws() {
        return aws;
    }

    static KeyState of(String aws) {
        for (KeyState state : values()) {
            if (state.aws.equals(aws)) {
                return state;
            }
        }
        throw new IllegalArgumentException("no key state is called '" + aws + "'");
    }
}

package org.keymoot.access;

import org.jspecify.annotations.Nullable;

/// Which states allow what, as AWS's table of key states has it.
final class KeyStates {
    private KeyStates() {}

    /// For using a key: only while enabled.
    static void requireEnabled(KeyRecord key) {
        refuse(
                switch (key.state()) {
                    case ENABLED, UPDATING -> null;
                    case DISABLED -> AwsError.of("DisabledException", key.arn() + " is disabled.");
                    case PENDING_DELETION, PENDING_REPLICA_DELETION -> pendingDeletion(key);
                    case PENDING_IMPORT -> pendingImport(key);
                    case CREATING -> creating(key);
                });
    }

    /// For switching a key on and off: not while it is made or deleted.
    static void requireSettled(KeyRecord key) {
        refuse(
                switch (key.state()) {
                    case ENABLED, DISABLED -> null;
                    case PENDING_DELETION, PENDING_REPLICA_DELETION -> pendingDeletion(key);
                    case PENDING_IMPORT -> pendingImport(key);
                    case CREATING -> creating(key);
                    case UPDATING -> updating(key);
                });
    }

    /// For naming, tagging and describing a key, and for scheduling its deletion.
    static void requireNotPendingDeletion(KeyRecord key) {
        refuse(
                switch (key.state()) {
                    case ENABLED, DISABLED, CREATING, PENDING_IMPORT, UPDATING -> null;
                    case PENDING_DELETION, PENDING_REPLICA_DELETION -> pendingDeletion(key);
                });
    }

    /// For cancelling a deletion.
    static void requirePendingDeletion(KeyRecord key) {
        refuse(
                switch (key.state()) {
                    case PENDING_DELETION, PENDING_REPLICA_DELETION -> null;
                    case ENABLED, DISABLED, CREATING, PENDING_IMPORT, UPDATING ->
                        AwsError.of("KMSInvalidStateException", key.arn() + " is not pending deletion.");
                });
    }

    /// For bringing material to a key, and for taking it away.
    static void requireMade(KeyRecord key) {
        refuse(key.state() == KeyState.CREATING ? creating(key) : null);
    }

    /// For what waits until a change of the primary Region is done.
    static void requireNotUpdating(KeyRecord key) {
        refuse(key.state() == KeyState.UPDATING ? updating(key) : null);
    }

    private static AwsError pendingDeletion(KeyRecord key) {
        String what = key.state() == KeyState.PENDING_REPLICA_DELETION
                ? " is pending replica deletion."
                : " is pending deletion.";
        return AwsError.of("KMSInvalidStateException", key.arn() + what);
    }

    private static AwsError creating(KeyRecord key) {
        return AwsError.of("KMSInvalidStateException", key.arn() + " is creating.");
    }

    private static AwsError pendingImport(KeyRecord key) {
        return AwsError.of("KMSInvalidStateException", key.arn() + " is pending import.");
    }

    private static AwsError updating(KeyRecord key) {
        return AwsError.of("KMSInvalidStateException", key.arn() + " is updating.");
    }

    private static void refuse(@Nullable AwsError error) {
        if (error != null) {
            throw new AwsException(error);
        }
    }
}

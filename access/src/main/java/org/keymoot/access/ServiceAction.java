package org.keymoot.access;

/// One action of one of the services.
public interface ServiceAction {
    /// The constant's name, as audit records show it.
    String name();

    /// The name in AWS's API, such as `CreateKey`.
    String aws();

    Service service();

    /// The name in policies, such as `kms:CreateKey`.
    default String permission() {
        return service().prefix() + ":" + aws();
    }
}

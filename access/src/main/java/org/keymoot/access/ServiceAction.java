package org.keymoot.access;

/// One action of one of the services.
public interface ServiceAction {
    /// The constant's name, as audit records show it.
    String name();

    /// The name in AWS's API, such as `CreateKey`.
    String aws();

    Service service();

    /// Whether AWS answers with a result element although there is nothing in it, which clients look for.
    default boolean hasEmptyResult() {
        return false;
    }

    /// The name in policies, such as `kms:CreateKey`.
    default String permission() {
        return service().prefix() + ":" + aws();
    }
}

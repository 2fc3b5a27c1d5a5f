package org.keymoot.access.policy;

/// A key policy, read and checked.
public final class KeyPolicy {
    private KeyPolicy() {}
}

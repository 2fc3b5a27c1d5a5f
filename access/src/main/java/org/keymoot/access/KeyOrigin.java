package org.keymoot.access;

/// Where a key's material comes from. The names are AWS's.
public enum KeyOrigin {
    /// The parties made it together; it never existed whole.
    AWS_KMS,
    /// A client brought it.
    EXTERNAL
}

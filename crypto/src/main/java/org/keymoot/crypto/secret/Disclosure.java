package org.keymoot.crypto.secret;

/// The token that reading a secret costs. Its only value says at every call site what is being done, so that a
/// reviewer finds each place where a secret becomes ordinary data by searching for one name.
public enum Disclosure {
    /// The caller takes over the duty to keep or erase what it reads.
    I_TAKE_THE_SECRET_OUT
}

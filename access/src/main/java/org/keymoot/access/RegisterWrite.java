package org.keymoot.access;

/// A change of one register: `json` becomes version `baseVersion + 1`, provided that the register is still at
/// `baseVersion` (0 when it was never written).
public record RegisterWrite(RegisterName name, long baseVersion, String json) {
    public RegisterWrite {
        if (baseVersion < 0) {
            throw new IllegalArgumentException("a base version is 0 or more, found " + baseVersion);
        }
    }

    public long version() {
        return baseVersion + 1;
    }

    /// The value that the register has once this is committed.
    public RegisterValue value() {
        return new RegisterValue(version(), json);
    }
}

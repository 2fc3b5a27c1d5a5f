package org.keymoot.crypto.ot;

import org.keymoot.crypto.transcript.Transcript;

/// One use of a pair's set-up: for which key, in which session, and the number of the use within it.
///
/// It keeps true: it enters every hash of the extension and of what is built on it. One set-up serves many keys
/// and signatures, and is safe to do so only as long as no two uses share a context.
@SuppressWarnings("ArrayRecordComponent")
public record ExtensionContext(SetupContext setup, byte[] keyId, byte[] sessionId, int index) {
    public ExtensionContext {
        if (keyId.length == 0 || sessionId.length == 0) {
            throw new IllegalArgumentException("a use of a pair's set-up names its key and its session");
        }
    }

    /// Puts the whole context into a transcript.
    public Transcript enter(Transcript transcript) {
        return setup.enter(transcript).bytes(keyId).bytes(sessionId).number(index);
    }
}

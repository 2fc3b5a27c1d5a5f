package org.keymoot.protocol.session;

import java.util.List;

/// A check of a protocol failed on what authenticated peers sent.
///
/// It keeps true: a named culprit did send what the check refuses. Where the evidence cannot tell the liar from the
/// accuser (two parties report different broadcasts of a third), [#culprits()] is empty.
public final class Cheated extends Exception {
    private final transient List<Integer> culprits;
    private final String step;
    private final transient SessionId session;

    public Cheated(SessionId session, String protocol, String step, List<Integer> culprits, String what) {
        super(what + " (" + protocol + " step " + step + ", session " + session.abbreviated() + ")");
        this.session = session;
        this.step = step;
        this.culprits = culprits.stream().distinct().sorted().toList();
    }

    /// The parties that provably sent what was refused, ascending; empty when it cannot be told who lied.
    public List<Integer> culprits() {
        return culprits;
    }

    /// The number of the step in the protocol's specification.
    public String step() {
        return step;
    }

    public SessionId session() {
        return session;
    }
}

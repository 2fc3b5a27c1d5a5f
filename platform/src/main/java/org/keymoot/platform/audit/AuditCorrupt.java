package org.keymoot.platform.audit;

/// The log on disk was changed or damaged after it was written; it is left untouched as evidence.
public final class AuditCorrupt extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AuditCorrupt(AuditVerdict.Fault fault) {
        super(
                "%s; the log was changed or damaged after it was written: keep the directory as evidence, and compare with the other parties' logs"
                        .formatted(fault.describe()));
    }
}

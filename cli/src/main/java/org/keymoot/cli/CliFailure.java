package org.keymoot.cli;

/// A command could not do its work. The message says what happened and why; [#remedy()] says what to do about it.
public final class CliFailure extends RuntimeException {
    private final ExitCode exitCode;
    private final String remedy;

    public CliFailure(ExitCode exitCode, String what, String remedy) {
        super(what);
        this.exitCode = exitCode;
        this.remedy = remedy;
    }

    public CliFailure(ExitCode exitCode, String what, String remedy, Throwable cause) {
        super(what, cause);
        this.exitCode = exitCode;
        this.remedy = remedy;
    }

    public ExitCode exitCode() {
        return exitCode;
    }

    public String remedy() {
        return remedy;
    }
}

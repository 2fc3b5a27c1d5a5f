package org.keymoot.cli;

/// What the process says of its own end; scripts rely on the numbers, so they never change.
public enum ExitCode {
    OK(0, "done"),
    UNEXPECTED(1, "a fault of Keymoot itself; please report it"),
    USAGE(2, "the command line or a configuration file is wrong"),
    AUTHENTICATION(3, "who you are could not be established"),
    DENIED(4, "a policy does not allow it"),
    NOT_ENOUGH_PARTIES(5, "too few parties could be reached"),
    CONFLICT(6, "the state of something does not allow it"),
    INTEGRITY(7, "stored data or a party's word failed a check"),
    DISK_FAILED(74, "a party stopped at once because its disk failed"),
    RETRY_LATER(75, "it may work later, unchanged");

    private final int code;
    private final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    public int code() {
        return code;
    }

    public String meaning() {
        return meaning;
    }
}

package org.keymoot.platform.http;

/// One header line. The value is as it came, without the white space around it; a well-known name may come in its usual
/// case instead of the sender's, which no protocol distinguishes.
public record Header(String name, String value) {}

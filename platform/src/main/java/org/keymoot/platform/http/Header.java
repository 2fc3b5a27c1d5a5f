package org.keymoot.platform.http;

/// One header line, its name in the case that it came in and its value without the white space around it.
public record Header(String name, String value) {}

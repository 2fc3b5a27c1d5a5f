package org.keymoot.platform.config;

/// One value in force and where it came from, for `config check`.
///
/// @param path the setting's full name, such as `listen.port`
/// @param value its text, `[redacted]` for a secret
/// @param origin `party.yaml line 7`, `KEYMOOT_LISTEN_PORT`, `file /run/secrets/passphrase` or `default`
public record Setting(String path, String value, String origin) {}

package org.keymoot.platform.config;

import java.util.List;

/// Settings that hold together, and the origin of each.
public record Loaded<T>(T value, List<Setting> settings) {
    public Loaded {
        settings = List.copyOf(settings);
    }
}

package org.keymoot.platform.config;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A network address as `host:port`, IPv6 in brackets. Port 0 lets the system choose one to listen on.
public record HostPort(String host, int port) {
    private static final Pattern TEXT = Pattern.compile("(\\[[0-9a-fA-F:.%]+]|[A-Za-z0-9._-]+):(\\d{1,5})");
    private static final int MAXIMUM_PORT = 65_535;

    public HostPort {
        if (host.isEmpty() || port < 0 || port > MAXIMUM_PORT) {
            throw new IllegalArgumentException("an address is host:port with a port from 0 to 65535");
        }
    }

    /// @throws IllegalArgumentException when it is no `host:port`
    public static HostPort parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("an address is host:port, such as 127.0.0.1:7443 or [::1]:7443");
        }
        String host = matcher.group(1);
        boolean bracketed = host.startsWith("[");
        return new HostPort(
                bracketed ? host.substring(1, host.length() - 1) : host, Integer.parseInt(matcher.group(2)));
    }

    /// Resolves the name now.
    public InetSocketAddress resolve() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}

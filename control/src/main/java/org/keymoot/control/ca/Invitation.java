package org.keymoot.control.ca;

import java.time.Duration;
import java.util.List;
import org.keymoot.platform.tls.SpiffeId;

/// Whom an operator lets in.
///
/// @param id the name that the certificate will carry
/// @param hosts host names and addresses that it will carry as well
/// @param validity how long the one-time code can be used
/// @param clusterDescription what the node needs to know of the cluster, handed over as it is
public record Invitation(SpiffeId id, List<String> hosts, Duration validity, String clusterDescription) {
    private static final Duration LONGEST = Duration.ofDays(7);
    private static final int LONGEST_DESCRIPTION = 64 * 1024;

    public Invitation {
        hosts = List.copyOf(hosts);
        if (!validity.isPositive() || validity.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "an invitation is valid for up to %d days, not %s".formatted(LONGEST.toDays(), validity));
        }
        if (clusterDescription.length() > LONGEST_DESCRIPTION) {
            throw new IllegalArgumentException(
                    "a cluster description has at most %d characters".formatted(LONGEST_DESCRIPTION));
        }
    }
}

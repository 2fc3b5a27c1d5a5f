package org.keymoot.control.ca;

import java.net.InetSocketAddress;
import org.keymoot.platform.tls.Fingerprint;
import org.keymoot.platform.tls.SpiffeId;

/// Who asks to be let in, for the operator to confirm.
///
/// @param id the name that it was invited under
/// @param key the fingerprint of its key, which the node shows as well
/// @param remote where it connects from
public record Applicant(SpiffeId id, Fingerprint key, InetSocketAddress remote) {}

/// Who a process is, and how it makes sure whom it talks to. It keeps true: connections of the cluster are TLS
/// 1.3 with both ends named by certificates of the cluster's authority; a private key others can read is
/// refused; a refusal says which rule the peer's certificate broke. Start at
/// [org.keymoot.platform.tls.ClusterTls].
@NullMarked
package org.keymoot.platform.tls;

import org.jspecify.annotations.NullMarked;

package org.keymoot.platform.http;

import java.util.List;
import javax.net.ssl.SSLContext;

/// How a listener speaks TLS.
///
/// @param context its certificate, and whom it admits
/// @param clientCertificate whether clients must show a certificate
/// @param protocols the versions offered
public record HttpTls(SSLContext context, boolean clientCertificate, List<String> protocols) {
    public HttpTls {
        protocols = List.copyOf(protocols);
    }

    /// For nodes of the cluster: TLS 1.3 with certificates on both ends.
    public static HttpTls mutual(SSLContext context) {
        return new HttpTls(context, true, List.of("TLSv1.3"));
    }

    /// For clients of the world: TLS 1.3, and 1.2 for older software development kits.
    public static HttpTls server(SSLContext context) {
        return new HttpTls(context, false, List.of("TLSv1.3", "TLSv1.2"));
    }
}

package org.keymoot.party.gateway;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.keymoot.platform.tls.SpiffeId;

/// Lets only certificates of one role of this cluster call a service.
public final class RoleGuard implements ServerInterceptor {
    /// Who calls.
    static final Context.Key<SpiffeId> CALLER = Context.key("caller");

    private final String cluster;
    private final SpiffeId.Role role;

    public RoleGuard(String cluster, SpiffeId.Role role) {
        this.cluster = cluster;
        this.role = role;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        SpiffeId caller = caller(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
        if (caller == null || caller.role() != role || !caller.cluster().equals(cluster)) {
            call.close(
                    Status.PERMISSION_DENIED.withDescription(
                            "this service is for certificates of spiffe://%s/%s/…".formatted(cluster, role.segment())),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return Contexts.interceptCall(Context.current().withValue(CALLER, caller), call, headers, next);
    }

    /// Whom the other end's certificate names; null when it names no one.
    public static @Nullable SpiffeId caller(@Nullable SSLSession session) {
        try {
            return session == null ? null : SpiffeId.of((X509Certificate) session.getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException | CertificateException e) {
            return null;
        }
    }
}

package org.keymoot.control.ca;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.keymoot.platform.http.Exchange;
import org.keymoot.platform.http.HttpAnswer;
import org.keymoot.platform.http.HttpHandler;
import org.keymoot.platform.http.HttpOptions;
import org.keymoot.platform.http.HttpServer;
import org.keymoot.platform.http.HttpTls;
import org.keymoot.platform.http.Router;
import org.keymoot.platform.json.CanonicalJson;
import org.keymoot.platform.tls.Fingerprint;
import org.keymoot.platform.tls.Pem;
import org.keymoot.platform.tls.PublicTls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The authority's side of letting one node in: a TLS listener that takes one request with the one-time code,
/// asks the operator to compare the key's fingerprint, and answers with the certificate.
///
/// It keeps true: nothing is signed without the code and without the operator's word, and nothing after the
/// first time. Without the code a caller changes nothing but the count of wrong guesses, which ends the
/// invitation.
public final class Admission implements AutoCloseable {
    static final String PATH = "/join";
    static final String HOST_PREFIX = "admission.";
    private static final Logger LOGGER = LoggerFactory.getLogger(Admission.class);
    private static final int MAXIMUM_BODY_BYTES = 16 * 1024;
    private static final int MAXIMUM_CONNECTIONS = 16;
    private static final int MAXIMUM_CONCURRENT = 4;
    private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(5);

    /// How long the operator may take to compare fingerprints.
    static final Duration CONFIRMATION_TIMEOUT = Duration.ofMinutes(10);

    private final CertificateAuthority authority;
    private final Invitation invitation;
    private final Predicate<Applicant> operator;
    private final OneTimeCode code;
    private final CompletableFuture<List<X509Certificate>> outcome = new CompletableFuture<>();
    private final HttpServer server;

    private Admission(
            CertificateAuthority authority,
            Invitation invitation,
            InetSocketAddress address,
            Predicate<Applicant> operator,
            OneTimeCode code)
            throws IOException {
        this.authority = authority;
        this.invitation = invitation;
        this.operator = operator;
        this.code = code;
        CertificateAuthority.AdmissionIdentity identity = authority.admissionIdentity();
        HttpOptions options = HttpOptions.plain("admission", address)
                .withTls(new HttpTls(PublicTls.server(identity.chain(), identity.key()), false, List.of("TLSv1.3")))
                .withMaximumBodyBytes(MAXIMUM_BODY_BYTES)
                .withConcurrency(MAXIMUM_CONNECTIONS, MAXIMUM_CONCURRENT)
                .withTimeouts(CONFIRMATION_TIMEOUT, HEAD_TIMEOUT, HEAD_TIMEOUT, DRAIN_TIMEOUT);
        this.server = HttpServer.start(options, router());
    }

    /// Starts to listen.
    ///
    /// @param operator asked once, to compare the fingerprint with what the node shows; false refuses
    public static Admission open(
            CertificateAuthority authority,
            Invitation invitation,
            InetSocketAddress address,
            Predicate<Applicant> operator,
            InstantSource clock,
            SecureRandom random)
            throws IOException {
        OneTimeCode code = new OneTimeCode(clock.instant().plus(invitation.validity()), clock, random);
        return new Admission(authority, invitation, address, operator, code);
    }

    /// The code to hand to the node's operator.
    public String code() {
        return code.text();
    }

    /// The authority's fingerprint to hand over with it, by another way than the network.
    public Fingerprint fingerprint() {
        return authority.fingerprint();
    }

    public InetSocketAddress address() {
        return server.address();
    }

    /// Waits for the node; empty when it did not come in time or the operator refused it.
    public Optional<List<X509Certificate>> await(Duration patience) throws InterruptedException {
        try {
            return Optional.of(outcome.get(patience.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException | ExecutionException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        server.close();
    }

    private HttpHandler router() {
        return new Router().route("POST", PATH, this::join);
    }

    private HttpAnswer join(Exchange exchange) {
        JsonNode body;
        try {
            body = JsonMapper.shared().readTree(exchange.body());
        } catch (JacksonException e) {
            return refusal(400, "the body is not JSON");
        }
        if (!body.path("code").isString() || !body.path("request").isString()) {
            return refusal(400, "the body needs the texts 'code' and 'request'");
        }
        CertificateRequest request;
        try {
            // Checked before the code, so that a damaged request does not spend it.
            request = CertificateRequest.parse(body.path("request").stringValue());
        } catch (IllegalArgumentException e) {
            return refusal(400, String.valueOf(e.getMessage()));
        }
        OneTimeCode.Verdict verdict = code.spend(body.path("code").stringValue());
        if (verdict != OneTimeCode.Verdict.ACCEPTED) {
            LOGGER.atWarn()
                    .addKeyValue("remote", exchange.remote().getAddress().getHostAddress())
                    .addKeyValue("verdict", verdict)
                    .log("join refused");
            return refusal(verdict == OneTimeCode.Verdict.LOCKED ? 429 : 403, verdict.advice());
        }
        return sign(request, exchange);
    }

    private HttpAnswer sign(CertificateRequest request, Exchange exchange) {
        boolean confirmed = operator.test(new Applicant(invitation.id(), request.fingerprint(), exchange.remote()));
        if (!confirmed) {
            outcome.completeExceptionally(new IllegalStateException("the operator refused"));
            return refusal(403, "the authority's operator refused this key; compare fingerprints and ask again");
        }
        List<X509Certificate> chain = authority.issue(request, invitation.id(), invitation.hosts());
        byte[] answer = CanonicalJson.encode(Map.of(
                "chain",
                Pem.encode(chain),
                "root",
                Pem.encode(List.of(authority.root())),
                "cluster",
                invitation.clusterDescription()));
        outcome.complete(chain);
        return HttpAnswer.json(200, answer);
    }

    private static HttpAnswer refusal(int status, String reason) {
        return HttpAnswer.of(status, "text/plain; charset=utf-8", reason.getBytes(StandardCharsets.UTF_8));
    }
}

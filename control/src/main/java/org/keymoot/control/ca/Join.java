package org.keymoot.control.ca;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.keymoot.platform.config.HostPort;
import org.keymoot.platform.disk.PrivateFiles;
import org.keymoot.platform.json.CanonicalJson;
import org.keymoot.platform.tls.ClusterTrust;
import org.keymoot.platform.tls.Fingerprint;
import org.keymoot.platform.tls.NodeIdentity;
import org.keymoot.platform.tls.Pem;
import org.keymoot.platform.tls.SpiffeId;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A node's side of joining: makes a key, shows its fingerprint, and exchanges the one-time code for a
/// certificate.
///
/// It keeps true: the code is sent only to the authority with the fingerprint that the operator typed, the
/// private key never leaves, and what comes back is used only when it is for this key and for the name that was
/// expected.
public final class Join {
    public static final String CHAIN_FILE = "chain.pem";
    public static final String KEY_FILE = "key.pem";
    public static final String ROOT_FILE = "root.pem";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final KeyPair pair;
    private final InstantSource clock;
    private final SecureRandom random;

    public Join(InstantSource clock, SecureRandom random) {
        this.pair = CaKeys.generate("secp256r1", random);
        this.clock = clock;
        this.random = random;
    }

    /// What the authority answered, checked.
    ///
    /// @param chain the node's certificates, its own first
    /// @param root the authority's root
    /// @param clusterDescription what the authority's operator hands to new nodes
    public record Joined(List<X509Certificate> chain, X509Certificate root, String clusterDescription) {}

    /// What the node shows, for the authority's operator to compare.
    public Fingerprint fingerprint() {
        return Fingerprint.of(pair.getPublic());
    }

    /// The request that is sent, for an operator who carries it to the authority by hand.
    public CertificateRequest certificateRequest() {
        return CertificateRequest.make(pair);
    }

    /// Asks to be let in, and waits until the authority's operator has confirmed.
    ///
    /// @param admission where the authority listens
    /// @param authority the fingerprint of its root, as the operator handed it over
    /// @param code the one-time code
    /// @param expected the name that this node is to get
    /// @throws JoinRefused saying why not
    public Joined request(HostPort admission, Fingerprint authority, String code, SpiffeId expected)
            throws IOException, InterruptedException {
        byte[] body = CanonicalJson.encode(
                Map.of("code", code, "request", certificateRequest().pem()));
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://" + admission + Admission.PATH))
                .timeout(Admission.CONFIRMATION_TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .sslContext(pinned(authority))
                .build()) {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new JoinRefused(
                        "the authority answered: " + response.body().strip(), null);
            }
            return check(response.body(), authority, expected);
        } catch (JoinRefused e) {
            throw e;
        } catch (IOException e) {
            throw refused(admission, e);
        }
    }

    /// Writes the key, the chain and the root into a private directory that holds none of them yet.
    public void write(Path directory, Joined joined) throws IOException {
        PrivateFiles.createDirectory(directory);
        CaKeys.write(directory.resolve(KEY_FILE), pair.getPrivate(), null);
        create(directory.resolve(ROOT_FILE), Pem.encode(List.of(joined.root())));
        create(directory.resolve(CHAIN_FILE), Pem.encode(joined.chain()));
    }

    private Joined check(String body, Fingerprint authority, SpiffeId expected) throws IOException {
        try {
            JsonNode answer = JsonMapper.shared().readTree(body);
            X509Certificate root = Pem.certificates(answer.path("root").asString(), "the answer")
                    .getFirst();
            if (!Fingerprint.of(root).equals(authority)) {
                throw new JoinRefused(
                        "the answer's root has fingerprint %s, expected %s".formatted(Fingerprint.of(root), authority),
                        null);
            }
            List<X509Certificate> chain = Pem.certificates(answer.path("chain").asString(), "the answer");
            SpiffeId named = new ClusterTrust(List.of(root), clock).verify(chain, ClusterTrust.End.CLIENT);
            if (!named.equals(expected)) {
                throw new JoinRefused(
                        "the invitation is for %s, but this node is to be %s: use the code that was made for it"
                                .formatted(named, expected),
                        null);
            }
            NodeIdentity.of(chain, pair.getPrivate());
            return new Joined(chain, root, answer.path("cluster").asString());
        } catch (JacksonException | CertificateException e) {
            throw new JoinRefused("the authority's answer cannot be used: " + e.getMessage(), e);
        }
    }

    private SSLContext pinned(Fingerprint authority) {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, new TrustManager[] {new PinnedAuthority(authority, clock)}, random);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no TLS 1.3", e);
        }
    }

    private static JoinRefused refused(HostPort admission, IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return new JoinRefused(String.valueOf(cause.getMessage()), failure);
            }
        }
        return new JoinRefused(
                "the authority at %s cannot be reached (%s): check the address, and that 'keymoot ca admit' is still running"
                        .formatted(
                                admission,
                                failure.getMessage() == null
                                        ? failure.getClass().getSimpleName()
                                        : failure.getMessage()),
                failure);
    }

    private static void create(Path file, String text) throws IOException {
        PrivateFiles.create(file, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }
}

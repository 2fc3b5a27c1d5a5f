package org.keymoot.control.ca;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;
import org.keymoot.platform.disk.PrivateFiles;
import org.keymoot.platform.tls.Fingerprint;
import org.keymoot.platform.tls.Pem;
import org.keymoot.platform.tls.SpiffeId;

/// A cluster's certificate authority: a P-384 root that signs an intermediate, which signs nodes.
///
/// It keeps true: the root's key is needed only to make the intermediate and is encrypted when a passphrase is
/// given; the name of a certificate comes from the operator, never from a request; serial numbers are random.
public final class CertificateAuthority {
    public static final String ROOT_FILE = "root.pem";
    public static final String ROOT_KEY_FILE = "root.key.pem";
    public static final String INTERMEDIATE_FILE = "intermediate.pem";
    public static final String INTERMEDIATE_KEY_FILE = "intermediate.key.pem";
    private static final String CLUSTER_FILE = "cluster";

    private static final Duration ROOT_VALIDITY = Duration.ofDays(3650);
    private static final Duration INTERMEDIATE_VALIDITY = Duration.ofDays(1095);
    private static final Duration LEAF_VALIDITY = Duration.ofDays(90);

    private final String cluster;
    private final X509Certificate root;
    private final X509Certificate intermediate;
    private final PrivateKey intermediateKey;
    private final InstantSource clock;
    private final SecureRandom random;

    private CertificateAuthority(
            String cluster,
            X509Certificate root,
            X509Certificate intermediate,
            PrivateKey intermediateKey,
            InstantSource clock,
            SecureRandom random) {
        this.cluster = cluster;
        this.root = root;
        this.intermediate = intermediate;
        this.intermediateKey = intermediateKey;
        this.clock = clock;
        this.random = random;
    }

    /// Makes the authority of `cluster` in a directory that holds none yet.
    ///
    /// @param rootPassphrase encrypts the root's key; null leaves it in a private file unencrypted, for
    ///     development
    /// @param intermediatePassphrase the same for the intermediate's, which is asked for at each signing
    /// @throws IOException when there is one already, or the disk fails
    public static CertificateAuthority init(
            Path directory,
            String cluster,
            char @Nullable [] rootPassphrase,
            char @Nullable [] intermediatePassphrase,
            InstantSource clock,
            SecureRandom random)
            throws IOException {
        SpiffeId.party(cluster, 1);
        PrivateFiles.createDirectory(directory);
        if (Files.exists(directory.resolve(ROOT_FILE)) || Files.exists(directory.resolve(ROOT_KEY_FILE))) {
            throw new IOException(
                    "%s holds a certificate authority already; it is never overwritten".formatted(directory));
        }
        KeyPair rootPair = CaKeys.generate("secp384r1", random);
        KeyPair middlePair = CaKeys.generate("secp384r1", random);
        Instant now = clock.instant();
        X509Certificate root = Issuing.authority(
                null, rootPair.getPrivate(), rootPair.getPublic(), cluster + " root", 1, now, ROOT_VALIDITY, random);
        X509Certificate middle = Issuing.authority(
                root,
                rootPair.getPrivate(),
                middlePair.getPublic(),
                cluster + " intermediate",
                0,
                now,
                INTERMEDIATE_VALIDITY,
                random);
        CaKeys.write(directory.resolve(ROOT_KEY_FILE), rootPair.getPrivate(), rootPassphrase);
        CaKeys.write(directory.resolve(INTERMEDIATE_KEY_FILE), middlePair.getPrivate(), intermediatePassphrase);
        writeText(directory.resolve(INTERMEDIATE_FILE), Pem.encode(List.of(middle)));
        writeText(directory.resolve(CLUSTER_FILE), cluster + "\n");
        // Last, because its presence says that the rest is complete.
        writeText(directory.resolve(ROOT_FILE), Pem.encode(List.of(root)));
        return new CertificateAuthority(cluster, root, middle, middlePair.getPrivate(), clock, random);
    }

    /// Opens an authority for signing; the root's key stays closed.
    ///
    /// @throws WrongPassphrase when the intermediate's key needs another one
    public static CertificateAuthority open(
            Path directory, char @Nullable [] intermediatePassphrase, InstantSource clock, SecureRandom random)
            throws IOException {
        if (!Files.exists(directory.resolve(ROOT_FILE))) {
            throw new IOException(
                    "%s holds no certificate authority; make one with 'keymoot ca init'".formatted(directory));
        }
        return new CertificateAuthority(
                Files.readString(directory.resolve(CLUSTER_FILE)).strip(),
                Pem.certificates(directory.resolve(ROOT_FILE)).getFirst(),
                Pem.certificates(directory.resolve(INTERMEDIATE_FILE)).getFirst(),
                CaKeys.read(directory.resolve(INTERMEDIATE_KEY_FILE), intermediatePassphrase),
                clock,
                random);
    }

    public String cluster() {
        return cluster;
    }

    public X509Certificate root() {
        return root;
    }

    /// What nodes are given out of band, so that they know this authority.
    public Fingerprint fingerprint() {
        return Fingerprint.of(root);
    }

    /// Signs `request` for `id`, valid 90 days, and returns the chain down from it without the root.
    ///
    /// @param hosts DNS names and IP addresses under which a party or endpoint is reached
    public List<X509Certificate> issue(CertificateRequest request, SpiffeId id, List<String> hosts) {
        return issue(request.key(), id, hosts);
    }

    /// Makes a key on P-256 and a certificate for it in two files that must not exist yet, for a node on this
    /// machine.
    public List<X509Certificate> issueToFiles(SpiffeId id, List<String> hosts, Path chainFile, Path keyFile)
            throws IOException {
        KeyPair pair = CaKeys.generate("secp256r1", random);
        List<X509Certificate> chain = issue(pair.getPublic(), id, hosts);
        CaKeys.write(keyFile, pair.getPrivate(), null);
        writeText(chainFile, Pem.encode(chain));
        return chain;
    }

    /// Makes a key on P-256 and a certificate by which clients of the world know an endpoint by its host names;
    /// it names no one within the cluster.
    public List<X509Certificate> issueWebServerToFiles(List<String> hosts, Path chainFile, Path keyFile)
            throws IOException {
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException("a web server's certificate needs at least one host name or address");
        }
        KeyPair pair = CaKeys.generate("secp256r1", random);
        X509Certificate leaf = Issuing.leaf(
                intermediate,
                intermediateKey,
                pair.getPublic(),
                hosts.getFirst(),
                Issuing.names(null, hosts),
                List.of(KeyPurposeId.id_kp_serverAuth),
                clock.instant(),
                LEAF_VALIDITY,
                random);
        CaKeys.write(keyFile, pair.getPrivate(), null);
        writeText(chainFile, Pem.encode(List.of(leaf, intermediate)));
        return List.of(leaf, intermediate);
    }

    private List<X509Certificate> issue(PublicKey key, SpiffeId id, List<String> hosts) {
        if (!id.cluster().equals(cluster)) {
            throw new IllegalArgumentException(
                    "this authority signs for cluster '%s', not for '%s'".formatted(cluster, id.cluster()));
        }
        List<KeyPurposeId> purposes = id.role().serves()
                ? List.of(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth)
                : List.of(KeyPurposeId.id_kp_clientAuth);
        X509Certificate leaf = Issuing.leaf(
                intermediate,
                intermediateKey,
                key,
                id.role().segment() + " " + id.name(),
                Issuing.names(id, hosts),
                purposes,
                clock.instant(),
                LEAF_VALIDITY,
                random);
        return List.of(leaf, intermediate);
    }

    /// The chain and key of a listener that lives as long as one admission; its name is not a node's.
    AdmissionIdentity admissionIdentity() {
        KeyPair pair = CaKeys.generate("secp256r1", random);
        X509Certificate leaf = Issuing.leaf(
                intermediate,
                intermediateKey,
                pair.getPublic(),
                "admission",
                Issuing.names(null, List.of("admission." + cluster)),
                List.of(KeyPurposeId.id_kp_serverAuth),
                clock.instant(),
                Duration.ofDays(1),
                random);
        return new AdmissionIdentity(List.of(leaf, intermediate, root), pair.getPrivate());
    }

    record AdmissionIdentity(List<X509Certificate> chain, PrivateKey key) {}

    static BigInteger serial(SecureRandom random) {
        // 159 bits: random enough never to repeat, and within the 20 bytes of RFC 5280 whatever the sign bit.
        return new BigInteger(159, random).setBit(158);
    }

    private static void writeText(Path file, String text) throws IOException {
        PrivateFiles.create(file, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }
}

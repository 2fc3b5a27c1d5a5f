package org.keymoot.platform.tls;

import java.net.URI;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/// The name of a process or person in a cluster, as its certificate carries it: `spiffe://<cluster>/party/<n>`,
/// `/endpoint/<name>` or `/operator/<name>`.
///
/// @param cluster the cluster's name, the trust domain
/// @param role what it may do
/// @param name a party's index from 1, or the name of an endpoint or operator
public record SpiffeId(String cluster, Role role, String name) {
    private static final String SCHEME = "spiffe";
    private static final int URI_NAME = 6;
    private static final Pattern CLUSTER = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?");
    private static final Pattern INDEX = Pattern.compile("[1-9][0-9]{0,3}");

    /// What the holder of a certificate is.
    public enum Role {
        PARTY("party"),
        ENDPOINT("endpoint"),
        OPERATOR("operator");

        private final String segment;

        Role(String segment) {
            this.segment = segment;
        }

        /// The role as it is spelt in the id.
        public String segment() {
            return segment;
        }

        /// Whether it accepts connections, and so needs a certificate for a server.
        public boolean serves() {
            return this == PARTY;
        }
    }

    public SpiffeId {
        if (!CLUSTER.matcher(cluster).matches()) {
            throw new IllegalArgumentException(
                    "a cluster's name has 1 to 63 of a-z, 0-9, '.' and '-', which '%s' does not"
                            .formatted(safe(cluster)));
        }
        if (!(role == Role.PARTY ? INDEX : NAME).matcher(name).matches()) {
            throw new IllegalArgumentException(
                    role == Role.PARTY
                            ? "a party's index is a whole number from 1, not '%s'".formatted(safe(name))
                            : "a name has 1 to 63 of a-z, 0-9, '.', '_' and '-', which '%s' does not"
                                    .formatted(safe(name)));
        }
    }

    public static SpiffeId party(String cluster, int index) {
        return new SpiffeId(cluster, Role.PARTY, Integer.toString(index));
    }

    public static SpiffeId endpoint(String cluster, String name) {
        return new SpiffeId(cluster, Role.ENDPOINT, name);
    }

    public static SpiffeId operator(String cluster, String name) {
        return new SpiffeId(cluster, Role.OPERATOR, name);
    }

    /// @throws IllegalArgumentException when it is not exactly the spelling that [#toString] gives
    public static SpiffeId parse(String text) {
        for (Role role : Role.values()) {
            String[] parts = text.split("/", -1);
            if (parts.length == 5
                    && parts[0].equals(SCHEME + ":")
                    && parts[1].isEmpty()
                    && parts[3].equals(role.segment)) {
                return new SpiffeId(parts[2], role, parts[4]);
            }
        }
        throw new IllegalArgumentException(
                "'%s' is not spiffe://<cluster>/party/<n>, /endpoint/<name> or /operator/<name>".formatted(safe(text)));
    }

    /// The one URI among the certificate's alternative names.
    ///
    /// @throws CertificateException when there is none, more than one, or one of another form
    public static SpiffeId of(X509Certificate certificate) throws CertificateException {
        List<String> uris;
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            uris = names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> name.getFirst().equals(URI_NAME))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException e) {
            throw new CertificateException("the certificate's alternative names cannot be read", e);
        }
        if (uris.size() != 1) {
            throw new CertificateException(
                    "a certificate of the cluster has exactly one URI name, this one has " + uris.size());
        }
        try {
            return parse(uris.getFirst());
        } catch (IllegalArgumentException e) {
            throw new CertificateException(e.getMessage(), e);
        }
    }

    /// A party's index.
    ///
    /// @throws IllegalStateException when this is no party
    public int index() {
        if (role != Role.PARTY) {
            throw new IllegalStateException(this + " is no party");
        }
        return Integer.parseInt(name);
    }

    public URI uri() {
        return URI.create(toString());
    }

    @Override
    public String toString() {
        return SCHEME + "://" + cluster + "/" + role.segment + "/" + name;
    }

    private static String safe(String text) {
        String printable = text.replaceAll("[^ -~]", "?");
        return printable.length() > 100 ? printable.substring(0, 100) + "..." : printable;
    }
}

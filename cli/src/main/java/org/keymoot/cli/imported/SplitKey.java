package org.keymoot.cli.imported;

import java.io.ByteArrayInputStream;
import java.lang.foreign.MemorySegment;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keymoot.access.KeySpec;
import org.keymoot.access.imported.ImportToken;
import org.keymoot.access.imported.ShareSealing;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.FeldmanCommitment;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.crypto.sharing.SharingPolynomial;
import org.keymoot.platform.tls.ClusterTrust;
import org.keymoot.platform.tls.SpiffeId;
import tools.jackson.databind.JsonNode;

/// A key split into one share for each party of a cluster, each encrypted to its party.
///
/// It keeps true: every party's wrapping key, and with it the number of parties and how many shares are needed, is
/// signed under a certificate that leads to the cluster's root; an endpoint or a party that lies about another's key,
/// or about the threshold, gets nothing.
public final class SplitKey {
    private final List<Recipient> recipients;
    private final int reconstructionThreshold;
    private final KeySpec spec;

    private SplitKey(List<Recipient> recipients, int reconstructionThreshold, KeySpec spec) {
        this.recipients = recipients;
        this.reconstructionThreshold = reconstructionThreshold;
        this.spec = spec;
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Recipient(int party, byte[] token, byte[] publicKey) {}

    /// What the request of an import holds of the key.
    ///
    /// @param publicKey of the whole key
    public record Parts(Point publicKey, Map<String, Object> members) {}

    /// @param parameters the answer of GetParametersForSplitImport
    /// @throws CliFailure when a party's wrapping key is not vouched for
    public static SplitKey of(JsonNode parameters, ClusterTrust trust) {
        KeySpec spec = KeySpec.valueOf(parameters.path("KeySpec").asString(""));
        int threshold = parameters.path("ReconstructionThreshold").asInt(0);
        JsonNode listed = parameters.path("Parties");
        if (threshold < 2 || listed.size() < threshold || listed.size() > PartyIndex.MAX) {
            throw lie("the endpoint speaks of %d parties, %d of which are enough".formatted(listed.size(), threshold));
        }
        List<Recipient> recipients = new ArrayList<>();
        String cluster = "";
        for (JsonNode each : listed) {
            int party = recipients.size() + 1;
            byte[] token = bytes(each, "ImportToken");
            byte[] publicKey = bytes(each, "PublicKey");
            byte[] statement = ShareSealing.statement(token, publicKey, spec.name(), listed.size(), threshold);
            SpiffeId signer = signer(each, statement, trust, party);
            boolean named = signer.role() == SpiffeId.Role.PARTY
                    && signer.index() == party
                    && (cluster.isEmpty() || signer.cluster().equals(cluster))
                    && ImportToken.parse(token)
                            .filter(one -> one.party() == party)
                            .isPresent();
            if (!named) {
                throw lie("the wrapping key of party %d is signed by %s".formatted(party, signer));
            }
            cluster = signer.cluster();
            recipients.add(new Recipient(party, token, publicKey));
        }
        return new SplitKey(List.copyOf(recipients), threshold, spec);
    }

    private static SpiffeId signer(JsonNode each, byte[] statement, ClusterTrust trust, int party) {
        try {
            List<X509Certificate> chain = new ArrayList<>();
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (JsonNode certificate : each.path("Certificates")) {
                byte[] der = Base64.getDecoder().decode(certificate.asString(""));
                chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
            }
            SpiffeId id = trust.verify(chain, ClusterTrust.End.SERVER);
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initVerify(chain.getFirst().getPublicKey());
            signature.update(statement);
            if (!signature.verify(bytes(each, "Signature"))) {
                throw lie("the signature of party %d under its wrapping key is wrong".formatted(party));
            }
            return id;
        } catch (CertificateException e) {
            throw new CliFailure(
                    ExitCode.INTEGRITY,
                    "the wrapping key of party %d is not vouched for: %s".formatted(party, e.getMessage()),
                    "name the root certificate of this very cluster with --roots",
                    e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw lie("the wrapping key of party %d cannot be checked: %s".formatted(party, e.getMessage()));
        }
    }

    private static CliFailure lie(String what) {
        return new CliFailure(
                ExitCode.INTEGRITY,
                what + "; nothing of the key was sent",
                "do not import anything by this endpoint before it is known which party lied");
    }

    private static byte[] bytes(JsonNode node, String member) {
        try {
            return Base64.getDecoder().decode(node.path(member).asString(""));
        } catch (IllegalArgumentException e) {
            throw lie("the endpoint's answer is damaged");
        }
    }

    public KeySpec spec() {
        return spec;
    }

    public int parties() {
        return recipients.size();
    }

    public int reconstructionThreshold() {
        return reconstructionThreshold;
    }

    /// Splits `secret`, which stays the caller's.
    public Parts split(SecretScalar secret, SecureRandom random) {
        Group group = Group.of(spec.group());
        try (SecretScope scope = new SecretScope()) {
            SharingPolynomial polynomial = SharingPolynomial.sharing(
                    secret, new ReconstructionThreshold(reconstructionThreshold), source(random), scope);
            FeldmanCommitment commitment = polynomial.commit(group);
            byte[] encoded = commitment.encode();
            List<String> tokens = new ArrayList<>();
            List<String> shares = new ArrayList<>();
            for (Recipient recipient : recipients) {
                tokens.add(base64(recipient.token()));
                shares.add(base64(sealed(polynomial, recipient, encoded, random, scope)));
            }
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("Commitment", base64(encoded));
            members.put("ImportTokens", tokens);
            members.put("EncryptedShares", shares);
            return new Parts(commitment.constantTerm(), members);
        }
    }

    private static byte[] sealed(
            SharingPolynomial polynomial,
            Recipient recipient,
            byte[] commitment,
            SecureRandom random,
            SecretScope scope) {
        byte[] share = new byte[32];
        try {
            polynomial
                    .evaluate(PartyIndex.of(recipient.party()), scope)
                    .encodeTo(MemorySegment.ofArray(share), Disclosure.I_TAKE_THE_SECRET_OUT);
            return ShareSealing.seal(
                    recipient.publicKey(), ShareSealing.context(recipient.token(), commitment), share, random);
        } catch (GeneralSecurityException e) {
            throw lie("party %d made no wrapping key that can be used".formatted(recipient.party()));
        } finally {
            Arrays.fill(share, (byte) 0);
        }
    }

    private static RandomSource source(SecureRandom random) {
        return target -> {
            byte[] bytes = new byte[Math.toIntExact(target.byteSize())];
            random.nextBytes(bytes);
            target.copyFrom(MemorySegment.ofArray(bytes));
            Arrays.fill(bytes, (byte) 0);
        };
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}

package org.keymoot.cli.imported;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.KeySpec;
import org.keymoot.access.RegisterName;
import org.keymoot.access.imported.ImportToken;
import org.keymoot.access.imported.ImportedKey;
import org.keymoot.access.imported.ShareSealing;
import org.keymoot.access.imported.WrappingAlgorithm;
import org.keymoot.access.json.JsonReader;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;
import org.keymoot.cli.Output;
import org.keymoot.control.ca.CertificateAuthority;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.FeldmanCommitment;
import org.keymoot.crypto.sharing.Lagrange;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.platform.tls.ClusterTrust;
import org.keymoot.platform.tls.NodeIdentity;
import org.keymoot.platform.tls.SpiffeId;
import tools.jackson.databind.JsonNode;

/// A key that leaves the command line in shares, and parties and endpoints that lie about where these go.
class SplitKeyTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final KeySpec SPEC = KeySpec.ECC_SECG_P256K1;
    private static final byte[] NUMBER = new byte[32];

    @TempDir
    static Path folder = Path.of("");

    private static final Map<Integer, NodeIdentity> PARTIES = new TreeMap<>();
    private static final Map<Integer, ShareSealing.Pair> PAIRS = new TreeMap<>();

    @SuppressWarnings("NullAway.Init")
    private static ClusterTrust trust;

    @BeforeAll
    static void certify() throws Exception {
        NUMBER[31] = 7;
        CertificateAuthority authority =
                CertificateAuthority.init(folder.resolve("ca"), "test", null, null, InstantSource.system(), RANDOM);
        trust = new ClusterTrust(List.of(authority.root()), InstantSource.system());
        for (int party = 1; party <= 3; party++) {
            Path chain = folder.resolve(party + ".pem");
            Path key = folder.resolve(party + ".key.pem");
            authority.issueToFiles(SpiffeId.party("test", party), List.of("localhost"), chain, key);
            PARTIES.put(party, NodeIdentity.load(chain, key));
            PAIRS.put(party, ShareSealing.generate(RANDOM));
        }
    }

    /// What one party says of its wrapping key.
    ///
    /// @param signer who signs it
    /// @param threshold that it signs
    private static Map<String, Object> part(int party, int signer, int threshold) throws Exception {
        NodeIdentity identity = Objects.requireNonNull(PARTIES.get(signer));
        byte[] publicKey = Objects.requireNonNull(PAIRS.get(party)).publicKey();
        byte[] token = ImportToken.issue(
                        party,
                        new byte[ImportToken.ID_BYTES],
                        WrappingAlgorithm.X25519_MLKEM768,
                        Instant.now().plusSeconds(60),
                        RegisterName.key("123456789012", "us-east-1", "k"),
                        new byte[ImportToken.SECRET_BYTES])
                .encode();
        List<String> chain = new ArrayList<>();
        for (X509Certificate certificate : identity.chain()) {
            chain.add(base64(certificate.getEncoded()));
        }
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("Party", party);
        part.put("ImportToken", base64(token));
        part.put("PublicKey", base64(publicKey));
        part.put("Certificates", chain);
        part.put(
                "Signature",
                base64(identity.sign(ShareSealing.statement(token, publicKey, SPEC.name(), 3, threshold))));
        return part;
    }

    private static JsonNode parameters(int threshold, List<Map<String, Object>> parts) {
        return JsonReader.stored(
                Output.toJson(Map.of("KeySpec", SPEC.name(), "ReconstructionThreshold", threshold, "Parties", parts)));
    }

    private static void assertLie(JsonNode parameters) {
        assertThatThrownBy(() -> SplitKey.of(parameters, trust))
                .isInstanceOfSatisfying(
                        CliFailure.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.INTEGRITY));
    }

    @Test
    void everyPartyGetsItsOwnShareOfTheKeyAndCanCheckIt() throws Exception {
        SplitKey split = SplitKey.of(parameters(2, List.of(part(1, 1, 2), part(2, 2, 2), part(3, 3, 2))), trust);
        Group group = Group.of(SPEC.group());
        try (SecretScope scope = new SecretScope()) {
            SplitKey.Parts parts = split.split(ImportedKey.scalarOfBytes(SPEC, NUMBER, scope), RANDOM);
            assertThat(parts.publicKey())
                    .isEqualTo(group.multiplyBase(group.scalars().of(7)));
            byte[] commitment = bytes(String.valueOf(parts.members().get("Commitment")));
            FeldmanCommitment known = FeldmanCommitment.decode(group, new ReconstructionThreshold(2), commitment);
            Map<Integer, Scalar> shares = new TreeMap<>();
            for (int party = 1; party <= 3; party++) {
                byte[] share = new byte[32];
                byte[] context = ShareSealing.context(bytes(member(parts, "ImportTokens", party)), commitment);
                byte[] sealed = bytes(member(parts, "EncryptedShares", party));
                for (int other = 1; other <= 3; other++) {
                    boolean opens = ShareSealing.open(
                            Objects.requireNonNull(PAIRS.get(other)), context, sealed, MemorySegment.ofArray(share));
                    assertThat(opens).isEqualTo(other == party);
                }
                Scalar scalar = group.scalars().decode(share);
                assertThat(group.multiplyBase(scalar)).isEqualTo(known.evaluate(PartyIndex.of(party)));
                shares.put(party, scalar);
            }
            List<PartyIndex> quorum = List.of(PartyIndex.of(1), PartyIndex.of(3));
            Scalar sum = group.scalars().zero();
            for (PartyIndex party : quorum) {
                sum = sum.add(Lagrange.atZero(group.scalars(), quorum, party)
                        .multiply(Objects.requireNonNull(shares.get(party.value()))));
            }
            assertThat(sum).isEqualTo(group.scalars().of(7));
        }
    }

    @Test
    void aWrappingKeyThatAnotherPartySignedGetsNoShare() throws Exception {
        assertLie(parameters(2, List.of(part(1, 1, 2), part(2, 1, 2), part(3, 3, 2))));
        assertLie(parameters(2, List.of(part(1, 1, 2), part(1, 1, 2), part(3, 3, 2))));
        assertLie(parameters(2, List.of(part(2, 2, 2), part(1, 1, 2), part(3, 3, 2))));
    }

    @Test
    void anEndpointThatLiesAboutTheThresholdOrThePartiesGetsNothing() throws Exception {
        List<Map<String, Object>> honest = List.of(part(1, 1, 3), part(2, 2, 3), part(3, 3, 3));
        assertThat(SplitKey.of(parameters(3, honest), trust).reconstructionThreshold())
                .isEqualTo(3);
        assertLie(parameters(2, honest));
        assertLie(parameters(1, honest));
        assertLie(parameters(3, honest.subList(0, 2)));
        assertLie(parameters(2, honest.subList(0, 2)));
    }

    @Test
    void aChangedKeySignatureOrTokenGetsNothing() throws Exception {
        for (String member : List.of("PublicKey", "Signature", "ImportToken")) {
            Map<String, Object> changed = part(2, 2, 2);
            byte[] value = bytes(String.valueOf(changed.get(member)));
            value[value.length - 1] ^= 1;
            changed.put(member, base64(value));
            assertLie(parameters(2, List.of(part(1, 1, 2), changed, part(3, 3, 2))));
        }
    }

    @Test
    void partiesOfAnotherAuthorityGetNothing() throws Exception {
        CertificateAuthority other =
                CertificateAuthority.init(folder.resolve("other"), "test", null, null, InstantSource.system(), RANDOM);
        ClusterTrust elsewhere = new ClusterTrust(List.of(other.root()), InstantSource.system());
        JsonNode parameters = parameters(2, List.of(part(1, 1, 2), part(2, 2, 2), part(3, 3, 2)));
        assertThatThrownBy(() -> SplitKey.of(parameters, elsewhere))
                .isInstanceOfSatisfying(
                        CliFailure.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.INTEGRITY));
    }

    private static String member(SplitKey.Parts parts, String name, int party) {
        return String.valueOf(((List<?>) Objects.requireNonNull(parts.members().get(name))).get(party - 1));
    }

    private static byte[] bytes(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}

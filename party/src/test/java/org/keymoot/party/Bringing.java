package org.keymoot.party;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.party.Asking.json;

import java.lang.foreign.MemorySegment;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.keymoot.access.KeySpec;
import org.keymoot.access.imported.ImportedKey;
import org.keymoot.access.imported.ShareSealing;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.crypto.sharing.SharingPolynomial;
import tools.jackson.databind.JsonNode;

/// Keys that were made elsewhere, on their way to the parties of a test.
final class Bringing {
    private static final AtomicInteger SPLITS = new AtomicInteger();

    private Bringing() {}

    /// Token and material as members, with parameters of `party`.
    static String wrapped(NodeCluster cluster, int party, String key, byte[] material) throws Exception {
        ClientAnswer answer = cluster.call(
                party,
                "GetParametersForImport",
                "{\"KeyId\":\"" + key + "\""
                        + ",\"WrappingAlgorithm\":\"RSAES_OAEP_SHA_256\",\"WrappingKeySpec\":\"RSA_2048\"" + "}");
        assertOk(answer);
        JsonNode parameters = json(answer);
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                KeyFactory.getInstance("RSA")
                        .generatePublic(new X509EncodedKeySpec(Base64.getDecoder()
                                .decode(parameters.path("PublicKey").asString()))),
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        return ",\"ImportToken\":\"%s\",\"EncryptedKeyMaterial\":\"%s\""
                .formatted(
                        parameters.path("ImportToken").asString(),
                        Base64.getEncoder().encodeToString(cipher.doFinal(material)));
    }

    /// A key as shares for all parties.
    ///
    /// @param bad the party whose share is another; 0 for none
    static String split(NodeCluster cluster, String key, KeySpec spec, byte[] material, int bad) throws Exception {
        ClientAnswer answer = Asking.onKey(cluster, 1, "Keymoot.GetParametersForSplitImport", key);
        assertOk(answer);
        JsonNode parameters = json(answer);
        Group group = Group.of(spec.group());
        try (SecretScope scope = new SecretScope()) {
            SharingPolynomial polynomial = SharingPolynomial.sharing(
                    ImportedKey.scalar(spec, material, scope),
                    new ReconstructionThreshold(2),
                    new SeededRandom(SPLITS.incrementAndGet()),
                    scope);
            byte[] commitment = polynomial.commit(group).encode();
            List<String> tokens = new ArrayList<>();
            List<String> shares = new ArrayList<>();
            for (JsonNode party : parameters.path("Parties")) {
                int index = party.path("Party").intValue();
                byte[] token =
                        Base64.getDecoder().decode(party.path("ImportToken").asString());
                byte[] share = new byte[32];
                polynomial
                        .evaluate(PartyIndex.of(index == bad ? index + 1 : index), scope)
                        .encodeTo(MemorySegment.ofArray(share), Disclosure.I_TAKE_THE_SECRET_OUT);
                tokens.add("\"" + party.path("ImportToken").asString() + "\"");
                shares.add("\""
                        + Base64.getEncoder()
                                .encodeToString(ShareSealing.seal(
                                        Base64.getDecoder()
                                                .decode(party.path("PublicKey").asString()),
                                        ShareSealing.context(token, commitment),
                                        share,
                                        new SecureRandom()))
                        + "\"");
            }
            return ",\"Commitment\":\"%s\",\"ImportTokens\":%s,\"EncryptedShares\":%s"
                    .formatted(Base64.getEncoder().encodeToString(commitment), tokens, shares);
        }
    }

    private static void assertOk(ClientAnswer answer) {
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
    }
}

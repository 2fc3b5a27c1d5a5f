package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.ethereum.Attestation;
import org.keymoot.access.ethereum.Hex;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.PersonalMessage;
import org.keymoot.access.ethereum.RecoverableSignature;
import org.keymoot.access.ethereum.SignRules;
import org.keymoot.access.ethereum.SignedTransaction;
import org.keymoot.access.ethereum.Transaction;
import org.keymoot.crypto.keccak.Keccak256;
import tools.jackson.databind.JsonNode;

/// Rules of keys, and what they sign once.
final class SignRulesTest {
    private static final String BRIDGE = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    private static final String OTHER = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359";
    private static final String ROOT_A = "aa".repeat(32);
    private static final String ROOT_B = "bb".repeat(32);
    private static final String ROOT_C = "cc".repeat(32);

    private final Cluster cluster = new Cluster();
    private String key = "";

    @BeforeEach
    void makeKey() {
        key = cluster.makeKey(KeySpec.ECC_SECG_P256K1);
        cluster.now = cluster.now.plusSeconds(1);
    }

    private void rules(String json) {
        cluster.call("Keymoot.PutSignRules", body("\"Rules\":" + quoted(json)));
        cluster.now = cluster.now.plusSeconds(1);
    }

    private String body(String more) {
        return "{\"KeyId\":\"" + key + "\"," + more + "}";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static Transaction pay(long nonce, String to, long value, long gwei, String data) {
        try {
            return new Transaction(
                    BigInteger.ONE,
                    BigInteger.valueOf(nonce),
                    new Transaction.Dynamic(BigInteger.ONE, BigInteger.valueOf(gwei * 1_000_000_000L)),
                    BigInteger.valueOf(21000),
                    Address.parse(to),
                    BigInteger.valueOf(value),
                    data,
                    List.of());
        } catch (InvalidEthereumData e) {
            throw new AssertionError(e);
        }
    }

    private String transaction(Transaction transaction) {
        return body(
                "\"Kind\":\"TRANSACTION\",\"Transaction\":\"" + Cluster.base64(transaction.encodeUnsigned()) + "\"");
    }

    private String transaction(Transaction transaction, String holder) {
        String body = transaction(transaction);
        return body.substring(0, body.length() - 1) + ",\"LeaseHolder\":\"" + holder + "\"}";
    }

    private String update(String previous, String next) {
        return body("\"Kind\":\"UPDATE\",\"HomeDomain\":\"1000\",\"PreviousRoot\":\"" + previous + "\",\"NewRoot\":\""
                + next + "\"");
    }

    private JsonNode sign(String body) {
        cluster.now = cluster.now.plusMillis(1500);
        return cluster.call("Keymoot.SignEthereum", body);
    }

    private String refusal(String body) {
        cluster.now = cluster.now.plusMillis(1500);
        AwsError error = cluster.refusal("Keymoot.SignEthereum", body);
        return error.type() + ": " + error.message();
    }

    private Address address() {
        return Address.of(cluster.wholeKey(key).point());
    }

    @Test
    void signsATransactionThatItUnderstandsAndAnswersItRaw() throws Exception {
        Transaction wanted = pay(0, BRIDGE, 5, 30, "");
        JsonNode answer = sign(transaction(wanted));
        SignedTransaction signed = SignedTransaction.decode(
                Hex.bytes(answer.required("SignedTransaction").stringValue()));
        assertThat(signed.transaction()).isEqualTo(wanted);
        assertThat(signed.sender()).isEqualTo(address());
        JsonNode message = sign(body("\"Kind\":\"MESSAGE\",\"Message\":\"" + Cluster.base64("hi") + "\""));
        byte[] digest =
                java.util.Base64.getDecoder().decode(message.required("Digest").stringValue());
        assertThat(RecoverableSignature.decode(
                                Hex.bytes(message.required("EthereumSignature").stringValue()))
                        .signer(digest))
                .isEqualTo(address());
    }

    @Test
    void refusesABareDigestForAKeyWithRules() {
        String sign = body("\"Message\":\"" + Cluster.base64(new byte[32])
                + "\",\"MessageType\":\"DIGEST\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"");
        assertThat(cluster.decide("Sign", sign)).isInstanceOf(Decision.SignWith.class);
        rules("{\"messages\":true}");
        assertThat(cluster.refusal("Sign", sign).type()).isEqualTo("SignRulesException");
        rules("{\"messages\":true,\"digests\":true}");
        assertThat(cluster.decide("Sign", sign)).isInstanceOf(Decision.SignWith.class);
        rules("{}");
        assertThat(cluster.refusal("Sign", sign).type()).isEqualTo("SignRulesException");
        cluster.call("Keymoot.DeleteSignRules", body("\"x\":1"));
        assertThat(cluster.decide("Sign", sign)).isInstanceOf(Decision.SignWith.class);
        assertThat(cluster.refusal("Keymoot.GetSignRules", body("\"x\":1")).type())
                .isEqualTo("NotFoundException");
    }

    @Test
    void keepsTransactionsToChainsRecipientsMethodsValueAndFee() {
        rules("{\"transactions\":{\"chains\":[1],\"recipients\":[\"" + BRIDGE
                + "\"],\"selectors\":[\"0xa9059cbb\",\"0x\"],\"maxValue\":\"10\",\"maxFee\":\"1000000000000000\"}}");
        sign(transaction(pay(0, BRIDGE, 10, 30, "")));
        sign(transaction(pay(1, BRIDGE, 10, 30, "a9059cbb00")));
        assertThat(refusal(transaction(pay(2, OTHER, 1, 30, "")))).contains("do not allow the recipient " + OTHER);
        assertThat(refusal(transaction(pay(2, BRIDGE, 1, 30, "a9059cbc")))).contains("0xa9059cbc");
        assertThat(refusal(transaction(pay(2, BRIDGE, 1, 30, "a9")))).contains("do not allow the method");
        assertThat(refusal(transaction(pay(2, BRIDGE, 11, 30, "")))).contains("at most 10 wei");
        assertThat(refusal(transaction(pay(2, BRIDGE, 1, 100, "")))).contains("allow gas for at most");
        assertThat(refusal(body("\"Kind\":\"MESSAGE\",\"Message\":\"aGk=\""))).contains("no personal messages");
        assertThat(refusal(update(ROOT_A, ROOT_B))).contains("allow no attestations");
        Transaction elsewhere = pay(2, BRIDGE, 1, 30, "");
        assertThat(refusal(transaction(new Transaction(
                        BigInteger.TWO,
                        elsewhere.nonce(),
                        elsewhere.fee(),
                        elsewhere.gasLimit(),
                        elsewhere.to(),
                        elsewhere.value(),
                        "",
                        List.of()))))
                .contains("do not allow the chain 2");
        assertThat(refusal(transaction(new Transaction(
                        BigInteger.ONE,
                        elsewhere.nonce(),
                        elsewhere.fee(),
                        elsewhere.gasLimit(),
                        null,
                        elsewhere.value(),
                        "",
                        List.of()))))
                .contains("contracts");
    }

    @Test
    void signsOneTransactionForEachNonceAndItsReplacementsOnlyWithAnotherFee() {
        rules("{\"transactions\":{\"chains\":[1]}}");
        Transaction first = pay(7, BRIDGE, 5, 30, "");
        String before = sign(transaction(first)).required("SignedTransaction").stringValue();
        assertThat(sign(transaction(first)).required("SignedTransaction").stringValue())
                .as("the same request signs again")
                .isEqualTo(before);
        assertThat(refusal(transaction(pay(7, OTHER, 5, 30, "")))).contains("has signed something else for tx/1/7");
        assertThat(refusal(transaction(pay(7, BRIDGE, 6, 30, "")))).contains("something else");
        sign(transaction(pay(7, BRIDGE, 5, 60, "")));
        sign(transaction(pay(8, OTHER, 5, 30, "")));
        rules("{\"transactions\":{\"chains\":[1],\"feeBumps\":false}}");
        assertThat(refusal(transaction(pay(7, BRIDGE, 5, 90, "")))).contains("something else");
        sign(transaction(first));
    }

    @Test
    void signsOneNewRootForEachPreviousRoot() {
        rules("{\"attestations\":{\"homeDomains\":[1000],\"updates\":true}}");
        sign(update(ROOT_A, ROOT_B));
        sign(update(ROOT_A, "0x" + ROOT_B));
        assertThat(refusal(update(ROOT_A, ROOT_C)))
                .startsWith("SignRulesException")
                .contains("something else");
        sign(update(ROOT_B, ROOT_C));
        assertThat(refusal(body("\"Kind\":\"FAILURE\",\"HomeDomain\":\"1000\",\"Updater\":\"" + ROOT_A + "\"")))
                .contains("no attestations of failures");
        assertThat(refusal(update(ROOT_A, ROOT_C).replace("1000", "2000"))).contains("home domain 2000");
    }

    @Test
    void theReservationIsCommittedBeforeAnythingIsSigned() {
        rules("{\"transactions\":{\"chains\":[1]},\"rate\":{\"count\":10,\"seconds\":60}}");
        SignedRequest request = cluster.signed("Keymoot.SignEthereum", transaction(pay(0, BRIDGE, 1, 1, "")));
        SignedRequest rival = cluster.signed("Keymoot.SignEthereum", transaction(pay(0, OTHER, 1, 1, "")));
        Decision rate = Kms.decide(request, cluster.directory, cluster.now);
        assertThat(((Decision.Reserve) rate).write().name().last()).endsWith("/rate");
        cluster.directory.commit(((Decision.Reserve) rate).write());
        Decision slot = Kms.decide(request, cluster.directory, cluster.now);
        assertThat(((Decision.Reserve) slot).write().name().last()).endsWith("/tx/1/0");
        Decision rivalRate = Kms.decide(rival, cluster.directory, cluster.now);
        cluster.directory.commit(((Decision.Reserve) rivalRate).write());
        cluster.directory.commit(((Decision.Reserve) slot).write());
        assertThat(Kms.decide(request, cluster.directory, cluster.now)).isInstanceOf(Decision.SignWith.class);
        assertThat(Kms.decide(rival, cluster.directory, cluster.now)).isInstanceOf(Decision.Refused.class);
    }

    @Test
    void countsPayloadsAndNotRepeatsAgainstTheRate() {
        rules("{\"transactions\":{\"chains\":[1]},\"rate\":{\"count\":2,\"seconds\":3600}}");
        sign(transaction(pay(0, BRIDGE, 1, 1, "")));
        sign(transaction(pay(1, BRIDGE, 1, 1, "")));
        sign(transaction(pay(1, BRIDGE, 1, 1, "")));
        assertThat(refusal(transaction(pay(2, BRIDGE, 1, 1, "")))).contains("2 payloads in 3600 seconds");
        cluster.now = cluster.now.plusSeconds(1801);
        sign(transaction(pay(2, BRIDGE, 1, 1, "")));
        assertThat(refusal(transaction(pay(3, BRIDGE, 1, 1, "")))).contains("Try again later");
    }

    @Test
    void countsBareDigestsAgainstTheRateToo() {
        rules("{\"messages\":true,\"digests\":true,\"rate\":{\"count\":2,\"seconds\":3600}}");
        String message = Cluster.base64("hi");
        byte[] digest = PersonalMessage.digest("hi".getBytes(StandardCharsets.UTF_8));
        sign(body("\"Kind\":\"MESSAGE\",\"Message\":\"" + message + "\""));
        plainSign(Cluster.base64(digest));
        plainSign(Cluster.base64(new byte[32]));
        plainSign(Cluster.base64(new byte[32]));
        byte[] third = new byte[32];
        third[0] = 1;
        cluster.now = cluster.now.plusSeconds(1);
        AwsError refused = cluster.refusal("Sign", plain(Cluster.base64(third)));
        assertThat(refused.type()).isEqualTo("SignRulesException");
        assertThat(refused.message()).contains("2 payloads in 3600 seconds");
        cluster.now = cluster.now.plusSeconds(1801);
        plainSign(Cluster.base64(third));
        assertThat(cluster.refusal("Sign", plain(Cluster.base64("2".repeat(32))))
                        .message())
                .contains("Try again later");
    }

    @Test
    void countsWholeMessagesOfKeysOfOtherKindsAgainstTheRate() {
        key = cluster.makeKey(KeySpec.ECC_NIST_EDWARDS25519);
        rules("{\"digests\":true,\"rate\":{\"count\":1,\"seconds\":3600}}");
        String sign = "\"Message\":\"%s\",\"SigningAlgorithm\":\"ED25519_SHA_512\"";
        cluster.call("Sign", body(sign.formatted("AAAA")));
        cluster.call("Sign", body(sign.formatted("AAAA")));
        assertThat(cluster.refusal("Sign", body(sign.formatted("AAAB"))).type()).isEqualTo("SignRulesException");
    }

    private String plain(String digest) {
        return body("\"Message\":\"" + digest + "\",\"MessageType\":\"DIGEST\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"");
    }

    private void plainSign(String digest) {
        cluster.now = cluster.now.plusSeconds(1);
        cluster.call("Sign", plain(digest));
    }

    @Test
    void refusesAnAttestationThatComesAsAMessage() {
        byte[] second = Keccak256.hash(
                Attestation.domainHash(1000),
                HexFormat.of().parseHex(ROOT_A),
                HexFormat.of().parseHex(ROOT_C));
        assertThat(PersonalMessage.digest(second)).isEqualTo(new Attestation.Update(1000, ROOT_A, ROOT_C).digest());
        String asMessage = body("\"Kind\":\"MESSAGE\",\"Message\":\"" + Cluster.base64(second) + "\"");
        rules("{\"messages\":true,\"attestations\":{\"homeDomains\":[1000],\"updates\":true}}");
        sign(update(ROOT_A, ROOT_B));
        assertThat(refusal(asMessage)).startsWith("SignRulesException").contains("32 bytes");
        rules("{\"messages\":true}");
        assertThat(refusal(asMessage)).contains("32 bytes");
        sign(body("\"Kind\":\"MESSAGE\",\"Message\":\"" + Cluster.base64(new byte[31]) + "\""));
        sign(body("\"Kind\":\"MESSAGE\",\"Message\":\"" + Cluster.base64(new byte[33]) + "\""));
        rules("{\"messages\":true,\"digests\":true}");
        sign(asMessage);
    }

    @Test
    void letsOneAgentAtATimeUseTheKeysNonces() {
        rules("{\"transactions\":{\"chains\":[1],\"lease\":true}}");
        Transaction first = pay(5, BRIDGE, 1, 1, "");
        assertThat(refusal(transaction(first))).contains("demand a nonce lease");
        JsonNode lease = cluster.call(
                "Keymoot.AcquireNonceLease",
                body("\"ChainId\":\"1\",\"Holder\":\"updater-0\",\"DurationSeconds\":60,\"NextNonce\":\"5\""));
        assertThat(lease.required("NextNonce").stringValue()).isEqualTo("5");
        assertThat(cluster.refusal("Keymoot.AcquireNonceLease", body("\"ChainId\":\"1\",\"Holder\":\"updater-1\""))
                        .type())
                .isEqualTo("AlreadyExistsException");
        assertThat(refusal(transaction(first))).contains("Another agent, 'updater-0'");
        assertThat(refusal(transaction(first, "updater-1"))).contains("Another agent, 'updater-0'");
        sign(transaction(first, "updater-0"));
        cluster.now = cluster.now.plusSeconds(60);
        assertThat(refusal(transaction(first, "updater-0"))).contains("none runs");
        cluster.call("Keymoot.AcquireNonceLease", body("\"ChainId\":\"1\",\"Holder\":\"updater-1\""));
        assertThat(refusal(transaction(first, "updater-0"))).contains("Another agent, 'updater-1'");
    }

    @Test
    void givesOutNoncesInOrderAndFillsTheGapsFirst() {
        String holder = "\"ChainId\":\"1\",\"Holder\":\"a\"";
        cluster.call("Keymoot.AcquireNonceLease", body(holder + ",\"NextNonce\":\"3\",\"DurationSeconds\":600"));
        assertThat(List.of(nonce(holder), nonce(holder), nonce(holder))).containsExactly("3", "4", "5");
        settle(holder, "3", "COMMITTED");
        settle(holder, "4", "RELEASED");
        assertThat(List.of(nonce(holder), nonce(holder))).containsExactly("4", "6");
        assertThat(cluster.refusal("Keymoot.SettleNonce", body(holder + ",\"Nonce\":\"3\",\"Outcome\":\"RELEASED\""))
                        .type())
                .isEqualTo("NotFoundException");
        rules("{\"transactions\":{\"chains\":[1]}}");
        sign(transaction(pay(5, BRIDGE, 1, 1, ""), "a"));
        assertThat(cluster.refusal("Keymoot.SettleNonce", body(holder + ",\"Nonce\":\"5\",\"Outcome\":\"RELEASED\""))
                        .message())
                .contains("was signed");
        cluster.call("Keymoot.ReleaseNonceLease", body(holder));
        cluster.now = cluster.now.plusSeconds(1);
        JsonNode next = cluster.call(
                "Keymoot.AcquireNonceLease", body("\"ChainId\":\"1\",\"Holder\":\"b\",\"NextNonce\":\"5\""));
        assertThat(next.required("Unused").toString())
                .as("5 and 6 were open, 4 is below the chain's count")
                .isEqualTo("[\"5\",\"6\"]");
        assertThat(nonce("\"ChainId\":\"1\",\"Holder\":\"b\"")).isEqualTo("5");
    }

    private String nonce(String holder) {
        cluster.now = cluster.now.plusSeconds(1);
        return cluster.call("Keymoot.ReserveNonce", body(holder))
                .required("Nonce")
                .stringValue();
    }

    private void settle(String holder, String nonce, String outcome) {
        cluster.now = cluster.now.plusSeconds(1);
        cluster.call(
                "Keymoot.SettleNonce", body(holder + ",\"Nonce\":\"" + nonce + "\",\"Outcome\":\"" + outcome + "\""));
    }

    @Test
    void anExactRetryOfAReservationGivesTheSameNonce() {
        String holder = "\"ChainId\":\"1\",\"Holder\":\"a\"";
        cluster.call("Keymoot.AcquireNonceLease", body(holder));
        cluster.now = cluster.now.plusSeconds(1);
        SignedRequest request = cluster.signed("Keymoot.ReserveNonce", body(holder));
        assertThat(cluster.execute(request)).isEqualTo(cluster.execute(request));
    }

    @Test
    void whoMaySignMaySignPayloadsAndADenyOfEitherStopsIt() {
        String policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\""
                + Principal.rootArn(Cluster.ACCOUNT) + "\"},\"Action\":\"kms:*\",\"Resource\":\"*\"},%s]}";
        String allow = "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::" + Cluster.ACCOUNT
                + ":user/alice\"},\"Action\":\"%s\",\"Resource\":\"*\"}";
        String message = body("\"Kind\":\"MESSAGE\",\"Message\":\"aGk=\"");
        assertThat(cluster.refusalAs("AKIAALICE", "Keymoot.SignEthereum", message)
                        .type())
                .isEqualTo("AccessDeniedException");
        for (String permission : List.of("kms:Sign", "keymoot:SignEthereum")) {
            policy(policy.formatted(allow.formatted(permission)));
            assertThat(cluster.callAs("AKIAALICE", "Keymoot.SignEthereum", message)
                            .has("Signature"))
                    .isTrue();
            assertThat(cluster.refusalAs("AKIAALICE", "Keymoot.PutSignRules", body("\"Rules\":\"{}\""))
                            .type())
                    .isEqualTo("AccessDeniedException");
        }
        policy(policy.formatted(
                allow.formatted("kms:Sign") + "," + allow.formatted("keymoot:*").replace("Allow", "Deny")));
        assertThat(cluster.refusalAs("AKIAALICE", "Keymoot.SignEthereum", message)
                        .message())
                .contains("explicit deny");
    }

    private void policy(String text) {
        cluster.now = cluster.now.plusSeconds(1);
        cluster.call("PutKeyPolicy", body("\"PolicyName\":\"default\",\"Policy\":" + quoted(text)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{\"transactoins\":{}}",
                "{\"transactions\":{}}",
                "{\"transactions\":{\"chains\":[]}}",
                "{\"transactions\":{\"chains\":[1],\"maxValue\":-1}}",
                "{\"transactions\":{\"chains\":[1],\"selectors\":[\"0x12\"]}}",
                "{\"transactions\":{\"chains\":[1],\"recipients\":[\"0x12\"]}}",
                "{\"attestations\":{\"homeDomains\":[4294967296]}}",
                "{\"rate\":{\"count\":0,\"seconds\":1}}",
                "{\"rate\":{\"count\":1}}",
                "{\"messages\":1}",
            })
    void refusesRulesThatItDoesNotUnderstand(String json) {
        assertThatThrownBy(() -> SignRules.parse(json)).isInstanceOf(InvalidEthereumData.class);
        assertThat(cluster.refusal("Keymoot.PutSignRules", body("\"Rules\":" + quoted(json)))
                        .type())
                .isEqualTo("ValidationException");
    }

    @Test
    void allowsTypedDataOfTheNamedChainsAndContracts() {
        rules("{\"typedData\":{\"chains\":[1],\"contracts\":[\"" + BRIDGE + "\"]}}");
        String data = "{\"types\":{\"A\":[{\"name\":\"x\",\"type\":\"uint8\"}]},\"primaryType\":\"A\",\"domain\":"
                + "{\"chainId\":%d,\"verifyingContract\":\"%s\"},\"message\":{\"x\":1}}";
        String kind = "\"Kind\":\"TYPED_DATA\",\"TypedData\":";
        sign(body(kind + quoted(data.formatted(1, BRIDGE))));
        assertThat(refusal(body(kind + quoted(data.formatted(2, BRIDGE))))).contains("chain 2");
        assertThat(refusal(body(kind + quoted(data.formatted(1, OTHER))))).contains(OTHER);
        assertThat(refusal(body(kind + quoted("{}")))).startsWith("ValidationException");
    }
}

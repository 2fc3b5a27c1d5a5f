package org.keymoot.access.ethereum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.keymoot.access.KeySpec;
import org.keymoot.access.TestKey;
import org.keymoot.crypto.ecdsa.EcdsaSignature;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.keccak.Keccak256;
import org.keymoot.crypto.spki.SubjectPublicKeyInfo;
import tools.jackson.databind.JsonNode;

class EthereumTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static final String ETHER = "de0b6b3a7640000";

    /// The public key that is also used by the example of EIP-155: the private key is 0x46 in every byte.
    private static final String EIP_155_SENDER = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F";

    @Test
    void signsTheExampleOfEip155() throws Exception {
        Transaction transaction = new Transaction(
                BigInteger.ONE,
                BigInteger.valueOf(9),
                new Transaction.Legacy(BigInteger.valueOf(20_000_000_000L)),
                BigInteger.valueOf(21000),
                Address.parse("0x3535353535353535353535353535353535353535"),
                new BigInteger(ETHER, 16),
                "",
                List.of());
        assertThat(Hex.of(transaction.encodeUnsigned()))
                .isEqualTo("0xec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a7640000"
                        + "80018080");
        assertThat(Hex.of(transaction.signingHash()))
                .isEqualTo("0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
        SignedTransaction signed = new SignedTransaction(
                transaction,
                new RecoverableSignature(
                        new BigInteger("28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276", 16),
                        new BigInteger("67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83", 16),
                        0));
        assertThat(signed.v()).isEqualTo(37);
        assertThat(Hex.of(signed.encode()))
                .isEqualTo("0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080"
                        + "25a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b"
                        + "3800ccf555c9f3dc64214b297fb1966a3b6d83");
        assertThat(signed.sender().checksummed()).isEqualTo(EIP_155_SENDER);
    }

    @Test
    void agreesWithAnotherLibraryAboutTransactionsOfEachType() throws Exception {
        for (JsonNode vector : Published.vectors("transactions")) {
            byte[] raw = Published.bytes(vector, "raw");
            SignedTransaction signed = SignedTransaction.decode(raw);
            assertThat(signed.encode()).isEqualTo(raw);
            assertThat(Hex.of(signed.hash())).isEqualTo(Published.text(vector, "hash"));
            assertThat(Hex.of(signed.transaction().signingHash())).isEqualTo(Published.text(vector, "signingHash"));
            assertThat(signed.sender().checksummed()).isEqualTo(Published.text(vector, "from"));
            byte[] unsigned = Published.bytes(vector, "unsigned");
            assertThat(Transaction.decodeUnsigned(unsigned)).isEqualTo(signed.transaction());
            assertThat(signed.transaction().encodeUnsigned()).isEqualTo(unsigned);
            RecoverableSignature signature = signed.signature();
            var field = Published.publicKey(vector).group().scalars();
            EcdsaSignature high = new EcdsaSignature(
                    field.of(signature.r()), field.of(signature.s()).negate());
            assertThat(RecoverableSignature.ofDer(
                            Published.publicKey(vector), signed.transaction().signingHash(), high.encodeDer()))
                    .as("the high s of the same signature leads to the same recoverable one")
                    .isEqualTo(signature);
        }
    }

    @Test
    void refusesEveryTransactionThatIsCutOrHasAByteTooMuch() throws Exception {
        for (JsonNode vector : Published.vectors("transactions").subList(0, 3)) {
            byte[] raw = Published.bytes(vector, "raw");
            for (int length = 0; length < raw.length; length++) {
                byte[] cut = Arrays.copyOf(raw, length);
                assertThatThrownBy(() -> SignedTransaction.decode(cut)).isInstanceOf(InvalidEthereumData.class);
            }
            byte[] longer = Arrays.copyOf(raw, raw.length + 1);
            assertThatThrownBy(() -> SignedTransaction.decode(longer)).isInstanceOf(InvalidEthereumData.class);
        }
    }

    @Test
    void readsAnyBytesEitherInOneCanonicalWayOrNotAtAll() throws Exception {
        Random random = new Random(3);
        List<JsonNode> vectors = Published.vectors("transactions");
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] raw = Published.bytes(vectors.get(random.nextInt(vectors.size())), "raw");
            for (int flips = 1 + random.nextInt(2); flips > 0; flips--) {
                raw[random.nextInt(raw.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                assertThat(SignedTransaction.decode(raw).encode()).isEqualTo(raw);
                read++;
            } catch (InvalidEthereumData expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            }
        }
        assertThat(read).as("changes of values that stay in form").isPositive();
    }

    @Test
    void refusesRlpThatIsNotInItsShortestForm() {
        for (String wrong : List.of(
                "8100",
                "817f",
                "b800",
                "b837" + "00".repeat(55),
                "b90038" + "00".repeat(56),
                "f800",
                "bfffffffffffffffff",
                "c18",
                "",
                "c1",
                "c281",
                "8000",
                "f9ffff",
                "ff8000000000000000",
                "c0".repeat(2))) {
            assertThatThrownBy(() -> Rlp.decode(Hex.bytes(wrong))).as(wrong).isInstanceOf(InvalidEthereumData.class);
        }
        byte[] deep = new byte[40];
        for (int i = 0; i < deep.length; i++) {
            deep[i] = (byte) (0xc0 + deep.length - 1 - i);
        }
        assertThatThrownBy(() -> Rlp.decode(deep)).hasMessageContaining("nested");
    }

    @Test
    void findsTheAddressesOfKeysWithTheirChecksums() throws Exception {
        for (JsonNode vector : Published.vectors("addresses")) {
            String expected = Published.text(vector, "address");
            Point key = Published.publicKey(vector);
            assertThat(Address.of(key).checksummed()).isEqualTo(expected);
            assertThat(Address.ofPublicKeyDer(SubjectPublicKeyInfo.encode(key)).checksummed())
                    .isEqualTo(expected);
            assertThat(Address.parse(expected).bytes()).hasSize(20);
        }
    }

    @Test
    void refusesAPublicKeyThatIsCut() throws Exception {
        byte[] der = SubjectPublicKeyInfo.encode(
                Published.publicKey(Published.vectors("addresses").getFirst()));
        assertThat(der).hasSize(88);
        for (int length = 0; length < der.length; length++) {
            byte[] cut = Arrays.copyOf(der, length);
            assertThatThrownBy(() -> Address.ofPublicKeyDer(cut)).isInstanceOf(InvalidEthereumData.class);
        }
        assertThatThrownBy(() -> Address.ofPublicKeyDer(SubjectPublicKeyInfo.encode(
                        TestKey.of(KeySpec.ECC_NIST_P256).point())))
                .hasMessageContaining("secp256k1");
    }

    @Test
    void refusesAnAddressWhoseChecksumIsWrong() throws Exception {
        // The examples of EIP-55.
        for (String right : List.of(
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
                "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
                "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb")) {
            assertThat(Address.parse(right).checksummed()).isEqualTo(right);
            String wrong = right.substring(0, 41) + (Character.isUpperCase(right.charAt(41)) ? 'b' : 'A');
            assertThatThrownBy(() -> Address.parse(wrong)).isInstanceOf(InvalidEthereumData.class);
        }
        assertThatThrownBy(() -> Address.parse("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"))
                .isInstanceOf(InvalidEthereumData.class);
    }

    @Test
    void hashesPersonalMessagesAsOthersDo() throws Exception {
        for (JsonNode vector : Published.vectors("messages")) {
            assertThat(Hex.of(PersonalMessage.digest(Published.bytes(vector, "message"))))
                    .isEqualTo(Published.text(vector, "digest"));
        }
    }

    @Test
    void computesAttestationsAsTheBridgesContractDoes() throws Exception {
        for (JsonNode vector : Published.vectors("attestations")) {
            long domain = vector.required("domain").longValue();
            Attestation update = new Attestation.Update(
                    domain,
                    Published.text(vector, "previous").substring(2),
                    Published.text(vector, "next").substring(2));
            Attestation failure = new Attestation.Failure(
                    domain, Published.text(vector, "updater").substring(2));
            assertThat(Hex.of(update.digest())).isEqualTo(Published.text(vector, "update"));
            assertThat(Hex.of(failure.digest())).isEqualTo(Published.text(vector, "failure"));
        }
    }

    @Test
    void signsTheExampleOfEip712() throws Exception {
        TypedData mail = TypedData.of(Published.vectors("typed").getFirst().required("data"));
        assertThat(mail.encodeType("Mail"))
                .isEqualTo("Mail(Person from,Person to,string contents)Person(string name,address wallet)");
        assertThat(Hex.of(mail.domainSeparator()))
                .isEqualTo("0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
        assertThat(Hex.of(mail.digest()))
                .isEqualTo("0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
        RecoverableSignature signature =
                RecoverableSignature.decode(Hex.bytes("4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d"
                        + "07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562" + "1c"));
        assertThat(signature.signer(mail.digest()).checksummed())
                .isEqualTo("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826");
        assertThat(HexFormat.of().formatHex(signature.encode())).endsWith("1c");
    }

    @Test
    void hashesTypedDataAsOthersDo() throws Exception {
        for (JsonNode vector : Published.vectors("typed")) {
            TypedData data = TypedData.of(vector.required("data"));
            assertThat(Hex.of(data.digest())).isEqualTo(Published.text(vector, "digest"));
            assertThat(Hex.of(data.domainSeparator())).isEqualTo(Published.text(vector, "domainSeparator"));
        }
    }

    @Test
    void refusesTypedDataOfWhichAPartWouldNotBeSigned() {
        String types = "\"types\":{\"A\":[{\"name\":\"x\",\"type\":\"%s\"}]},\"primaryType\":\"A\",\"domain\":{%s}";
        for (String wrong : List.of(
                types.formatted("uint8", "") + ",\"message\":{\"x\":1,\"y\":2}",
                types.formatted("uint8", "\"colour\":1") + ",\"message\":{\"x\":1}",
                types.formatted("uint8", "") + ",\"message\":{}",
                types.formatted("uint8", "") + ",\"message\":{\"x\":256}",
                types.formatted("uint8", "") + ",\"message\":{\"x\":\"-1\"}",
                types.formatted("int8", "") + ",\"message\":{\"x\":128}",
                types.formatted("uint8", "") + ",\"message\":{\"x\":1.5}",
                types.formatted("uint7", "") + ",\"message\":{\"x\":1}",
                types.formatted("bytes33", "") + ",\"message\":{\"x\":\"0x\"}",
                types.formatted("bytes2", "") + ",\"message\":{\"x\":\"0x01\"}",
                types.formatted("uint8[2]", "") + ",\"message\":{\"x\":[1]}",
                types.formatted("B", "") + ",\"message\":{\"x\":{}}",
                types.formatted("bool", "") + ",\"message\":{\"x\":1}",
                types.formatted("address", "") + ",\"message\":{\"x\":\"0x01\"}",
                types.formatted("uint8", "").replace("\"primaryType\":\"A\"", "\"primaryType\":\"C\"")
                        + ",\"message\":{\"x\":1}")) {
            assertThatThrownBy(() -> TypedData.parse(("{" + wrong + "}").getBytes(StandardCharsets.UTF_8))
                            .digest())
                    .as(wrong)
                    .isInstanceOf(InvalidEthereumData.class);
        }
    }

    @Test
    void hashesArraysOfManyDimensionsFromTheInside() throws Exception {
        String data = "{\"types\":{\"A\":[{\"name\":\"x\",\"type\":\"uint8%s\"}]},\"primaryType\":\"A\",\"domain\":{},"
                + "\"message\":{\"x\":%s}}";
        byte[] one = new byte[32];
        one[31] = 1;
        byte[] inner = Keccak256.hash(one, one, one);
        byte[] type = Keccak256.hash("A(uint8[3][] x)".getBytes(StandardCharsets.UTF_8));
        byte[] separator = Keccak256.hash(Keccak256.hash("EIP712Domain()".getBytes(StandardCharsets.UTF_8)));
        assertThat(parse(data.formatted("[3][]", "[[1,1,1],[1,1,1]]")).digest())
                .isEqualTo(Keccak256.hash(
                        new byte[] {0x19, 1}, separator, Keccak256.hash(type, Keccak256.hash(inner, inner))));
        for (String wrong : List.of("[0]", "[01]", "[-1]", "[1000000]", "[x]", "]", "[1]]", "[[1]", "[1")) {
            assertThatThrownBy(() -> parse(data.formatted(wrong, "[1]")).digest())
                    .as(wrong)
                    .isInstanceOf(InvalidEthereumData.class);
        }
        String deepest = "[".repeat(24) + "1" + "]".repeat(24);
        assertThat(parse(data.formatted("[]".repeat(24), deepest)).digest()).hasSize(32);
        assertThatThrownBy(() -> parse(data.formatted("[]".repeat(25), "[" + deepest + "]")))
                .hasMessageContaining("24 dimensions");
    }

    @Test
    void takesTypedDataApartInTimeThatGrowsWithItsLengthOnly() throws Exception {
        String types = "{\"types\":{%s},\"primaryType\":\"P\",\"domain\":{},\"message\":{\"e\":[%s]}}";
        String list = "\"P\":[{\"name\":\"e\",\"type\":\"E[]\"}]";
        String element = "{\"x\":[]},".repeat(9_999) + "{\"x\":[]}";
        String dimensions = list + ",\"E\":[{\"name\":\"x\",\"type\":\"uint8" + "[]".repeat(50_000) + "\"}]";
        assertQuicklyRefused(types.formatted(dimensions, element), "256 characters");

        StringBuilder chain = new StringBuilder(list.replace("E[]", "E0"));
        for (int i = 0; i < 5_000; i++) {
            chain.append(",\"E%d\":[{\"name\":\"e\",\"type\":\"E%d\"}]".formatted(i, i + 1));
        }
        assertQuicklyRefused(types.formatted(chain, ""), "at most 64 types");

        StringBuilder wide = new StringBuilder(list).append(",\"E\":[{\"name\":\"x\",\"type\":\"F[]\"}],\"F\":[");
        for (int i = 0; i < 2_000; i++) {
            wide.append(i == 0 ? "" : ",").append("{\"name\":\"m%d\",\"type\":\"uint8\"}".formatted(i));
        }
        String largest = types.formatted(wide.append(']'), element);
        assertThat(Assertions.assertTimeoutPreemptively(
                        LIMIT, () -> parse(largest).digest()))
                .as("the long declaration is hashed once and not for each element")
                .hasSize(32);
        StringBuilder more = new StringBuilder(list);
        for (int i = 0; i < 60; i++) {
            more.append(",\"").append("S".repeat(100)).append(i).append("\":[");
            for (int j = 0; j < 10; j++) {
                more.append(j == 0 ? "" : ",").append("{\"name\":\"").append("x".repeat(120));
                more.append(j).append("\",\"type\":\"uint8\"}");
            }
            more.append(']');
        }
        assertQuicklyRefused(types.formatted(more, ""), "65536 characters");
    }

    private static void assertQuicklyRefused(String json, String why) {
        assertThat(json.length()).isLessThan(262_144);
        Assertions.assertTimeoutPreemptively(
                LIMIT,
                () -> assertThatThrownBy(() -> parse(json).digest())
                        .isInstanceOf(InvalidEthereumData.class)
                        .hasMessageContaining(why));
    }

    private static TypedData parse(String json) throws InvalidEthereumData {
        return TypedData.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void keepsQuantitiesThatNoChainAcceptsOutOfTransactions() throws Exception {
        Address to = Address.parse("0x3535353535353535353535353535353535353535");
        var fee = new Transaction.Dynamic(BigInteger.TWO, BigInteger.ONE);
        assertThatThrownBy(() -> new Transaction(
                        BigInteger.ONE, BigInteger.ZERO, fee, BigInteger.TEN, to, BigInteger.ZERO, "", List.of()))
                .hasMessageContaining("at most maxFeePerGas");
        assertThatThrownBy(() -> new Transaction(
                        null,
                        BigInteger.ZERO,
                        new Transaction.Listed(BigInteger.ONE),
                        BigInteger.TEN,
                        to,
                        BigInteger.ZERO,
                        "",
                        List.of()))
                .hasMessageContaining("names its chain");
    }
}

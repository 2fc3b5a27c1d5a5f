package org.keymoot.access.ethereum;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.crypto.keccak.Keccak256;
import tools.jackson.databind.JsonNode;

/// Typed structured data (EIP-712), in the JSON form of `eth_signTypedData_v4`.
///
/// It keeps true: every member of the message and the domain enters the digest. A member that no type names would be
/// shown and not signed, so it is refused, as is a missing one.
public final class TypedData {
    private static final String DOMAIN = "EIP712Domain";
    private static final Pattern NAME = Pattern.compile("[a-zA-Z_$][a-zA-Z0-9_$]{0,127}");
    private static final Pattern ARRAY = Pattern.compile("(.+)\\[([1-9][0-9]{0,5})?]");
    private static final Pattern INTEGER = Pattern.compile("(u?)int([0-9]{1,3})");
    private static final Pattern FIXED_BYTES = Pattern.compile("bytes([1-9][0-9]?)");
    private static final byte[] PREFIX = {0x19, 0x01};

    /// The fields of a domain in the order of the standard, for data that does not declare them.
    private static final Map<String, String> DOMAIN_FIELDS = new LinkedHashMap<>();

    static {
        DOMAIN_FIELDS.put("name", "string");
        DOMAIN_FIELDS.put("version", "string");
        DOMAIN_FIELDS.put("chainId", "uint256");
        DOMAIN_FIELDS.put("verifyingContract", "address");
        DOMAIN_FIELDS.put("salt", "bytes32");
    }

    private final Map<String, List<Member>> structs;
    private final String primaryType;
    private final JsonNode domain;
    private final JsonNode message;

    private TypedData(Map<String, List<Member>> structs, String primaryType, JsonNode domain, JsonNode message) {
        this.structs = structs;
        this.primaryType = primaryType;
        this.domain = domain;
        this.message = message;
    }

    private record Member(String type, String name) {}

    /// Reads the members `types`, `primaryType`, `domain` and `message`.
    public static TypedData parse(byte[] json) throws InvalidEthereumData {
        try {
            return of(JsonReader.read(json));
        } catch (InvalidJsonException e) {
            throw new InvalidEthereumData("expected typed data as JSON: " + e.getMessage());
        }
    }

    public static TypedData of(JsonNode node) throws InvalidEthereumData {
        JsonNode types = node.get("types");
        JsonNode primary = node.get("primaryType");
        JsonNode domain = node.get("domain");
        JsonNode message = node.get("message");
        if (types == null
                || !types.isObject()
                || primary == null
                || !primary.isString()
                || domain == null
                || !domain.isObject()
                || message == null
                || !message.isObject()) {
            throw new InvalidEthereumData(
                    "expected typed data with the members types, primaryType, domain and message");
        }
        Map<String, List<Member>> structs = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> type : types.properties()) {
            structs.put(structName(type.getKey()), members(type.getKey(), type.getValue()));
        }
        if (!structs.containsKey(DOMAIN)) {
            structs.put(DOMAIN, domainMembers(domain));
        }
        if (!structs.containsKey(primary.stringValue())) {
            throw new InvalidEthereumData("expected primaryType to be one of " + structs.keySet() + " but found '"
                    + primary.stringValue() + "'");
        }
        return new TypedData(structs, primary.stringValue(), domain, message);
    }

    private static String structName(String name) throws InvalidEthereumData {
        if (!NAME.matcher(name).matches() || isAtomic(name)) {
            throw new InvalidEthereumData("expected the name of a struct but found '" + name + "'");
        }
        return name;
    }

    private static List<Member> members(String struct, JsonNode list) throws InvalidEthereumData {
        List<Member> members = new ArrayList<>();
        if (!list.isArray()) {
            throw new InvalidEthereumData("expected a list of members for the type " + struct);
        }
        for (JsonNode element : list) {
            JsonNode name = element.get("name");
            JsonNode type = element.get("type");
            if (name == null
                    || type == null
                    || !type.isString()
                    || !name.isString()
                    || !NAME.matcher(name.stringValue()).matches()) {
                throw new InvalidEthereumData("expected name and type of each member of " + struct);
            }
            if (members.stream().anyMatch(member -> member.name().equals(name.stringValue()))) {
                throw new InvalidEthereumData(
                        "expected each member of " + struct + " once but found " + name.stringValue() + " twice");
            }
            members.add(new Member(type.stringValue(), name.stringValue()));
        }
        return members;
    }

    private static List<Member> domainMembers(JsonNode domain) {
        List<Member> members = new ArrayList<>();
        DOMAIN_FIELDS.forEach((name, type) -> {
            if (domain.has(name)) {
                members.add(new Member(type, name));
            }
        });
        return members;
    }

    public String primaryType() {
        return primaryType;
    }

    /// The chain that the domain names; null when it names none.
    public @Nullable BigInteger chainId() throws InvalidEthereumData {
        JsonNode chain = domain.get("chainId");
        return chain == null ? null : integer(chain, "chainId");
    }

    /// The contract that the domain names; null when it names none.
    public @Nullable Address verifyingContract() throws InvalidEthereumData {
        JsonNode contract = domain.get("verifyingContract");
        return contract == null || !contract.isString() ? null : Address.parse(contract.stringValue());
    }

    /// The 32 bytes that are signed: keccak256(0x19 ‖ 0x01 ‖ domainSeparator ‖ hashStruct(message)).
    public byte[] digest() throws InvalidEthereumData {
        byte[] separator = hashStruct(DOMAIN, domain, "domain");
        if (primaryType.equals(DOMAIN)) {
            return Keccak256.hash(PREFIX, separator);
        }
        return Keccak256.hash(PREFIX, separator, hashStruct(primaryType, message, "message"));
    }

    /// The hash of the domain.
    public byte[] domainSeparator() throws InvalidEthereumData {
        return hashStruct(DOMAIN, domain, "domain");
    }

    /// The text of a struct's type with those that it refers to, such as `Mail(Person from)Person(string name)`.
    String encodeType(String struct) throws InvalidEthereumData {
        TreeSet<String> referred = new TreeSet<>();
        collect(struct, referred);
        referred.remove(struct);
        StringBuilder out = new StringBuilder(declaration(struct));
        for (String other : referred) {
            out.append(declaration(other));
        }
        return out.toString();
    }

    private void collect(String struct, Set<String> found) throws InvalidEthereumData {
        if (!found.add(struct)) {
            return;
        }
        for (Member member : membersOf(struct)) {
            String element = element(member.type());
            if (structs.containsKey(element)) {
                collect(element, found);
            } else if (!isAtomic(element)) {
                throw new InvalidEthereumData(
                        "expected a type of " + struct + "." + member.name() + " but found '" + member.type() + "'");
            }
        }
    }

    private String declaration(String struct) {
        StringBuilder out = new StringBuilder(struct).append('(');
        String separator = "";
        for (Member member : membersOf(struct)) {
            out.append(separator).append(member.type()).append(' ').append(member.name());
            separator = ",";
        }
        return out.append(')').toString();
    }

    private List<Member> membersOf(String struct) {
        return java.util.Objects.requireNonNull(structs.get(struct), struct);
    }

    private static String element(String type) {
        String element = type;
        Matcher array = ARRAY.matcher(element);
        while (array.matches()) {
            element = array.group(1);
            array = ARRAY.matcher(element);
        }
        return element;
    }

    private byte[] hashStruct(String struct, JsonNode value, String path) throws InvalidEthereumData {
        if (!value.isObject()) {
            throw new InvalidEthereumData("expected an object of type " + struct + " at " + path);
        }
        List<Member> members = membersOf(struct);
        List<byte[]> parts = new ArrayList<>();
        parts.add(Keccak256.hash(encodeType(struct).getBytes(StandardCharsets.UTF_8)));
        for (Member member : members) {
            String where = path + "." + member.name();
            JsonNode part = value.get(member.name());
            if (part == null || part.isNull()) {
                throw new InvalidEthereumData("expected " + member.type() + " at " + where + " but found nothing");
            }
            parts.add(encode(member.type(), part, where));
        }
        for (Map.Entry<String, JsonNode> given : value.properties()) {
            if (members.stream().noneMatch(member -> member.name().equals(given.getKey()))) {
                throw new InvalidEthereumData("expected only members that " + struct + " declares at " + path
                        + " but found '" + given.getKey() + "', which would be shown and not signed");
            }
        }
        return Keccak256.hash(parts.toArray(byte[][]::new));
    }

    /// 32 bytes that stand for a value inside its struct.
    private byte[] encode(String type, JsonNode value, String path) throws InvalidEthereumData {
        Matcher array = ARRAY.matcher(type);
        if (array.matches()) {
            return encodeArray(array.group(1), array.group(2), value, path);
        }
        if (structs.containsKey(type)) {
            return hashStruct(type, value, path);
        }
        return switch (type) {
            case "string" -> Keccak256.hash(text(value, path).getBytes(StandardCharsets.UTF_8));
            case "bytes" -> Keccak256.hash(hex(value, path));
            case "bool" -> {
                if (!value.isBoolean()) {
                    throw new InvalidEthereumData("expected true or false at " + path);
                }
                yield word(value.booleanValue() ? BigInteger.ONE : BigInteger.ZERO);
            }
            case "address" ->
                word(new BigInteger(1, Address.parse(text(value, path)).bytes()));
            default -> encodeSized(type, value, path);
        };
    }

    private byte[] encodeArray(String element, @Nullable String count, JsonNode value, String path)
            throws InvalidEthereumData {
        if (!value.isArray() || (count != null && value.size() != Integer.parseInt(count))) {
            throw new InvalidEthereumData("expected a list" + (count == null ? "" : " of " + count) + " at " + path);
        }
        byte[][] parts = new byte[value.size()][];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = encode(element, value.get(i), path + "[" + i + "]");
        }
        return Keccak256.hash(parts);
    }

    private static byte[] encodeSized(String type, JsonNode value, String path) throws InvalidEthereumData {
        Matcher integer = INTEGER.matcher(type);
        if (integer.matches() && isAtomic(type)) {
            int bits = Integer.parseInt(integer.group(2));
            boolean signed = integer.group(1).isEmpty();
            BigInteger number = integer(value, path);
            boolean fits = signed ? number.bitLength() < bits : number.signum() >= 0 && number.bitLength() <= bits;
            if (!fits) {
                throw new InvalidEthereumData("expected a number in the range of " + type + " at " + path);
            }
            return word(number);
        }
        Matcher fixed = FIXED_BYTES.matcher(type);
        if (fixed.matches() && isAtomic(type)) {
            byte[] bytes = hex(value, path);
            if (bytes.length != Integer.parseInt(fixed.group(1))) {
                throw new InvalidEthereumData(
                        "expected " + type + " at " + path + " but found " + bytes.length + " bytes");
            }
            return java.util.Arrays.copyOf(bytes, 32);
        }
        throw new InvalidEthereumData("expected a known type at " + path + " but found '" + type + "'");
    }

    private static boolean isAtomic(String type) {
        Matcher integer = INTEGER.matcher(type);
        if (integer.matches()) {
            int bits = Integer.parseInt(integer.group(2));
            return bits >= 8
                    && bits <= 256
                    && bits % 8 == 0
                    && !integer.group(2).startsWith("0");
        }
        Matcher fixed = FIXED_BYTES.matcher(type);
        if (fixed.matches()) {
            return Integer.parseInt(fixed.group(1)) <= 32;
        }
        return switch (type) {
            case "string", "bytes", "bool", "address" -> true;
            default -> false;
        };
    }

    private static String text(JsonNode value, String path) throws InvalidEthereumData {
        if (!value.isString()) {
            throw new InvalidEthereumData("expected a string at " + path);
        }
        return value.stringValue();
    }

    private static byte[] hex(JsonNode value, String path) throws InvalidEthereumData {
        String text = text(value, path);
        if (!text.startsWith("0x")) {
            throw new InvalidEthereumData("expected hexadecimal digits after 0x at " + path);
        }
        return Hex.bytes(text);
    }

    private static BigInteger integer(JsonNode value, String path) throws InvalidEthereumData {
        if (value.isIntegralNumber()) {
            return value.bigIntegerValue();
        }
        if (!value.isString()) {
            throw new InvalidEthereumData("expected a whole number at " + path);
        }
        String text = value.stringValue();
        return text.startsWith("-") ? Hex.quantity(text.substring(1)).negate() : Hex.quantity(text);
    }

    /// Two's complement in 32 bytes.
    private static byte[] word(BigInteger number) {
        byte[] bytes = number.toByteArray();
        byte[] word = new byte[32];
        if (number.signum() < 0) {
            java.util.Arrays.fill(word, (byte) 0xff);
        }
        int length = Math.min(bytes.length, 32);
        System.arraycopy(bytes, bytes.length - length, word, 32 - length, length);
        return word;
    }
}

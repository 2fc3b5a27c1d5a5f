package org.keymoot.access.ethereum;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
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
/// shown and not signed, so it is refused, as is a missing one. The work that a digest costs grows with the length of
/// the text and with no power of it: whoever may sign may not keep a party busy.
public final class TypedData {
    private static final String DOMAIN = "EIP712Domain";
    private static final Pattern NAME = Pattern.compile("[a-zA-Z_$][a-zA-Z0-9_$]{0,127}");
    private static final Pattern INTEGER = Pattern.compile("(u?)int([0-9]{1,3})");
    private static final Pattern FIXED_BYTES = Pattern.compile("bytes([1-9][0-9]?)");
    private static final byte[] PREFIX = {0x19, 0x01};

    /// Structs that one text may declare.
    static final int MAXIMUM_STRUCTS = 64;

    /// Characters of all declarations together.
    static final int MAXIMUM_DECLARATIONS = 65_536;

    /// Characters of one member's type.
    static final int MAXIMUM_TYPE = 256;

    /// Dimensions of an array; trees of orders that are signed together have up to 24.
    static final int MAXIMUM_DIMENSIONS = 24;

    private static final int ANY_COUNT = -1;
    private static final int MAXIMUM_COUNT = 999_999;

    /// The fields of a domain in the order of the standard, for data that does not declare them.
    private static final Map<String, String> DOMAIN_FIELDS = new LinkedHashMap<>();

    static {
        DOMAIN_FIELDS.put("name", "string");
        DOMAIN_FIELDS.put("version", "string");
        DOMAIN_FIELDS.put("chainId", "uint256");
        DOMAIN_FIELDS.put("verifyingContract", "address");
        DOMAIN_FIELDS.put("salt", "bytes32");
    }

    /// The types of each struct's members, by their names and in their order.
    private final Map<String, Map<String, Type>> structs;

    private final String primaryType;
    private final JsonNode domain;
    private final JsonNode message;

    /// The hashes of the structs' declarations, of those that were asked for.
    private final Map<String, byte[]> typeHashes = new ConcurrentHashMap<>();

    private TypedData(Map<String, Map<String, Type>> structs, String primaryType, JsonNode domain, JsonNode message) {
        this.structs = structs;
        this.primaryType = primaryType;
        this.domain = domain;
        this.message = message;
    }

    /// A type, taken apart.
    ///
    /// @param text as it is declared, such as `Person[2][]`
    /// @param element what the innermost array holds, such as `Person`
    /// @param counts of the dimensions, the innermost first; [#ANY_COUNT] where the type leaves it open
    private record Type(String text, String element, List<Integer> counts) {
        static Type of(String text) throws InvalidEthereumData {
            if (text.length() > MAXIMUM_TYPE) {
                throw new InvalidEthereumData(
                        "expected types of at most " + MAXIMUM_TYPE + " characters but found " + text.length());
            }
            List<Integer> counts = new ArrayList<>();
            int end = text.length();
            while (end > 0 && text.charAt(end - 1) == ']') {
                int open = text.lastIndexOf('[', end - 1);
                if (open < 1 || counts.size() == MAXIMUM_DIMENSIONS) {
                    throw new InvalidEthereumData("expected a type of at most " + MAXIMUM_DIMENSIONS
                            + " dimensions but found '" + text + "'");
                }
                counts.addFirst(count(text, text.substring(open + 1, end - 1)));
                end = open;
            }
            return new Type(text, text.substring(0, end), List.copyOf(counts));
        }

        private static int count(String type, String digits) throws InvalidEthereumData {
            if (digits.isEmpty()) {
                return ANY_COUNT;
            }
            boolean number = digits.length() <= 6 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
            if (!number || digits.charAt(0) == '0') {
                throw new InvalidEthereumData(
                        "expected counts from 1 to " + MAXIMUM_COUNT + " in the type '" + type + "'");
            }
            return Integer.parseInt(digits);
        }
    }

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
        if (types.size() > MAXIMUM_STRUCTS) {
            throw new InvalidEthereumData("expected at most " + MAXIMUM_STRUCTS + " types but found " + types.size());
        }
        Map<String, Map<String, Type>> structs = new LinkedHashMap<>();
        int length = 0;
        for (Map.Entry<String, JsonNode> type : types.properties()) {
            String struct = structName(type.getKey());
            structs.put(struct, members(struct, type.getValue()));
            length += declaration(struct, structs.get(struct)).length();
        }
        if (length > MAXIMUM_DECLARATIONS) {
            throw new InvalidEthereumData(
                    "expected types of at most " + MAXIMUM_DECLARATIONS + " characters but found " + length);
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

    private static Map<String, Type> members(String struct, JsonNode list) throws InvalidEthereumData {
        Map<String, Type> members = new LinkedHashMap<>();
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
            if (members.put(name.stringValue(), Type.of(type.stringValue())) != null) {
                throw new InvalidEthereumData(
                        "expected each member of " + struct + " once but found " + name.stringValue() + " twice");
            }
        }
        return members;
    }

    private static Map<String, Type> domainMembers(JsonNode domain) throws InvalidEthereumData {
        Map<String, Type> members = new LinkedHashMap<>();
        for (Map.Entry<String, String> field : DOMAIN_FIELDS.entrySet()) {
            if (domain.has(field.getKey())) {
                members.put(field.getKey(), Type.of(field.getValue()));
            }
        }
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
        StringBuilder out = new StringBuilder(declaration(struct, membersOf(struct)));
        for (String other : referred) {
            out.append(declaration(other, membersOf(other)));
        }
        return out.toString();
    }

    private void collect(String struct, Set<String> found) throws InvalidEthereumData {
        if (!found.add(struct)) {
            return;
        }
        for (Map.Entry<String, Type> member : membersOf(struct).entrySet()) {
            String element = member.getValue().element();
            if (structs.containsKey(element)) {
                collect(element, found);
            } else if (!isAtomic(element)) {
                throw new InvalidEthereumData("expected a type of " + struct + "." + member.getKey() + " but found '"
                        + member.getValue().text() + "'");
            }
        }
    }

    private static String declaration(String struct, Map<String, Type> members) {
        StringBuilder out = new StringBuilder(struct).append('(');
        String separator = "";
        for (Map.Entry<String, Type> member : members.entrySet()) {
            out.append(separator).append(member.getValue().text()).append(' ').append(member.getKey());
            separator = ",";
        }
        return out.append(')').toString();
    }

    private Map<String, Type> membersOf(String struct) {
        return Objects.requireNonNull(structs.get(struct), struct);
    }

    /// The same for every value of a struct, so it is computed once and not for each element of an array.
    private byte[] typeHash(String struct) throws InvalidEthereumData {
        byte[] hash = typeHashes.get(struct);
        if (hash == null) {
            hash = Keccak256.hash(encodeType(struct).getBytes(StandardCharsets.UTF_8));
            typeHashes.put(struct, hash);
        }
        return hash;
    }

    private byte[] hashStruct(String struct, JsonNode value, String path) throws InvalidEthereumData {
        if (!value.isObject()) {
            throw new InvalidEthereumData("expected an object of type " + struct + " at " + path);
        }
        Map<String, Type> members = membersOf(struct);
        List<byte[]> parts = new ArrayList<>();
        parts.add(typeHash(struct));
        for (Map.Entry<String, Type> member : members.entrySet()) {
            Type type = member.getValue();
            String where = path + "." + member.getKey();
            JsonNode part = value.get(member.getKey());
            if (part == null || part.isNull()) {
                throw new InvalidEthereumData("expected " + type.text() + " at " + where + " but found nothing");
            }
            parts.add(encode(type, type.counts().size(), part, where));
        }
        for (String given : value.propertyNames()) {
            if (!members.containsKey(given)) {
                throw new InvalidEthereumData("expected only members that " + struct + " declares at " + path
                        + " but found '" + given + "', which would be shown and not signed");
            }
        }
        return Keccak256.hash(parts.toArray(byte[][]::new));
    }

    /// 32 bytes that stand for a value inside its struct.
    ///
    /// @param dimensions of the type that are still to be entered
    private byte[] encode(Type type, int dimensions, JsonNode value, String path) throws InvalidEthereumData {
        if (dimensions > 0) {
            return encodeArray(type, dimensions - 1, value, path);
        }
        String element = type.element();
        if (structs.containsKey(element)) {
            return hashStruct(element, value, path);
        }
        return switch (element) {
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
            default -> encodeSized(element, value, path);
        };
    }

    private byte[] encodeArray(Type type, int inner, JsonNode value, String path) throws InvalidEthereumData {
        int count = type.counts().get(inner);
        if (!value.isArray() || (count != ANY_COUNT && value.size() != count)) {
            throw new InvalidEthereumData(
                    "expected a list" + (count == ANY_COUNT ? "" : " of " + count) + " at " + path);
        }
        byte[][] parts = new byte[value.size()][];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = encode(type, inner, value.get(i), path + "[" + i + "]");
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

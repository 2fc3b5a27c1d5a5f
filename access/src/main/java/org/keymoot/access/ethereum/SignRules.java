package org.keymoot.access.ethereum;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// What a key may sign, beyond who may use it.
///
/// It keeps true: a kind of payload that the rules do not mention is refused, and so is a member that this software
/// does not know, because a rule that is not understood cannot be kept.
///
/// @param transactions null when the key signs none
/// @param attestations null when the key signs none
/// @param typedData null when the key signs none
/// @param messages whether the key signs personal messages, but not those of 32 bytes
/// @param digests whether `Sign` may be given a bare digest, and a message have 32 bytes, which goes round all other
///     rules but the rate
/// @param rate null when there is no limit
public record SignRules(
        @Nullable Transactions transactions,
        @Nullable Attestations attestations,
        @Nullable TypedDomains typedData,
        boolean messages,
        boolean digests,
        @Nullable Rate rate) {
    /// Longest text of rules, in characters.
    public static final int MAXIMUM_LENGTH = 32_768;

    private static final int HASH = 32;
    private static final int MAXIMUM_RATE_COUNT = 1_000_000;
    private static final int MAXIMUM_RATE_SECONDS = 31 * 86_400;

    /// @param chains that transactions may be for
    /// @param recipients empty for any
    /// @param selectors first four bytes of the data, `0x` for none; empty for any
    /// @param maxValue most that one transaction may pay; null for any
    /// @param maxFee most that gas may cost in one transaction; null for any
    /// @param contracts whether contracts may be made
    /// @param feeBumps whether a transaction may be signed again with another fee and gas limit
    /// @param lease whether the caller has to hold the key's nonce lease
    public record Transactions(
            Set<BigInteger> chains,
            Set<Address> recipients,
            Set<String> selectors,
            @Nullable BigInteger maxValue,
            @Nullable BigInteger maxFee,
            boolean contracts,
            boolean feeBumps,
            boolean lease) {}

    /// @param homeDomains that may be attested for
    /// @param updates whether updates may be signed, one for each previous root
    /// @param failures whether failures may be signed
    public record Attestations(Set<Long> homeDomains, boolean updates, boolean failures) {}

    /// @param chains that a domain may name; a domain without a chain is refused
    /// @param contracts that a domain may name; empty for any
    public record TypedDomains(Set<BigInteger> chains, Set<Address> contracts) {}

    /// At most `count` different payloads in any span of `seconds`, with room for twice that at first.
    public record Rate(int count, int seconds) {
        /// Milliseconds of the span that one payload uses up.
        public long interval() {
            return Math.max(1, seconds * 1000L / count);
        }
    }

    /// Why the rules refuse a payload; null when they do not. The message completes "the rules of the key".
    public @Nullable String refusal(SignPayload payload) throws InvalidEthereumData {
        return switch (payload) {
            case SignPayload.OfTransaction wanted ->
                transactions == null ? "allow no transactions" : refusal(transactions, wanted.transaction());
            case SignPayload.OfAttestation wanted ->
                attestations == null ? "allow no attestations" : refusal(attestations, wanted.attestation());
            case SignPayload.OfMessage wanted -> refusal(wanted);
            case SignPayload.OfTypedData wanted ->
                typedData == null ? "allow no typed data" : refusal(typedData, wanted.data());
        };
    }

    /// Attestations are personal messages of 32 bytes, a hash. As a message one would get round the watermark that lets
    /// a previous root have one new root.
    private @Nullable String refusal(SignPayload.OfMessage message) {
        if (!messages) {
            return "allow no personal messages";
        }
        return message.length() == HASH && !digests
                ? "allow no personal message of 32 bytes, which may be the hash of an attestation: sign that as UPDATE or"
                        + " FAILURE"
                : null;
    }

    private static @Nullable String refusal(Transactions rules, Transaction transaction) {
        BigInteger chain = transaction.chainId();
        if (chain == null || !rules.chains().contains(chain)) {
            return "do not allow the chain " + (chain == null ? "that is left open" : chain);
        }
        Address to = transaction.to();
        if (to == null && !rules.contracts()) {
            return "do not allow contracts to be made";
        }
        if (to != null && !rules.recipients().isEmpty() && !rules.recipients().contains(to)) {
            return "do not allow the recipient " + to;
        }
        if (to != null && !rules.selectors().isEmpty()) {
            boolean plain = transaction.data().isEmpty();
            String selector = transaction.selector();
            if (plain
                    ? !rules.selectors().contains("")
                    : selector.isEmpty() || !rules.selectors().contains(selector)) {
                return "do not allow the method 0x" + selector;
            }
        }
        if (rules.maxValue() != null && transaction.value().compareTo(rules.maxValue()) > 0) {
            return "allow a value of at most %s wei, not %s".formatted(rules.maxValue(), transaction.value());
        }
        BigInteger fee = transaction.mostSpent().subtract(transaction.value());
        if (rules.maxFee() != null && fee.compareTo(rules.maxFee()) > 0) {
            return "allow gas for at most %s wei, not %s".formatted(rules.maxFee(), fee);
        }
        return null;
    }

    private static @Nullable String refusal(Attestations rules, Attestation attestation) {
        if (!rules.homeDomains().contains(attestation.homeDomain())) {
            return "do not allow the home domain " + attestation.homeDomain();
        }
        return switch (attestation) {
            case Attestation.Update update -> rules.updates() ? null : "allow no updates";
            case Attestation.Failure failure -> rules.failures() ? null : "allow no attestations of failures";
        };
    }

    private static @Nullable String refusal(TypedDomains rules, TypedData data) throws InvalidEthereumData {
        BigInteger chain = data.chainId();
        if (chain == null || !rules.chains().contains(chain)) {
            return "do not allow the chain " + (chain == null ? "that is left open" : chain);
        }
        Address contract = data.verifyingContract();
        if (!rules.contracts().isEmpty()
                && (contract == null || !rules.contracts().contains(contract))) {
            return "do not allow the contract " + (contract == null ? "that is left open" : contract);
        }
        return null;
    }

    /// Reads rules in their JSON form, which docs/guide/ethereum.md describes.
    public static SignRules parse(String json) throws InvalidEthereumData {
        if (json.length() > MAXIMUM_LENGTH) {
            throw new InvalidEthereumData("expected rules of at most " + MAXIMUM_LENGTH + " characters");
        }
        JsonNode node;
        try {
            node = JsonReader.read(json);
        } catch (InvalidJsonException e) {
            throw new InvalidEthereumData("expected rules as JSON: " + e.getMessage());
        }
        only(node, "the rules", "transactions", "attestations", "typedData", "messages", "digests", "rate");
        return new SignRules(
                transactions(node.get("transactions")),
                attestations(node.get("attestations")),
                typedDomains(node.get("typedData")),
                flag(node, "messages", false),
                flag(node, "digests", false),
                rate(node.get("rate")));
    }

    private static @Nullable Transactions transactions(@Nullable JsonNode node) throws InvalidEthereumData {
        if (node == null) {
            return null;
        }
        only(
                node,
                "transactions",
                "chains",
                "recipients",
                "selectors",
                "maxValue",
                "maxFee",
                "contracts",
                "feeBumps",
                "lease");
        Set<String> selectors = new HashSet<>();
        for (String text : texts(node, "selectors")) {
            String digits = text.startsWith("0x") ? text.substring(2) : text;
            if (!digits.matches("([0-9a-f]{8})?")) {
                throw new InvalidEthereumData("expected selectors of four bytes, or 0x, but found '" + text + "'");
            }
            selectors.add(digits);
        }
        return new Transactions(
                chains(node),
                addresses(node, "recipients"),
                Set.copyOf(selectors),
                quantity(node, "maxValue"),
                quantity(node, "maxFee"),
                flag(node, "contracts", false),
                flag(node, "feeBumps", true),
                flag(node, "lease", false));
    }

    private static @Nullable Attestations attestations(@Nullable JsonNode node) throws InvalidEthereumData {
        if (node == null) {
            return null;
        }
        only(node, "attestations", "homeDomains", "updates", "failures");
        Set<Long> domains = new HashSet<>();
        for (String text : texts(node, "homeDomains")) {
            BigInteger domain = Hex.quantity(text);
            if (domain.bitLength() > 32) {
                throw new InvalidEthereumData("expected home domains of 32 bits but found " + text);
            }
            domains.add(domain.longValue());
        }
        if (domains.isEmpty()) {
            throw new InvalidEthereumData("expected homeDomains to name at least one");
        }
        return new Attestations(Set.copyOf(domains), flag(node, "updates", false), flag(node, "failures", false));
    }

    private static @Nullable TypedDomains typedDomains(@Nullable JsonNode node) throws InvalidEthereumData {
        if (node == null) {
            return null;
        }
        only(node, "typedData", "chains", "contracts");
        return new TypedDomains(chains(node), addresses(node, "contracts"));
    }

    private static @Nullable Rate rate(@Nullable JsonNode node) throws InvalidEthereumData {
        if (node == null) {
            return null;
        }
        only(node, "rate", "count", "seconds");
        return new Rate(whole(node, "count", MAXIMUM_RATE_COUNT), whole(node, "seconds", MAXIMUM_RATE_SECONDS));
    }

    private static int whole(JsonNode node, String member, int maximum) throws InvalidEthereumData {
        JsonNode value = node.get(member);
        if (value == null || !value.isInt() || value.intValue() < 1 || value.intValue() > maximum) {
            throw new InvalidEthereumData("expected %s to be a number from 1 to %d".formatted(member, maximum));
        }
        return value.intValue();
    }

    private static Set<BigInteger> chains(JsonNode node) throws InvalidEthereumData {
        Set<BigInteger> chains = new HashSet<>();
        for (String text : texts(node, "chains")) {
            chains.add(Hex.quantity(text));
        }
        if (chains.isEmpty()) {
            throw new InvalidEthereumData("expected chains to name at least one chain id");
        }
        return Set.copyOf(chains);
    }

    private static Set<Address> addresses(JsonNode node, String member) throws InvalidEthereumData {
        Set<Address> addresses = new HashSet<>();
        for (String text : texts(node, member)) {
            addresses.add(Address.parse(text));
        }
        return Set.copyOf(addresses);
    }

    /// A list of strings or whole numbers.
    private static List<String> texts(JsonNode node, String member) throws InvalidEthereumData {
        JsonNode list = node.get(member);
        List<String> texts = new ArrayList<>();
        if (list == null) {
            return texts;
        }
        if (!list.isArray()) {
            throw new InvalidEthereumData("expected " + member + " to be a list");
        }
        for (JsonNode element : list) {
            if (!element.isString() && !element.isIntegralNumber()) {
                throw new InvalidEthereumData("expected " + member + " to hold strings or whole numbers");
            }
            texts.add(
                    element.isString()
                            ? element.stringValue()
                            : element.bigIntegerValue().toString());
        }
        return texts;
    }

    private static @Nullable BigInteger quantity(JsonNode node, String member) throws InvalidEthereumData {
        JsonNode value = node.get(member);
        if (value == null) {
            return null;
        }
        if (!value.isString() && !value.isIntegralNumber()) {
            throw new InvalidEthereumData("expected " + member + " to be a number of wei");
        }
        return Hex.quantity(
                value.isString() ? value.stringValue() : value.bigIntegerValue().toString());
    }

    private static boolean flag(JsonNode node, String member, boolean otherwise) throws InvalidEthereumData {
        JsonNode value = node.get(member);
        if (value == null) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            throw new InvalidEthereumData("expected " + member + " to be true or false");
        }
        return value.booleanValue();
    }

    private static void only(JsonNode node, String where, String... known) throws InvalidEthereumData {
        if (!node.isObject()) {
            throw new InvalidEthereumData("expected " + where + " to be an object");
        }
        for (String member : node.propertyNames()) {
            if (!Set.of(known).contains(member)) {
                throw new InvalidEthereumData("expected %s to have only the members %s but found '%s'"
                        .formatted(where, String.join(", ", known), member));
            }
        }
    }
}

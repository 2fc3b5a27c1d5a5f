package org.keymoot.cli.fund;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.ethereum.Hex;
import org.keymoot.access.ethereum.InvalidEthereumData;
import tools.jackson.databind.JsonNode;

/// One payment of a run, as the journal keeps it.
///
/// @param name whose address it is
/// @param nonce null until it is signed
/// @param attempts raw transactions of this nonce, the newest last; any of them may be the one that is carried out
public record Payment(
        String name,
        Address to,
        BigInteger amount,
        State state,
        @Nullable BigInteger nonce,
        List<Attempt> attempts) {
    /// How far a payment is.
    public enum State {
        /// Nothing was signed.
        PLANNED,
        /// Signed and written down; it may have been sent.
        SIGNED,
        /// In a block, and the recipient has the money.
        PAID,
        /// In a block, and the recipient's contract refused it.
        FAILED,
        /// Another transaction took its nonce; whether it should be paid again is for a person to say.
        DISPLACED
    }

    /// @param raw with prefix
    public record Attempt(String hash, String raw) {}

    public Payment {
        attempts = List.copyOf(attempts);
        if ((nonce == null) != attempts.isEmpty()) {
            throw new IllegalArgumentException("a payment has a nonce exactly when it is signed");
        }
    }

    /// Somebody to be paid.
    public static Payment planned(String name, Address to, BigInteger amount) {
        return new Payment(name, to, amount, State.PLANNED, null, List.of());
    }

    Payment signed(BigInteger newNonce, Attempt attempt) {
        List<Attempt> all = new ArrayList<>(newNonce.equals(nonce) ? attempts : List.of());
        all.add(attempt);
        return new Payment(name, to, amount, State.SIGNED, newNonce, all);
    }

    Payment in(State next) {
        return new Payment(name, to, amount, next, nonce, attempts);
    }

    /// As if it had never been signed.
    Payment again() {
        return planned(name, to, amount);
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("to", to.checksummed());
        json.put("amount", amount.toString());
        json.put("state", state.name());
        if (nonce != null) {
            json.put("nonce", nonce.toString());
        }
        json.put(
                "attempts",
                attempts.stream()
                        .map(attempt -> Map.of("hash", attempt.hash(), "raw", attempt.raw()))
                        .toList());
        return json;
    }

    static Payment read(JsonNode node) throws InvalidEthereumData {
        List<Attempt> attempts = new ArrayList<>();
        for (JsonNode attempt : node.path("attempts")) {
            attempts.add(new Attempt(
                    attempt.path("hash").asString(""), attempt.path("raw").asString("")));
        }
        JsonNode nonce = node.get("nonce");
        return new Payment(
                node.path("name").asString(""),
                Address.parse(node.path("to").asString("")),
                Hex.quantity(node.path("amount").asString("")),
                State.valueOf(node.path("state").asString("")),
                nonce == null ? null : Hex.quantity(nonce.asString("")),
                attempts);
    }
}

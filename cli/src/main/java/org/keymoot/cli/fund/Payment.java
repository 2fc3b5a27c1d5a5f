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
/// @param former raw transactions of nonces that others took; none of them should ever be carried out
public record Payment(
        String name,
        Address to,
        BigInteger amount,
        State state,
        @Nullable BigInteger nonce,
        List<Attempt> attempts,
        List<Attempt> former) {
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
        former = List.copyOf(former);
        if ((nonce == null) != attempts.isEmpty()) {
            throw new IllegalArgumentException("a payment has a nonce exactly when it is signed");
        }
    }

    /// Somebody to be paid.
    public static Payment planned(String name, Address to, BigInteger amount) {
        return new Payment(name, to, amount, State.PLANNED, null, List.of(), List.of());
    }

    public Payment signed(BigInteger newNonce, Attempt attempt) {
        if (nonce != null && !nonce.equals(newNonce)) {
            throw new IllegalStateException("what was signed under one nonce is given up before another is taken");
        }
        List<Attempt> all = new ArrayList<>(attempts);
        all.add(attempt);
        return new Payment(name, to, amount, State.SIGNED, newNonce, all, former);
    }

    public Payment in(State next) {
        return new Payment(name, to, amount, next, nonce, attempts, former);
    }

    /// To be signed under another nonce. What was signed before is kept, to be recognised should it turn up.
    public Payment again() {
        return new Payment(name, to, amount, State.PLANNED, null, List.of(), everSigned());
    }

    /// All that was ever signed for it, the newest last.
    public List<Attempt> everSigned() {
        List<Attempt> all = new ArrayList<>(former);
        all.addAll(attempts);
        return all;
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
        json.put("attempts", json(attempts));
        if (!former.isEmpty()) {
            json.put("former", json(former));
        }
        return json;
    }

    private static List<Map<String, String>> json(List<Attempt> attempts) {
        return attempts.stream()
                .map(attempt -> Map.of("hash", attempt.hash(), "raw", attempt.raw()))
                .toList();
    }

    static Payment read(JsonNode node) throws InvalidEthereumData {
        JsonNode nonce = node.get("nonce");
        return new Payment(
                node.path("name").asString(""),
                Address.parse(node.path("to").asString("")),
                Hex.quantity(node.path("amount").asString("")),
                State.valueOf(node.path("state").asString("")),
                nonce == null ? null : Hex.quantity(nonce.asString("")),
                attempts(node.path("attempts")),
                attempts(node.path("former")));
    }

    private static List<Attempt> attempts(JsonNode list) {
        List<Attempt> attempts = new ArrayList<>();
        for (JsonNode attempt : list) {
            attempts.add(new Attempt(
                    attempt.path("hash").asString(""), attempt.path("raw").asString("")));
        }
        return attempts;
    }
}

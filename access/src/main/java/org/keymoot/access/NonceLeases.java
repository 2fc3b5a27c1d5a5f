package org.keymoot.access;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Call.StoredKey;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// Who may use a key's nonces on a chain, and which of them are given out.
///
/// It keeps true: while a lease runs, nobody but its holder gets a nonce or has a transaction of the chain
/// signed; and a nonce that comes back unused is the next that is given out, so that no gap stays.
final class NonceLeases {
    /// Nonces that one holder may have at a time.
    private static final int MAXIMUM_OPEN = 64;

    private static final int SHORTEST_SECONDS = 10;
    private static final int LONGEST_SECONDS = 86_400;
    private static final int DEFAULT_SECONDS = 300;
    private static final Pattern HOLDER = Pattern.compile("^[a-zA-Z0-9+=,.@:/_-]+$");
    private static final Pattern NUMBER = Pattern.compile("^(0|[1-9][0-9]*)$");

    private NonceLeases() {}

    /// @param until when others may take the lease
    /// @param next the first nonce that was never given out
    /// @param open given out and not settled
    /// @param free given back unused
    private record Lease(
            String holder, Instant until, BigInteger next, TreeSet<BigInteger> open, TreeSet<BigInteger> free) {
        boolean runs(Instant now) {
            return now.isBefore(until);
        }

        String json(String request) {
            return CanonicalJson.object()
                    .put("free", free.stream().map(BigInteger::toString).toList())
                    .put("holder", holder)
                    .put("next", next.toString())
                    .put("open", open.stream().map(BigInteger::toString).toList())
                    .put("request", request)
                    .put("until", until.toEpochMilli())
                    .text();
        }

        static Lease decode(String json) {
            JsonNode node = JsonReader.stored(json);
            return new Lease(
                    node.required("holder").stringValue(),
                    Instant.ofEpochMilli(node.required("until").longValue()),
                    new BigInteger(node.required("next").stringValue()),
                    numbers(node.required("open")),
                    numbers(node.required("free")));
        }

        private static TreeSet<BigInteger> numbers(JsonNode list) {
            TreeSet<BigInteger> numbers = new TreeSet<>();
            list.forEach(text -> numbers.add(new BigInteger(text.stringValue())));
            return numbers;
        }

        Lease lasting(String newHolder, Instant newUntil, BigInteger newNext) {
            return new Lease(newHolder, newUntil, newNext, open, free);
        }
    }

    /// A request about a lease, its key authorised and its register read.
    private record Asked(
            Call call,
            KeyRecord key,
            String chain,
            String holder,
            @Nullable RegisterValue value) {
        @Nullable Lease lease() {
            return value == null ? null : Lease.decode(value.json());
        }

        /// This very request was carried out before.
        boolean done() {
            return value != null
                    && JsonReader.stored(value.json())
                            .required("request")
                            .stringValue()
                            .equals(call.requestDigest());
        }

        /// A lease changes with every transaction, more often than a register could name the requests that did it. A
        /// replay moves the lease as its holder might: it gives nobody a signature.
        Decision write(Lease next, String answer) {
            RegisterWrite write = new RegisterWrite(
                    register(key, chain), value == null ? 0 : value.version(), next.json(call.requestDigest()));
            return new Decision.Change(call.context(), List.of(write), answer);
        }
    }

    private static RegisterName register(KeyRecord key, String chain) {
        return Watermarks.register(key, "lease/" + chain);
    }

    private static Asked ask(Call call, boolean withHolder) {
        Input input = call.input();
        String keyId = input.requiredText("KeyId", 1, 2048, null);
        String chain = input.requiredText("ChainId", 1, 19, NUMBER);
        String holder = withHolder ? input.requiredText("Holder", 1, 128, HOLDER) : "";
        input.check();
        StoredKey stored = call.resolve(keyId, true);
        KeyRecord key = stored.key();
        call.authoriseOwn(key, Action.SIGN);
        KeyStates.requireEnabled(key);
        return new Asked(call, key, chain, holder, call.view().read(register(key, chain)));
    }

    static Decision acquire(Call call) {
        Integer seconds = call.input().number("DurationSeconds", SHORTEST_SECONDS, LONGEST_SECONDS);
        String nextText = call.input().text("NextNonce", 1, 20, NUMBER);
        Asked asked = ask(call, true);
        Lease old = asked.lease();
        if (old != null && asked.done()) {
            return call.answer(shown(asked, old));
        }
        if (old != null && old.runs(call.now()) && !old.holder().equals(asked.holder())) {
            throw held(asked, old);
        }
        Instant until = call.now().plus(Duration.ofSeconds(seconds == null ? DEFAULT_SECONDS : seconds));
        BigInteger given = nextText == null ? BigInteger.ZERO : new BigInteger(nextText);
        Lease next;
        if (old == null) {
            next = new Lease(asked.holder(), until, given, new TreeSet<>(), new TreeSet<>());
        } else if (old.runs(call.now())) {
            next = old.lasting(asked.holder(), until, old.next().max(given));
        } else {
            // What the last holder left open is below the chain's own count by now, or was never sent and is a gap.
            TreeSet<BigInteger> gaps = new TreeSet<>(old.free());
            gaps.addAll(old.open());
            gaps.removeIf(nonce -> nonce.compareTo(given) < 0);
            next = new Lease(asked.holder(), until, old.next().max(given), new TreeSet<>(), gaps);
        }
        return asked.write(next, shown(asked, next));
    }

    static Decision show(Call call) {
        Asked asked = ask(call, false);
        Lease lease = asked.lease();
        if (lease == null) {
            throw Call.refuse(
                    "NotFoundException", "There is no nonce lease of this key on chain " + asked.chain() + ".");
        }
        return call.answer(shown(asked, lease));
    }

    static Decision release(Call call) {
        Asked asked = ask(call, true);
        Lease lease = holding(asked);
        if (asked.done()) {
            return call.answer(Answers.EMPTY);
        }
        return asked.write(lease.lasting(lease.holder(), call.now(), lease.next()), Answers.EMPTY);
    }

    static Decision reserve(Call call) {
        Asked asked = ask(call, true);
        Lease lease = holding(asked);
        if (asked.done()) {
            return call.answer(nonce(asked, lease.open().last()));
        }
        if (lease.open().size() >= MAXIMUM_OPEN) {
            throw Call.refuse(
                    "LimitExceededException", MAXIMUM_OPEN + " nonces are given out; commit or release some of them.");
        }
        boolean gap = !lease.free().isEmpty();
        BigInteger nonce = gap ? lease.free().first() : lease.next();
        lease.free().remove(nonce);
        lease.open().add(nonce);
        Lease next = new Lease(
                lease.holder(),
                lease.until(),
                gap ? lease.next() : lease.next().add(BigInteger.ONE),
                lease.open(),
                lease.free());
        return asked.write(next, nonce(asked, nonce));
    }

    static Decision settle(Call call) {
        String outcome = call.input().requiredChoice("Outcome", List.of("COMMITTED", "RELEASED"));
        String text = call.input().requiredText("Nonce", 1, 20, NUMBER);
        Asked asked = ask(call, true);
        Lease lease = holding(asked);
        BigInteger nonce = new BigInteger(text);
        if (asked.done()) {
            return call.answer(Answers.EMPTY);
        }
        if (!lease.open().remove(nonce)) {
            throw Call.refuse("NotFoundException", "The nonce " + nonce + " is not given out.");
        }
        if (outcome.equals("RELEASED")) {
            if (call.view().read(Watermarks.register(asked.key(), "tx/" + asked.chain() + "/" + nonce)) != null) {
                throw Call.refuse(
                        "SignRulesException",
                        "A transaction with the nonce " + nonce + " was signed, so it may be sent at any time:"
                                + " send it, or replace it, and commit the nonce.");
            }
            lease.free().add(nonce);
        }
        return asked.write(lease, Answers.EMPTY);
    }

    /// Refuses a transaction of somebody who does not hold the lease while it runs.
    static void require(Call call, KeyRecord key, BigInteger chain, @Nullable String holder, boolean demanded) {
        RegisterValue value = call.view().read(register(key, chain.toString()));
        Lease lease = value == null ? null : Lease.decode(value.json());
        boolean runs = lease != null && lease.runs(call.now());
        if (lease != null && runs && !lease.holder().equals(holder)) {
            throw Call.refuse(
                    "SignRulesException",
                    "Another agent, '%s', holds the nonce lease of this key on chain %s until %s."
                            .formatted(lease.holder(), chain, lease.until()));
        }
        if (demanded && !runs) {
            throw Call.refuse(
                    "SignRulesException",
                    "The rules of this key demand a nonce lease on chain %s, and none runs.".formatted(chain));
        }
    }

    private static Lease holding(Asked asked) {
        Lease lease = asked.lease();
        boolean runs = lease != null && (lease.runs(asked.call().now()) || asked.done());
        if (lease != null && runs && lease.holder().equals(asked.holder())) {
            return lease;
        }
        throw lease != null && runs
                ? held(asked, lease)
                : Call.refuse("NotFoundException", "'" + asked.holder() + "' holds no nonce lease that runs.");
    }

    private static AwsException held(Asked asked, Lease lease) {
        return Call.refuse(
                "AlreadyExistsException",
                "'%s' holds the nonce lease of this key on chain %s until %s."
                        .formatted(lease.holder(), asked.chain(), lease.until()));
    }

    private static String nonce(Asked asked, BigInteger nonce) {
        return CanonicalJson.object()
                .put("ChainId", asked.chain())
                .put("KeyId", asked.key().arn())
                .put("Nonce", nonce.toString())
                .text();
    }

    private static String shown(Asked asked, Lease lease) {
        return CanonicalJson.object()
                .put("ChainId", asked.chain())
                .put("ExpiresAt", lease.until())
                .put("Holder", lease.holder())
                .put("KeyId", asked.key().arn())
                .put("NextNonce", lease.next().toString())
                .put(
                        "OpenNonces",
                        lease.open().stream().map(BigInteger::toString).toList())
                .put("Unused", lease.free().stream().map(BigInteger::toString).toList())
                .text();
    }
}

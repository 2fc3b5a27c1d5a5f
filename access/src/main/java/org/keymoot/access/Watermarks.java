package org.keymoot.access;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.SignPayload;
import org.keymoot.access.ethereum.SignRules;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// What a key has signed, where it may be signed once, and how often it signed lately.
///
/// It keeps true: what is signed is in the directory before the signature begins, so that two requests that contradict
/// each other cannot both be signed, whatever parties and endpoints they reach. The registers are those of the key in
/// all its Regions, because its replicas sign alike.
final class Watermarks {
    /// Payloads that a rate register remembers, so that a repeat is not counted again.
    private static final int REMEMBERED = 32;

    private final Call call;
    private final KeyRecord key;
    private final SignPayload.@Nullable Once once;
    private final String digest;

    /// @param once what the payload takes that may be signed once; null where it is not known or takes nothing
    /// @param digest of the payload
    Watermarks(Call call, KeyRecord key, SignPayload.@Nullable Once once, byte[] digest) {
        this.call = call;
        this.key = key;
        this.once = once;
        this.digest = HexFormat.of().formatHex(digest);
    }

    static RegisterName register(KeyRecord key, String slot) {
        return RegisterName.of(
                RegisterName.Kind.WATERMARK, key.account(), RegisterName.GLOBAL, key.keyId() + "/" + slot);
    }

    /// The reservation that is missing before the payload may be signed; null when none is.
    ///
    /// @throws AwsException when something else took its place, or the rate is used up
    @Nullable RegisterWrite missing(SignRules rules) {
        RegisterName slot = once == null ? null : register(key, once.name());
        RegisterValue taken = slot == null ? null : call.view().read(slot);
        if (taken != null && once != null) {
            requireSame(once, taken, rules);
        }
        // A payload that has its slot was counted before it took it.
        if (taken == null && rules.rate() != null) {
            RegisterWrite counted = count(rules.rate());
            if (counted != null) {
                return counted;
            }
        }
        if (once == null || slot == null || taken != null) {
            return null;
        }
        String json = CanonicalJson.object()
                .put("content", once.content())
                .put("digest", digest)
                .put("request", call.requestDigest())
                .text();
        return new RegisterWrite(slot, 0, json);
    }

    private void requireSame(SignPayload.Once once, RegisterValue taken, SignRules rules) {
        JsonNode signed = JsonReader.stored(taken.json());
        boolean exact = signed.required("digest").stringValue().equals(digest);
        boolean bump = signed.required("content").stringValue().equals(once.content())
                && (rules.transactions() == null || rules.transactions().feeBumps());
        if (!exact && !bump) {
            throw Call.refuse(
                    "SignRulesException",
                    "Key '" + key.arn() + "' has signed something else for " + once.name() + " already.");
        }
    }

    /// Each payload moves the register's time on by its share of the span; it may not run ahead by more than the span.
    private @Nullable RegisterWrite count(SignRules.Rate rate) {
        RegisterName name = register(key, "rate");
        RegisterValue value = call.view().read(name);
        List<String> recent = new ArrayList<>();
        long usedUntil = 0;
        if (value != null) {
            JsonNode stored = JsonReader.stored(value.json());
            stored.required("recent").forEach(text -> recent.add(text.stringValue()));
            usedUntil = stored.required("usedUntil").longValue();
        }
        if (recent.contains(digest)) {
            return null;
        }
        long now = call.now().toEpochMilli();
        long next = Math.max(usedUntil, now) + rate.interval();
        if (next - now > rate.seconds() * 1000L) {
            throw new AwsException(AwsError.of(
                    "SignRulesException",
                    "The rules of key '%s' allow %d payloads in %d seconds. Try again later."
                            .formatted(key.arn(), rate.count(), rate.seconds())));
        }
        recent.add(digest);
        String json = CanonicalJson.object()
                .put("recent", recent.subList(Math.max(0, recent.size() - REMEMBERED), recent.size()))
                .put("usedUntil", next)
                .text();
        return new RegisterWrite(name, value == null ? 0 : value.version(), json);
    }
}

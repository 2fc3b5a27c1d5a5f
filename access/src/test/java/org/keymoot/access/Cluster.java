package org.keymoot.access;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// A cluster in memory that does what [Kms#decide] says, with whole keys in the place of shares.
public final class Cluster {
    public static final String ACCOUNT = "123456789012";
    public static final String OTHER_ACCOUNT = "210987654321";
    public static final String REGION = "us-east-1";
    public static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    public final MemoryDirectory directory = new MemoryDirectory();
    public final Map<String, TestKey> keys = new HashMap<>();
    public Instant now = Instant.parse("2026-11-22T12:00:00.250Z");

    public Cluster() {
        directory.add("AKIAROOT", new TestCredential(Principal.root(ACCOUNT), SECRET, true));
        directory.add("AKIAALICE", new TestCredential(user("alice"), SECRET, true));
        directory.add("AKIAOTHER", new TestCredential(Principal.root(OTHER_ACCOUNT), SECRET, true));
        directory.add("AKIAOFF", new TestCredential(Principal.root(ACCOUNT), SECRET, false));
    }

    public static Principal user(String name) {
        return new Principal(ACCOUNT, "arn:aws:iam::" + ACCOUNT + ":user/" + name);
    }

    public SignedRequest signed(String action, String body) {
        return as("AKIAROOT", REGION).post(action, body, now);
    }

    public static TestSigner as(String accessKeyId, String region) {
        return new TestSigner(accessKeyId, SECRET, region, "kms");
    }

    public Decision decide(String action, String body) {
        return Kms.decide(signed(action, body), directory, now);
    }

    /// Carries out a request by the root of the account and returns the answer's JSON.
    public JsonNode call(String action, String body) {
        return json(execute(signed(action, body)));
    }

    public JsonNode callAs(String accessKeyId, String action, String body) {
        return json(execute(as(accessKeyId, REGION).post(action, body, now)));
    }

    public AwsError refusal(String action, String body) {
        return refusal(signed(action, body));
    }

    public AwsError refusalAs(String accessKeyId, String action, String body) {
        return refusal(as(accessKeyId, REGION).post(action, body, now));
    }

    public AwsError refusal(SignedRequest request) {
        Decision decision = Kms.decide(request, directory, now);
        if (decision instanceof Decision.Refused refused) {
            return refused.error();
        }
        throw new AssertionError("expected a refusal, found " + decision);
    }

    /// Carries out a decision; fails when it is a refusal.
    public String execute(SignedRequest request) {
        return switch (Kms.decide(request, directory, now)) {
            case Decision.Refused refused -> throw new AssertionError(refused.error());
            case Decision.Answer answer -> answer.json();
            case Decision.Change change -> {
                change.writes().forEach(directory::commit);
                yield change.json();
            }
            case Decision.MakeKey make -> {
                TestKey key = TestKey.of(make.draft().spec());
                keys.put(make.draft().keyId(), key);
                directory.commit(make.write(key.point()));
                yield make.answer(key.point());
            }
            case Decision.SignWith sign ->
                sign.answer(wholeKey(sign.key().keyId()).sign(sign.payload()));
            case Decision.Evaluate evaluate -> throw new AssertionError("no key of this cluster can be evaluated");
        };
    }

    public TestKey wholeKey(String keyId) {
        return Objects.requireNonNull(keys.get(keyId));
    }

    /// Makes a key for the first of its usages and returns its id.
    public String makeKey(KeySpec spec) {
        return makeKey(
                spec,
                spec.usages().contains(KeyUsage.SIGN_VERIFY)
                        ? KeyUsage.SIGN_VERIFY
                        : spec.usages().iterator().next());
    }

    /// Makes a key and returns its id.
    public String makeKey(KeySpec spec, KeyUsage usage) {
        String body =
                "{\"KeySpec\":\"" + spec + "\",\"KeyUsage\":\"" + usage + "\",\"Description\":\"" + keys.size() + "\"}";
        return call("CreateKey", body).at("/KeyMetadata/KeyId").stringValue();
    }

    public static String arn(String keyId) {
        return "arn:aws:kms:" + REGION + ":" + ACCOUNT + ":key/" + keyId;
    }

    public static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    public static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    public static JsonNode json(String text) {
        try {
            return JsonReader.read(text.isEmpty() ? "{}" : text);
        } catch (InvalidJsonException e) {
            throw new AssertionError(e);
        }
    }
}

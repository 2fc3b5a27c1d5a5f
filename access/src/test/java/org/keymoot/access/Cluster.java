package org.keymoot.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.keymoot.access.encryption.DataKeyPair;
import org.keymoot.access.imported.ImportToken;
import org.keymoot.access.imported.ImportedKey;
import org.keymoot.access.imported.ShareSealing;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import tools.jackson.databind.JsonNode;

/// A cluster in memory that does what [Kms#decide] says, with whole keys in the place of shares.
public final class Cluster {
    public static final String ACCOUNT = "123456789012";
    public static final String OTHER_ACCOUNT = "210987654321";
    public static final String REGION = "us-east-1";
    public static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    public final MemoryDirectory directory = new MemoryDirectory();
    public final Map<String, TestKey> keys = new HashMap<>();
    public final Map<String, TestKey> materials = new HashMap<>();
    private final SeededRandom random = new SeededRandom(7);
    private final Map<String, ShareSealing.Pair> wrappingKeys = new HashMap<>();
    private int secrets;
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
        return switch (outcome(request)) {
            case EvaluatedAnswer.Success success -> throw new AssertionError("expected a refusal, found " + success);
            case EvaluatedAnswer.Failure failure -> failure.error();
        };
    }

    /// Carries out a decision; fails when it is a refusal.
    public String execute(SignedRequest request) {
        return switch (outcome(request)) {
            case EvaluatedAnswer.Success success -> success.json();
            case EvaluatedAnswer.Failure failure -> throw new AssertionError(failure.error());
        };
    }

    /// Carries out a decision.
    public EvaluatedAnswer outcome(SignedRequest request) {
        Decision decision = Kms.decide(request, directory, now);
        return switch (decision) {
            case Decision.Refused refused -> new EvaluatedAnswer.Failure(refused.error());
            case Decision.Evaluate evaluate -> evaluate(evaluate);
            case Decision.ImportMaterial brought -> take(brought);
            default -> new EvaluatedAnswer.Success(carryOut(request, decision));
        };
    }

    private String carryOut(SignedRequest request, Decision decision) {
        return switch (decision) {
            case Decision.Refused refused -> throw new AssertionError(refused.error());
            case Decision.Evaluate evaluate -> throw new AssertionError("evaluations have outcomes of their own");
            case Decision.Answer answer -> answer.json();
            case Decision.Change change -> {
                change.writes().forEach(directory::commit);
                yield change.json();
            }
            case Decision.IssueSecret issue -> {
                String secret = issue.present() == null
                        ? "secret%034d".formatted(++secrets)
                        : Objects.requireNonNull(directory.secret(issue.present()));
                if (issue.present() == null) {
                    directory.commit(issue.write().apply(directory.keep(issue.register(), secret)));
                }
                yield issue.shown() == null ? execute(request) : issue.shown().apply(secret);
            }
            case Decision.Reserve reserve -> {
                directory.commit(reserve.write());
                yield execute(request);
            }
            case Decision.MakeKey make -> {
                TestKey key = TestKey.of(make.draft().spec(), keys.size());
                keys.put(make.draft().keyId(), key);
                KeyRecord made = KeyRecord.decode(
                        make.draft().name(), make.write(key.publicSide()).json());
                materials.put(Objects.requireNonNull(made.currentMaterial()).id(), key);
                directory.commit(make.write(key.publicSide()));
                yield make.answer(key.publicSide());
            }
            case Decision.SignWith sign ->
                sign.answer(wholeKey(sign.key().keyId()).sign(sign.algorithm(), sign.payload()));
            case Decision.MakeMaterial make -> {
                make(make.material());
                yield make.json();
            }
            case Decision.ImportMaterial brought -> throw new AssertionError("imports have outcomes of their own");
            case Decision.OfferImport offer -> offer(offer);
            case Decision.Draw draw -> draw.answer(random);
            case Decision.DrawTogether draw -> draw.answer(random.bytes(draw.length()));
            case Decision.TellLastUse tell -> tell.answer(null);
        };
    }

    /// What the parties do for [Decision.Evaluate], with the whole key of each material.
    public EvaluatedAnswer evaluate(Decision.Evaluate evaluate) {
        return evaluate.answer(
                evaluate.evaluations().stream()
                        .map(one -> Objects.requireNonNull(materials.get(one.materialId()), "no such material")
                                .evaluate(one.kind(), one.input()))
                        .toList(),
                random);
    }

    /// What the parties do when material is asked for or its time has come.
    public void make(NewMaterial material) {
        directory.commit(made(material));
    }

    /// The material made, and what is to be committed for it.
    RegisterWrite made(NewMaterial material) {
        TestKey key = TestKey.of(material.key().spec(), 1000 + materials.size());
        materials.put(material.materialId(key.point()), key);
        return material.write(key.point());
    }

    /// Makes the wrapping key that a client asked for, or one for each party.
    private String offer(Decision.OfferImport offer) {
        List<Decision.OfferImport.WrappingKey> made = new ArrayList<>();
        int parties = offer.algorithm().isForWholeKeys() ? 1 : directory.parties();
        for (int party = 1; party <= parties; party++) {
            ShareSealing.Pair pair = offer.algorithm().isForWholeKeys()
                    ? rsaPair(offer.bits())
                    : ShareSealing.generate(new SecureRandom());
            byte[] id = new byte[ImportToken.ID_BYTES];
            id[0] = (byte) wrappingKeys.size();
            ImportToken token = ImportToken.issue(
                    party,
                    id,
                    offer.algorithm(),
                    offer.validTo(),
                    offer.key().name(),
                    new byte[ImportToken.SECRET_BYTES]);
            wrappingKeys.put(base64(token.encode()), pair);
            made.add(new Decision.OfferImport.WrappingKey(party, token, pair.publicKey(), List.of(), new byte[0]));
        }
        return offer.answer(made);
    }

    private static ShareSealing.Pair rsaPair(int bits) {
        DataKeyPair pair = DataKeyPair.fromSeed(DataKeyPair.Spec.valueOf("RSA_" + bits), new byte[32]);
        return new ShareSealing.Pair(pair.publicKey(), pair.privateKey());
    }

    /// What the parties do with a key that a client brings, by one who has it whole.
    private EvaluatedAnswer take(Decision.ImportMaterial brought) {
        NewImport material = brought.material();
        Group group = Group.of(material.key().spec().group());
        try (SecretScope scope = new SecretScope()) {
            SecretScalar secret;
            switch (brought.brought()) {
                case Decision.ImportMaterial.Whole whole -> {
                    ShareSealing.Pair pair =
                            wrappingKeys.get(base64(whole.token().encode()));
                    if (pair == null || !whole.token().isMadeWith(new byte[ImportToken.SECRET_BYTES])) {
                        return new EvaluatedAnswer.Failure(AwsError.of("InvalidImportTokenException", "forged"));
                    }
                    RSAPrivateKey key = (RSAPrivateKey)
                            KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pair.privateKey()));
                    Optional<byte[]> plain = whole.token().algorithm().unwrap(key, whole.wrapped());
                    if (plain.isEmpty()) {
                        return new EvaluatedAnswer.Failure(AwsError.of("InvalidCiphertextException", null));
                    }
                    secret = ImportedKey.scalar(material.key().spec(), plain.get(), scope);
                }
                case Decision.ImportMaterial.Split split -> {
                    // Nobody but the parties themselves opens their shares.
                    return new EvaluatedAnswer.Success("{}");
                }
            }
            Point point = group.multiplyBase(secret);
            AwsError unfit = material.unfit(point);
            if (unfit != null) {
                return new EvaluatedAnswer.Failure(unfit);
            }
            TestKey key = TestKey.of(
                    material.key().spec(),
                    secret.reveal(Disclosure.I_TAKE_THE_SECRET_OUT).toBigInteger());
            keys.put(material.key().keyId(), key);
            materials.put(material.materialIdOf(point), key);
            directory.commit(material.write(point, "%064x".formatted(material.epoch())));
            return new EvaluatedAnswer.Success(material.answer(point));
        } catch (ImportedKey.Unfit e) {
            return new EvaluatedAnswer.Failure(NewImport.incorrect(String.valueOf(e.getMessage())));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
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

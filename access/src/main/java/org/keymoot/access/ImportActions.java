package org.keymoot.access;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Call.StoredKey;
import org.keymoot.access.imported.ImportToken;
import org.keymoot.access.imported.ImportedKey;
import org.keymoot.access.imported.ShareSealing;
import org.keymoot.access.imported.WrappingAlgorithm;
import org.keymoot.access.imported.WrappingKeySpec;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.crypto.group.Group;

/// Bringing keys that were made elsewhere, and taking them away again.
///
/// It keeps true: only a key that was made for it takes imported material; which material that is, nobody but the party
/// that unwraps it can tell, so [NewImport] decides about it once its public side is known.
final class ImportActions {
    static final Duration TOKEN_LIFE = Duration.ofHours(24);
    private static final Duration LONGEST_VALIDITY = Duration.ofDays(365);
    private static final int MAXIMUM_BLOB = 6144;
    private static final int MAXIMUM_PARTIES = 255;
    private static final String EXPIRES = "KEY_MATERIAL_EXPIRES";
    private static final String DOES_NOT_EXPIRE = "KEY_MATERIAL_DOES_NOT_EXPIRE";
    private static final List<String> MODELS = List.of(EXPIRES, DOES_NOT_EXPIRE);
    private static final List<String> TYPES = List.of("NEW_KEY_MATERIAL", "EXISTING_KEY_MATERIAL");
    private static final Pattern DESCRIPTION = Pattern.compile("[a-zA-Z0-9:/_\\s.-]*");
    private static final Pattern MATERIAL_ID = Pattern.compile("[a-f0-9]+");

    private ImportActions() {}

    /// Which keys can be made for material that a client brings.
    static void requireImportable(KeySpec spec, boolean multiRegion) {
        if (!ImportedKey.isPossible(spec)) {
            throw Call.refuse(
                    "UnsupportedOperationException",
                    "Origin EXTERNAL is not supported for KeySpec " + spec + ": the parties can only share RSA keys"
                            + " whose primes were made for it.");
        }
        if (multiRegion) {
            throw Call.refuse(
                    "UnsupportedOperationException",
                    "Origin EXTERNAL is not supported for multi-Region keys: they have one secret for all Regions.");
        }
    }

    /// Whether no material is missing that the key had.
    static boolean isComplete(KeyRecord key) {
        return key.hasMaterial() && KeyRecord.allPresent(key.materials());
    }

    static Decision getParametersForImport(Call call) {
        Input input = call.input();
        String keyId = KeyActions.readKeyId(input);
        String algorithm = input.requiredChoice("WrappingAlgorithm", WrappingAlgorithm.ALL_OF_AWS);
        String spec = input.requiredChoice("WrappingKeySpec", WrappingKeySpec.ALL_OF_AWS);
        input.check();
        call.with("kms:WrappingAlgorithm", algorithm).with("kms:WrappingKeySpec", spec);
        KeyRecord key = call.resolve(keyId, false).key();
        call.authorise(key);
        requireForParameters(key);
        Optional<WrappingAlgorithm> offered = WrappingAlgorithm.find(algorithm);
        Optional<WrappingKeySpec> wrappingKey = WrappingKeySpec.find(spec);
        if (offered.isEmpty()) {
            throw Call.refuse(
                    "UnsupportedOperationException", "The wrapping algorithm " + algorithm + " is not supported.");
        }
        if (wrappingKey.isEmpty()) {
            throw Call.refuse("UnsupportedOperationException", "The wrapping key spec " + spec + " is not supported.");
        }
        return new Decision.OfferImport(
                call.context(),
                key,
                offered.get(),
                wrappingKey.get().bits(),
                call.now().plus(TOKEN_LIFE));
    }

    static Decision getParametersForSplitImport(Call call) {
        Input input = call.input();
        String keyId = KeyActions.readKeyId(input);
        input.check();
        KeyRecord key = call.resolve(keyId, false).key();
        call.authoriseOwn(key, Action.GET_PARAMETERS_FOR_IMPORT);
        requireForParameters(key);
        return new Decision.OfferImport(
                call.context(),
                key,
                WrappingAlgorithm.X25519_MLKEM768,
                0,
                call.now().plus(TOKEN_LIFE));
    }

    private static void requireForParameters(KeyRecord key) {
        requireExternal(key);
        KeyStates.requireMade(key);
        KeyStates.requireNotPendingDeletion(key);
        KeyStates.requireNotUpdating(key);
    }

    static Decision importKeyMaterial(Call call) {
        Input input = call.input();
        String keyId = KeyActions.readKeyId(input);
        byte[] token = input.requiredBlob("ImportToken", 1, MAXIMUM_BLOB);
        byte[] wrapped = input.requiredBlob("EncryptedKeyMaterial", 1, MAXIMUM_BLOB);
        Asked asked = Asked.read(input);
        input.check();
        asked.conditions(call);
        StoredKey stored = call.resolve(keyId, false);
        KeyRecord key = stored.key();
        call.authorise(key);
        Decision repeated = repeated(call, key);
        if (repeated != null) {
            return repeated;
        }
        requireForImport(key);
        asked.requireValid(key, call.now());
        ImportToken parsed = requireToken(call, key, token);
        if (!parsed.algorithm().isForWholeKeys()) {
            throw invalidToken();
        }
        return new Decision.ImportMaterial(
                call.context(),
                asked.material(call, stored, parsed.party()),
                new Decision.ImportMaterial.Whole(parsed, wrapped));
    }

    static Decision importKeyShares(Call call) {
        Input input = call.input();
        String keyId = KeyActions.readKeyId(input);
        byte[] commitment = input.requiredBlob("Commitment", 1, MAXIMUM_PARTIES * 64);
        List<String> tokens = input.texts("ImportTokens", true, MAXIMUM_PARTIES, 1, MAXIMUM_BLOB);
        List<String> shares = input.texts("EncryptedShares", true, MAXIMUM_PARTIES, 1, MAXIMUM_BLOB);
        Asked asked = Asked.read(input);
        input.check();
        asked.conditions(call);
        StoredKey stored = call.resolve(keyId, false);
        KeyRecord key = stored.key();
        call.authoriseOwn(key, Action.IMPORT_KEY_MATERIAL);
        Decision repeated = repeated(call, key);
        if (repeated != null) {
            return repeated;
        }
        requireForImport(key);
        asked.requireValid(key, call.now());
        int parties = key.parties();
        if (tokens.size() != parties || shares.size() != parties) {
            throw new AwsException(AwsError.validation("A key of " + parties + " parties is imported with " + parties
                    + " import tokens and as many shares, not with " + tokens.size() + " and " + shares.size() + "."));
        }
        int points = key.reconstructionThreshold();
        int length = points * Group.of(key.spec().group()).pointLength();
        if (commitment.length != length) {
            throw new AwsException(AwsError.validation("A commitment to a key that needs " + points + " shares has "
                    + length + " bytes, not " + commitment.length + "."));
        }
        List<ImportToken> parsed = new ArrayList<>();
        List<byte[]> sealed = new ArrayList<>();
        for (int party = 1; party <= parties; party++) {
            ImportToken token = requireToken(call, key, decoded("ImportTokens", tokens.get(party - 1)));
            if (token.algorithm() != WrappingAlgorithm.X25519_MLKEM768 || token.party() != party) {
                throw invalidToken();
            }
            parsed.add(token);
            byte[] share = decoded("EncryptedShares", shares.get(party - 1));
            if (share.length != ShareSealing.SEALED_BYTES) {
                throw Call.refuse("InvalidCiphertextException", null);
            }
            sealed.add(share);
        }
        return new Decision.ImportMaterial(
                call.context(),
                asked.material(call, stored, 0),
                new Decision.ImportMaterial.Split(commitment, List.copyOf(parsed), List.copyOf(sealed)));
    }

    private static byte[] decoded(String member, String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new AwsException(AwsError.serialization("The member '" + member + "' is not valid Base64"));
        }
    }

    /// What the request says of the material beside the material itself.
    private record Asked(
            @Nullable Instant validTo,
            String model,
            NewImport.@Nullable Type type,
            @Nullable String materialId,
            @Nullable String description) {

        static Asked read(Input input) {
            Instant validTo = input.timestamp("ValidTo");
            String model = input.choice("ExpirationModel", MODELS);
            String type = input.choice("ImportType", TYPES);
            String description = input.text("KeyMaterialDescription", 0, 256, DESCRIPTION);
            String materialId = input.text("KeyMaterialId", 64, 64, MATERIAL_ID);
            return new Asked(
                    validTo,
                    model == null ? EXPIRES : model,
                    type == null || !TYPES.contains(type) ? null : NewImport.Type.valueOf(type),
                    materialId,
                    description);
        }

        void conditions(Call call) {
            call.with("kms:ExpirationModel", model).with("kms:ValidTo", validTo == null ? null : validTo.toString());
        }

        void requireValid(KeyRecord key, Instant now) {
            if (model.equals(EXPIRES) && validTo == null) {
                throw invalid("A validTo date must be set if the ExpirationModel is " + EXPIRES);
            }
            if (model.equals(DOES_NOT_EXPIRE) && validTo != null) {
                throw invalid("A validTo date must not be set if the ExpirationModel is " + DOES_NOT_EXPIRE);
            }
            if (validTo != null && !validTo.isAfter(now)) {
                throw invalid("The ValidTo date must be in the future.");
            }
            if (validTo != null && validTo.isAfter(now.plus(LONGEST_VALIDITY))) {
                throw invalid("The ValidTo date must be at most " + LONGEST_VALIDITY.toDays() + " days ahead.");
            }
            boolean several = key.spec() == KeySpec.SYMMETRIC_DEFAULT;
            if (!several && (type != null || materialId != null || description != null)) {
                throw invalid(
                        "ImportType, KeyMaterialId and KeyMaterialDescription are for symmetric encryption keys.");
            }
            if (type == NewImport.Type.NEW_KEY_MATERIAL && materialId != null) {
                throw invalid("A KeyMaterialId cannot be given with ImportType NEW_KEY_MATERIAL.");
            }
            if (materialId != null && key.material(materialId) == null) {
                throw incorrect("The key " + key.arn() + " has no material " + materialId + ".");
            }
            if (type == NewImport.Type.EXISTING_KEY_MATERIAL && key.materials().isEmpty()) {
                throw incorrect("No key material was imported into " + key.arn() + " before.");
            }
        }

        NewImport material(Call call, StoredKey stored, int dealer) {
            return new NewImport(
                    stored.key(),
                    stored.version(),
                    call.now(),
                    type,
                    materialId,
                    description,
                    validTo,
                    dealer,
                    call.requestDigest());
        }

        private static AwsException invalid(String message) {
            return new AwsException(AwsError.validation(message));
        }
    }

    private static AwsException incorrect(String message) {
        return new AwsException(NewImport.incorrect(message));
    }

    /// The answer to a request that was carried out already; null when it was not.
    private static @Nullable Decision repeated(Call call, KeyRecord key) {
        if (!key.answered(call.requestDigest())) {
            return null;
        }
        Material newest = null;
        for (Material material : key.materials()) {
            Imported imported = material.imported();
            if (imported != null
                    && (newest == null
                            || newest.imported() == null
                            || newest.imported().epoch() < imported.epoch())) {
                newest = material;
            }
        }
        return newest == null ? null : call.answer(answer(key, newest.id()));
    }

    private static void requireForImport(KeyRecord key) {
        requireExternal(key);
        KeyStates.requireMade(key);
        KeyStates.requireNotPendingDeletion(key);
    }

    private static ImportToken requireToken(Call call, KeyRecord key, byte[] encoded) {
        ImportToken token = ImportToken.parse(encoded).orElseThrow(ImportActions::invalidToken);
        if (!token.isFor(key.name()) || token.party() < 1 || token.party() > key.parties()) {
            throw invalidToken();
        }
        if (token.isOver(call.now())) {
            throw Call.refuse(
                    "ExpiredImportTokenException",
                    "The import token has expired. Get new parameters for import and wrap the key material with them.");
        }
        return token;
    }

    static AwsException invalidToken() {
        return Call.refuse("InvalidImportTokenException", "The import token is not valid for this KMS key.");
    }

    static Decision deleteImportedKeyMaterial(Call call) {
        Input input = call.input();
        String keyId = KeyActions.readKeyId(input);
        String materialId = input.text("KeyMaterialId", 64, 64, MATERIAL_ID);
        input.check();
        StoredKey stored = call.resolve(keyId, false);
        KeyRecord key = stored.key();
        call.authorise(key);
        requireExternal(key);
        KeyStates.requireMade(key);
        KeyStates.requireNotUpdating(key);
        Material named = materialId == null ? key.currentMaterial() : key.material(materialId);
        if (named == null && materialId != null) {
            throw Call.refuse("NotFoundException", "The key " + key.arn() + " has no material " + materialId + ".");
        }
        if (named == null) {
            return call.answer(CanonicalJson.object().put("KeyId", key.arn()).text());
        }
        KeyRecord next = key.without(List.of(named.id()), call.requestDigest());
        return call.change(stored.write(next), answer(key, named.id()));
    }

    private static void requireExternal(KeyRecord key) {
        if (key.origin() != KeyOrigin.EXTERNAL) {
            throw Call.refuse(
                    "UnsupportedOperationException",
                    key.arn() + " origin is " + key.origin() + " which is not valid for this operation.");
        }
    }

    static String answer(KeyRecord key, String materialId) {
        CanonicalJson.ObjectBuilder answer = CanonicalJson.object().put("KeyId", key.arn());
        if (key.spec() == KeySpec.SYMMETRIC_DEFAULT) {
            answer.put("KeyMaterialId", materialId);
        }
        return answer.text();
    }

    static String parameters(Decision.OfferImport offer, List<Decision.OfferImport.WrappingKey> keys) {
        KeyRecord key = offer.key();
        CanonicalJson.ObjectBuilder answer =
                CanonicalJson.object().put("KeyId", key.arn()).put("ParametersValidTo", offer.validTo());
        if (offer.algorithm().isForWholeKeys()) {
            return answer.put("ImportToken", base64(keys.getFirst().token().encode()))
                    .put("PublicKey", base64(keys.getFirst().publicKey()))
                    .text();
        }
        return answer.put("KeySpec", key.spec().name())
                .put("KeyUsage", key.usage().name())
                .put("Parties", keys.stream().map(ImportActions::shown).toList())
                .put("ReconstructionThreshold", key.reconstructionThreshold())
                .put("WrappingAlgorithm", offer.algorithm().name())
                .text();
    }

    private static CanonicalJson.ObjectBuilder shown(Decision.OfferImport.WrappingKey key) {
        return CanonicalJson.object()
                .put(
                        "Certificates",
                        key.certificates().stream().map(ImportActions::base64).toList())
                .put("ImportToken", base64(key.token().encode()))
                .put("Party", key.party())
                .put("PublicKey", base64(key.publicKey()))
                .put("Signature", base64(key.signature()));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /// What answers say of imported material.
    ///
    /// @param inList whether each material of a key is shown, with its own state
    static void describe(CanonicalJson.ObjectBuilder shown, Material material, boolean inList) {
        Imported imported = material.imported();
        if (imported == null) {
            return;
        }
        if (inList) {
            shown.put("ImportState", imported.present() ? "IMPORTED" : "PENDING_IMPORT");
            if (!imported.description().isEmpty()) {
                shown.put("KeyMaterialDescription", imported.description());
            }
        } else {
            // Not AWS's; its clients pass over members that they do not know.
            shown.put("KeymootMaking", imported.dealer() == 0 ? "SPLIT_BY_OWNER" : "DEALT")
                    .put("KeymootDealing", dealing(imported));
        }
        if (imported.present()) {
            shown.put("ExpirationModel", imported.validTo() == null ? DOES_NOT_EXPIRE : EXPIRES);
            if (imported.validTo() != null) {
                shown.put("ValidTo", imported.validTo());
            }
        }
    }

    private static String dealing(Imported imported) {
        return imported.dealer() == 0
                ? "Imported in shares that its owner made; it was whole at no party."
                : "Imported through party " + imported.dealer()
                        + ", which had it whole in memory while it shared it among all parties.";
    }
}

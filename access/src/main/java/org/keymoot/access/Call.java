package org.keymoot.access;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.encryption.Ciphertext;
import org.keymoot.access.iam.Callers;
import org.keymoot.access.iam.RegisteredIdentities;
import org.keymoot.access.policy.Authorisation;
import org.keymoot.access.policy.Identity;
import org.keymoot.access.policy.Inquiry;
import org.keymoot.access.policy.Outcome;
import org.keymoot.access.policy.PolicyDocument;
import org.keymoot.access.policy.PolicySource;
import org.keymoot.access.policy.RequestValues;
import org.keymoot.access.sigv4.Authenticated;
import org.keymoot.access.sigv4.SignatureVerifier;

/// One request on its way to a decision: what is known of it so far, and the checks that all actions share.
///
/// It keeps true: the checks run in AWS's order, and the context for the audit record grows with them, so a
/// refusal says as much about the request as had been established.
final class Call {
    private static final SignatureVerifier VERIFIER = new SignatureVerifier("kms");
    private static final Identities IDENTITIES = new RegisteredIdentities();
    private static final String CONTENT_TYPE = "application/x-amz-json-1.1";
    private static final Pattern KEY_ID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32}");
    private static final Pattern REGION = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    private static final Pattern ALIAS = Pattern.compile("alias/[a-zA-Z0-9/_-]{1,250}");

    private final SignedRequest request;
    private final DirectoryView view;
    private final Instant now;
    private final RequestValues values = new RequestValues();
    private @Nullable Authenticated caller;
    private @Nullable Identity identity;
    private @Nullable Action action;
    private @Nullable Input input;
    private @Nullable String resource;
    private @Nullable String decidedBy;
    /// By a key's ARN the alias by which the request named it.
    private final Map<String, String> requestAliases = new HashMap<>();

    private List<String> grantTokens = List.of();
    private @Nullable GrantRecord created;

    Call(SignedRequest request, DirectoryView view, Instant now) {
        this.request = request;
        this.view = view;
        this.now = now;
    }

    Decision decide() {
        try {
            caller = VERIFIER.verify(request, new Callers(view), now);
            identity = IDENTITIES.of(caller, view);
            ContextKeys.ofCaller(values, identity);
            ContextKeys.ofRequest(values, request, region(), now);
            action = action();
            caller().requireYoungEnough(action, now);
            input = Input.read(request.body());
            return run(action);
        } catch (AwsException e) {
            return new Decision.Refused(context(), e.error());
        }
    }

    private Decision run(Action action) {
        return switch (action) {
            case CREATE_KEY -> KeyActions.createKey(this);
            case DESCRIBE_KEY -> KeyActions.describeKey(this);
            case LIST_KEYS -> KeyActions.listKeys(this);
            case GET_PUBLIC_KEY -> KeyActions.getPublicKey(this);
            case ENABLE_KEY -> KeyActions.enableKey(this);
            case DISABLE_KEY -> KeyActions.disableKey(this);
            case SCHEDULE_KEY_DELETION -> KeyActions.scheduleKeyDeletion(this);
            case CANCEL_KEY_DELETION -> KeyActions.cancelKeyDeletion(this);
            case UPDATE_KEY_DESCRIPTION -> KeyActions.updateKeyDescription(this);
            case ENCRYPT -> EncryptionActions.encrypt(this);
            case DECRYPT -> EncryptionActions.decrypt(this);
            case RE_ENCRYPT -> EncryptionActions.reEncrypt(this);
            case GENERATE_DATA_KEY -> EncryptionActions.generateDataKey(this);
            case GENERATE_DATA_KEY_WITHOUT_PLAINTEXT -> EncryptionActions.generateDataKeyWithoutPlaintext(this);
            case GENERATE_DATA_KEY_PAIR -> EncryptionActions.generateDataKeyPair(this);
            case GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT ->
                EncryptionActions.generateDataKeyPairWithoutPlaintext(this);
            case GENERATE_MAC -> MacActions.generateMac(this);
            case VERIFY_MAC -> MacActions.verifyMac(this);
            case GENERATE_RANDOM -> RandomActions.generateRandom(this);
            case DERIVE_SHARED_SECRET -> AgreementActions.deriveSharedSecret(this);
            case ROTATE_KEY_ON_DEMAND -> RotationActions.rotateKeyOnDemand(this);
            case ENABLE_KEY_ROTATION -> RotationActions.enableKeyRotation(this);
            case DISABLE_KEY_ROTATION -> RotationActions.disableKeyRotation(this);
            case GET_KEY_ROTATION_STATUS -> RotationActions.getKeyRotationStatus(this);
            case LIST_KEY_ROTATIONS -> RotationActions.listKeyRotations(this);
            case SIGN -> SigningActions.sign(this);
            case VERIFY -> SigningActions.verify(this);
            case CREATE_ALIAS -> AliasActions.createAlias(this);
            case UPDATE_ALIAS -> AliasActions.updateAlias(this);
            case DELETE_ALIAS -> AliasActions.deleteAlias(this);
            case LIST_ALIASES -> AliasActions.listAliases(this);
            case TAG_RESOURCE -> TagActions.tagResource(this);
            case UNTAG_RESOURCE -> TagActions.untagResource(this);
            case LIST_RESOURCE_TAGS -> TagActions.listResourceTags(this);
            case GET_KEY_POLICY -> PolicyActions.getKeyPolicy(this);
            case PUT_KEY_POLICY -> PolicyActions.putKeyPolicy(this);
            case LIST_KEY_POLICIES -> PolicyActions.listKeyPolicies(this);
            case REPLICATE_KEY -> MultiRegionActions.replicateKey(this);
            case UPDATE_PRIMARY_REGION -> MultiRegionActions.updatePrimaryRegion(this);
            case GET_KEY_LAST_USAGE -> UsageActions.getKeyLastUsage(this);
            case CREATE_GRANT -> GrantActions.createGrant(this);
            case LIST_GRANTS -> GrantActions.listGrants(this);
            case LIST_RETIRABLE_GRANTS -> GrantActions.listRetirableGrants(this);
            case RETIRE_GRANT -> GrantActions.retireGrant(this);
            case REVOKE_GRANT -> GrantActions.revokeGrant(this);
            case PUT_SIGN_RULES -> EthereumActions.putSignRules(this);
            case GET_SIGN_RULES -> EthereumActions.getSignRules(this);
            case DELETE_SIGN_RULES -> EthereumActions.deleteSignRules(this);
            case SIGN_ETHEREUM -> EthereumActions.signEthereum(this);
            case ACQUIRE_NONCE_LEASE -> NonceLeases.acquire(this);
            case GET_NONCE_LEASE -> NonceLeases.show(this);
            case RELEASE_NONCE_LEASE -> NonceLeases.release(this);
            case RESERVE_NONCE -> NonceLeases.reserve(this);
            case SETTLE_NONCE -> NonceLeases.settle(this);
            case CONNECT_CUSTOM_KEY_STORE,
                    CREATE_CUSTOM_KEY_STORE,
                    DELETE_CUSTOM_KEY_STORE,
                    DESCRIBE_CUSTOM_KEY_STORES,
                    DISCONNECT_CUSTOM_KEY_STORE,
                    UPDATE_CUSTOM_KEY_STORE ->
                throw unsupported("custom key stores do not exist here: every key is held by the parties");
            case GET_PARAMETERS_FOR_IMPORT -> ImportActions.getParametersForImport(this);
            case IMPORT_KEY_MATERIAL -> ImportActions.importKeyMaterial(this);
            case DELETE_IMPORTED_KEY_MATERIAL -> ImportActions.deleteImportedKeyMaterial(this);
            case GET_PARAMETERS_FOR_SPLIT_IMPORT -> ImportActions.getParametersForSplitImport(this);
            case IMPORT_KEY_SHARES -> ImportActions.importKeyShares(this);
        };
    }

    private AwsException unsupported(String why) {
        String name = Objects.requireNonNull(action).aws();
        return refuse("UnsupportedOperationException", "The operation " + name + " is not supported: " + why + ".");
    }

    private Action action() {
        if (!request.method().equals("POST") || !pathOf(request.target()).equals("/")) {
            throw refuse(
                    "UnknownOperationException", "Requests to this service are POST / with an X-Amz-Target header.");
        }
        List<String> types = request.header("content-type");
        String type = types.isEmpty() ? "" : types.getFirst().split(";", 2)[0].strip();
        if (!type.equalsIgnoreCase(CONTENT_TYPE)) {
            throw refuse("UnknownOperationException", "The Content-Type must be " + CONTENT_TYPE + ".");
        }
        List<String> targets = request.header("x-amz-target");
        String target = targets.isEmpty() ? "" : targets.getFirst();
        Action found = Action.ofTarget(target);
        if (found == null) {
            throw refuse("UnknownOperationException", null);
        }
        return found;
    }

    private static String pathOf(String target) {
        int question = target.indexOf('?');
        return question < 0 ? target : target.substring(0, question);
    }

    Input input() {
        return Objects.requireNonNull(input);
    }

    DirectoryView view() {
        return view;
    }

    /// The present, in whole milliseconds, as registers keep it.
    Instant now() {
        return Instant.ofEpochMilli(now.toEpochMilli());
    }

    String account() {
        return principal().account();
    }

    String region() {
        return caller().scope().region();
    }

    Principal principal() {
        return caller().principal();
    }

    String requestDigest() {
        return caller().requestDigest();
    }

    /// Who asks, as policies see it.
    Identity identity() {
        return Objects.requireNonNull(identity);
    }

    /// Sets a condition key of the request, such as `kms:SigningAlgorithm`, before it is authorised. What a request
    /// leaves out and a default stands for is set to the default; a null is left out.
    Call with(String conditionKey, @Nullable String value) {
        if (value != null) {
            values.put(conditionKey, value);
        }
        return this;
    }

    Call with(String conditionKey, boolean value) {
        values.put(conditionKey, value);
        return this;
    }

    Call with(String conditionKey, long value) {
        values.put(conditionKey, value);
        return this;
    }

    /// Forgets the condition keys that begin with `prefix`, so that another part of the request is authorised
    /// by its own.
    Call without(String prefix) {
        values.without(prefix);
        return this;
    }

    /// Sets a condition key with several values, such as `kms:GrantOperations`.
    Call with(String conditionKey, List<String> several) {
        values.put(conditionKey, several);
        return this;
    }

    private Authenticated caller() {
        return Objects.requireNonNull(caller);
    }

    RequestContext context() {
        String digest = caller == null ? request.unauthenticatedDigest() : caller.requestDigest();
        return new RequestContext(
                caller == null ? null : caller.principal(),
                action,
                caller == null ? null : caller.scope().region(),
                resource,
                decidedBy,
                digest,
                RequestFacts.of(
                        Service.KMS,
                        request,
                        caller,
                        identity,
                        caller == null || input == null || action == null ? null : Redaction.parameters(input.body())));
    }

    Decision answer(String json) {
        return new Decision.Answer(context(), json);
    }

    Decision change(RegisterWrite write, String json) {
        return change(List.of(write), json);
    }

    Decision change(List<RegisterWrite> writes, String json) {
        List<RegisterWrite> once = writes.stream()
                .map(write -> Repeats.once(write, view.read(write.name()), requestDigest(), caller().signedAt(), now()))
                .toList();
        return new Decision.Change(context(), once, json);
    }

    static AwsException refuse(String type, @Nullable String message) {
        return new AwsException(AwsError.of(type, message));
    }

    /// A key and the version of its register.
    record StoredKey(KeyRecord key, long version) {
        RegisterWrite write(KeyRecord next) {
            return new RegisterWrite(key.name(), version, next.json());
        }
    }

    /// An alias and the version of its register.
    record StoredAlias(AliasRecord alias, long version) {}

    /// Finds the key that a KeyId names: by id or ARN, and where `aliases` allows by alias name or alias ARN.
    StoredKey resolve(String keyId, boolean aliases) {
        RegisterName name = keyId.startsWith("arn:") ? byArn(keyId, aliases) : byId(keyId, aliases);
        resource = "arn:aws:kms:" + name.region() + ":" + name.account() + ":key/" + name.last();
        int alias = keyId.indexOf("alias/");
        if (alias >= 0) {
            requestAliases.put(resource, keyId.substring(alias));
        } else {
            requestAliases.remove(resource);
        }
        StoredKey found = key(name);
        if (found == null) {
            if (!name.account().equals(account())) {
                throw denied("because no resource-based policy allows the " + permission() + " action");
            }
            throw noSuchKey(name);
        }
        return found;
    }

    static AwsException noSuchKey(RegisterName key) {
        return refuse(
                "NotFoundException",
                "Key 'arn:aws:kms:" + key.region() + ":" + key.account() + ":key/" + key.last() + "' does not exist");
    }

    private RegisterName byId(String keyId, boolean aliases) {
        if (aliases && keyId.startsWith("alias/")) {
            return target(account(), keyId);
        }
        if (!KEY_ID.matcher(keyId).matches()) {
            throw refuse("NotFoundException", "Invalid keyId '" + keyId + "'");
        }
        return RegisterName.key(account(), region(), keyId);
    }

    private RegisterName byArn(String arn, boolean aliases) {
        String[] parts = arn.split(":", 6);
        boolean wellFormed = parts.length == 6
                && parts[1].equals("aws")
                && parts[2].equals("kms")
                && REGION.matcher(parts[3]).matches()
                && ACCOUNT.matcher(parts[4]).matches();
        if (!wellFormed) {
            throw refuse("NotFoundException", "Invalid arn " + arn);
        }
        if (!parts[3].equals(region())) {
            throw refuse("NotFoundException", "Invalid arn " + parts[3]);
        }
        resource = arn;
        if (aliases && parts[5].startsWith("alias/")) {
            return target(parts[4], parts[5]);
        }
        String id = parts[5].startsWith("key/") ? parts[5].substring("key/".length()) : "";
        if (!KEY_ID.matcher(id).matches()) {
            throw refuse("NotFoundException", "Invalid keyId '" + (id.isEmpty() ? arn : id) + "'");
        }
        return RegisterName.key(parts[4], region(), id);
    }

    private RegisterName target(String account, String alias) {
        String arn = "arn:aws:kms:" + region() + ":" + account + ":" + alias;
        resource = arn;
        StoredAlias found = ALIAS.matcher(alias).matches() ? alias(account, alias) : null;
        if (found == null || found.alias().deleted()) {
            if (!account.equals(account())) {
                throw denied("because no resource-based policy allows the " + permission() + " action");
            }
            throw refuse("NotFoundException", "Alias " + arn + " is not found.");
        }
        return found.alias().target();
    }

    /// The key of this Region that a ciphertext is under; null when there is none here.
    @Nullable KeyRecord keyOf(Ciphertext.Address address) {
        if (!KEY_ID.matcher(address.keyId()).matches()
                || !(address.region().equals(region()) || address.keyId().startsWith("mrk-"))) {
            return null;
        }
        StoredKey found = key(RegisterName.key(address.account(), region(), address.keyId()));
        return found == null ? null : found.key();
    }

    /// What somebody is told of a ciphertext whose key is not here or another account's.
    AwsException deniedCiphertext() {
        return refuse(
                "AccessDeniedException",
                "User: " + principal().arn() + " is not authorized to perform: " + permission()
                        + " on the resource associated with this ciphertext because the resource does not exist in this"
                        + " Region, no resource-based policies allow access, or a resource-based policy explicitly"
                        + " denies access");
    }

    /// A key that exists and whose waiting period is not over; null otherwise.
    @Nullable StoredKey key(RegisterName name) {
        RegisterValue value = view.read(name);
        if (value == null || !value.live()) {
            return null;
        }
        KeyRecord key = MultiRegionKeys.read(view, name, value.json(), now);
        return key.dueForDeletion(now) ? null : new StoredKey(key, value.version());
    }

    /// What an alias's register holds, a tombstone included. An alias of a key that is gone counts as deleted.
    @Nullable StoredAlias alias(String account, String alias) {
        RegisterName name = RegisterName.alias(account, region(), alias);
        RegisterValue value = view.read(name);
        if (value == null) {
            return null;
        }
        AliasRecord record = AliasRecord.decode(name, value.json());
        boolean dangling = !record.deleted() && key(record.target()) == null;
        return new StoredAlias(dangling ? record.removed(record.updatedAt(), "") : record, value.version());
    }

    /// May the caller do this action with the key?
    void authorise(KeyRecord key) {
        authorise(key, permission());
    }

    /// May the caller do this with the key? The policy of the key decides together with the caller's own policies, and
    /// where they do not allow, a grant.
    ///
    /// @param permission when it is not the action's own name, such as `kms:ReEncryptTo`
    void authorise(KeyRecord key, String permission) {
        resource = key.arn();
        Outcome outcome = Authorisation.decide(inquiry(key, permission));
        boolean foreign = !principal().account().equals(key.account());
        if (foreign && outcome.reason() == Outcome.Reason.NOT_ALLOWED_BY_RESOURCE) {
            // In the words of the refusal of a key that does not exist.
            require(outcome, permission(), named(key));
        }
        require(outcome, permission, key.arn());
        if (foreign && !worksAcrossAccounts()) {
            throw denied("because the " + permission + " action does not work across accounts");
        }
    }

    /// May the caller do this action of Keymoot's own with the key? Whoever may do the action of AWS that allows at
    /// least as much may do it as well; a deny of either stops both.
    void authoriseOwn(KeyRecord key, Action alike) {
        resource = key.arn();
        if (!principal().account().equals(key.account())) {
            // Which such actions do not work for, and which learns nothing from them.
            authorise(key, alike.permission());
            return;
        }
        Inquiry own = inquiry(key, permission());
        for (Inquiry asked : List.of(own, inquiry(key, alike.permission()))) {
            Outcome deny = Authorisation.deny(asked);
            if (deny != null) {
                require(deny, permission(), key.arn());
            }
        }
        Outcome outcome = Authorisation.decide(own);
        if (outcome.allowed()) {
            decidedBy = outcome.decidedBy();
        } else {
            authorise(key, alike.permission());
        }
    }

    /// The ARN by which the request named the key.
    private String named(KeyRecord key) {
        String alias = requestAliases.get(key.arn());
        return alias == null ? key.arn() : "arn:aws:kms:" + key.region() + ":" + key.account() + ":" + alias;
    }

    private Inquiry inquiry(KeyRecord key, String permission) {
        RequestValues all = values.copy();
        ContextKeys.ofKey(all, key, view);
        String alias = requestAliases.get(key.arn());
        if (alias != null) {
            all.put("kms:RequestAlias", alias);
        }
        return new Inquiry(
                identity(),
                new Inquiry.Request(permission, key.arn(), all),
                key.account(),
                new PolicySource("key policy", PolicyDocument.stored(key.policy(), PolicyDocument.Kind.RESOURCE)),
                () -> grants().allowing(new Grants.Question(identity(), permission, all, grantTokens, now), key, view));
    }

    /// May the caller do this in its account, to no resource in particular or to an alias?
    void authoriseInAccount(@Nullable String resourceArn) {
        resource = resourceArn;
        authoriseInAccount(resourceArn, permission(), resourceArn == null ? "*" : resourceArn);
    }

    /// May the caller give these tags to a key that is being made?
    void authoriseTagging(String newKeyArn) {
        // AWS names no resource in this refusal: there is none yet.
        authoriseInAccount(newKeyArn, Action.TAG_RESOURCE.permission(), null);
    }

    /// May the caller make a key, with tags or without, in this Region, which is not the one of the request?
    void authoriseMaking(String newKeyArn, String region, boolean tagged) {
        RequestValues all = values.copy().put("aws:ResourceAccount", account()).put("aws:RequestedRegion", region);
        Inquiry.Request make = new Inquiry.Request(Action.CREATE_KEY.permission(), "*", all);
        require(Authorisation.decide(new Inquiry(identity(), make, account(), null)), make.action(), "*");
        if (tagged) {
            Inquiry.Request tag = new Inquiry.Request(Action.TAG_RESOURCE.permission(), newKeyArn, all);
            require(Authorisation.decide(new Inquiry(identity(), tag, account(), null)), tag.action(), null);
        }
    }

    private void authoriseInAccount(@Nullable String resourceArn, String permission, @Nullable String shown) {
        RequestValues all = values.copy().put("aws:ResourceAccount", account());
        Inquiry.Request wanted = new Inquiry.Request(permission, resourceArn == null ? "*" : resourceArn, all);
        require(Authorisation.decide(new Inquiry(identity(), wanted, account(), null)), permission, shown);
    }

    /// Whether the caller may do this with a key once it has this policy.
    ///
    /// @param key null while the key does not exist
    boolean wouldAllow(PolicyDocument policy, String keyArn, @Nullable KeyRecord key, String permission) {
        RequestValues all = values.copy();
        if (key != null) {
            ContextKeys.ofKey(all, key, view);
        }
        return Authorisation.decide(new Inquiry(
                        identity(),
                        new Inquiry.Request(permission, keyArn, all),
                        account(),
                        new PolicySource("key policy", policy)))
                .allowed();
    }

    private void require(Outcome outcome, String permission, @Nullable String shown) {
        decidedBy = outcome.decidedBy();
        if (!outcome.allowed()) {
            throw refuse("AccessDeniedException", outcome.denial(principal().arn(), permission, shown));
        }
    }

    private boolean worksAcrossAccounts() {
        return switch (Objects.requireNonNull(action)) {
            case CREATE_GRANT,
                    DECRYPT,
                    DERIVE_SHARED_SECRET,
                    DESCRIBE_KEY,
                    ENCRYPT,
                    GENERATE_DATA_KEY,
                    GENERATE_DATA_KEY_PAIR,
                    GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT,
                    GENERATE_DATA_KEY_WITHOUT_PLAINTEXT,
                    GENERATE_MAC,
                    GET_KEY_ROTATION_STATUS,
                    GET_PUBLIC_KEY,
                    LIST_GRANTS,
                    RE_ENCRYPT,
                    RETIRE_GRANT,
                    REVOKE_GRANT,
                    SIGN,
                    VERIFY,
                    VERIFY_MAC -> true;
            default -> false;
        };
    }

    private String permission() {
        return Objects.requireNonNull(action).permission();
    }

    private AwsException denied(String reason) {
        String on = resource == null ? "" : " on resource: " + resource;
        return refuse(
                "AccessDeniedException",
                "User: " + principal().arn() + " is not authorized to perform: " + permission() + on + " " + reason);
    }

    /// Checks that the tokens of the request are tokens of this service and this Region, and keeps them for the
    /// authorisation. A token of a grant that is revoked does nothing.
    void useGrantTokens(List<String> tokens) {
        for (String text : tokens) {
            GrantToken token = GrantToken.parse(text);
            if (!token.key().region().equals(region()) || view.read(token.grant()) == null) {
                throw GrantToken.invalid();
            }
        }
        grantTokens = List.copyOf(tokens);
    }

    /// Says which grant the call would make, so that a grant of the caller can be compared with it.
    void creates(GrantRecord grant) {
        created = grant;
    }

    private Grants grants() {
        return new KeyGrants(created);
    }

    /// May the caller retire this grant? Whoever the grant names may; so may the account of the key, which lends it to
    /// its other identities by `kms:RetireGrant` in their policies. A deny of that permission stops them all.
    void authoriseRetiring(KeyRecord key, GrantRecord grant) {
        resource = key.arn();
        List<String> names = KeyGrants.names(identity());
        boolean grantee = names.contains(grant.grantee()) && grant.operations().contains(GrantOperation.RETIRE_GRANT);
        if (grantee || (grant.retiring() != null && names.contains(grant.retiring()))) {
            Outcome deny = Authorisation.deny(inquiry(key, permission()));
            if (deny != null) {
                require(deny, permission(), key.arn());
            }
            decidedBy = "grant " + grant.grantId();
        } else {
            authorise(key);
        }
    }

    /// The register of the key that a KeyId without aliases names.
    RegisterName named(String keyId) {
        return keyId.startsWith("arn:") ? byArn(keyId, false) : byId(keyId, false);
    }

    /// What somebody is told of a key of another account, whether it exists or not.
    AwsException strange(RegisterName key) {
        resource = "arn:aws:kms:" + key.region() + ":" + key.account() + ":key/" + key.last();
        return denied("because no resource-based policy allows the " + permission() + " action");
    }
}

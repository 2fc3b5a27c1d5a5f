package org.keymoot.access;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Call.StoredKey;
import org.keymoot.access.json.CanonicalJson;

/// Grants: permissions for one key that are given and taken back without touching its policy.
///
/// Each action writes the grant's own register. What counts as the same grant: without a name each request makes one of
/// its own; with a name, requests with equal parameters mean one grant for as long as it lives.
final class GrantActions {
    /// Most grants of one key.
    static final int MAXIMUM_PER_KEY = 50_000;

    /// Requests within a quarter of an hour that mean the same grant.

    private static final int MAXIMUM_PAIRS = 8;
    private static final int MAXIMUM_CONTEXT = 384;
    private static final int STANDARD_PAGE = 50;
    private static final int MAXIMUM_PAGE = 100;
    private static final Pattern PRINCIPAL = Pattern.compile("^[\\w+=,.@:/-]+$");
    private static final Pattern NAME = Pattern.compile("^[a-zA-Z0-9:/_-]+$");

    private GrantActions() {}

    static Decision createGrant(Call call) {
        Input input = call.input();
        String keyId = input.requiredText("KeyId", 1, 2048, null);
        String grantee = input.text("GranteePrincipal", 1, 256, PRINCIPAL);
        String granteeService = input.text("GranteeServicePrincipal", 1, 256, PRINCIPAL);
        String retiring = input.text("RetiringPrincipal", 1, 256, PRINCIPAL);
        String retiringService = input.text("RetiringServicePrincipal", 1, 256, PRINCIPAL);
        List<String> operations = input.choices("Operations", true, GrantOperation.NAMES);
        GrantConstraints constraints = constraints(input);
        List<String> tokens = input.texts("GrantTokens", false, GrantToken.MAXIMUM_COUNT, 1, GrantToken.MAXIMUM_LENGTH);
        String name = input.text("Name", 1, 256, NAME);
        boolean dryRun = input.flag("DryRun");
        input.check();
        refuseServices(granteeService, retiringService);
        if (grantee == null) {
            throw new AwsException(AwsError.validation("A GranteePrincipal is required."));
        }
        requirePrincipal(grantee);
        if (retiring != null) {
            requirePrincipal(retiring);
        }
        if (operations.isEmpty()) {
            throw new AwsException(AwsError.validation("A grant allows at least one operation."));
        }
        call.useGrantTokens(tokens);
        StoredKey stored = call.resolve(keyId, false);
        KeyRecord key = stored.key();
        GrantRecord wanted = new GrantRecord(
                key.account(),
                key.region(),
                key.keyId(),
                "0".repeat(64),
                name,
                grantee,
                retiring,
                operationsOf(operations),
                constraints,
                call.now(),
                call.requestDigest(),
                new TreeMap<>(),
                null);
        conditions(call, wanted);
        call.creates(wanted);
        call.authorise(key);
        KeyStates.requireEnabled(key);
        requireFits(key, wanted);
        if (dryRun) {
            throw dryRun();
        }
        return make(call, key, wanted);
    }

    /// The grant that the request means: one that is there, or one to be made.
    private static Decision make(Call call, KeyRecord key, GrantRecord wanted) {
        for (int incarnation = 0; ; incarnation++) {
            String seed = wanted.name() == null
                    ? wanted.requestDigest()
                    : wanted.keyArn() + "\n" + incarnation + "\n" + parameters(wanted);
            GrantRecord grant = wanted.called(GrantRecord.id(wanted.grantee(), seed));
            RegisterValue present = call.view().read(grant.register());
            if (present == null) {
                requireRoom(call, key);
                return call.change(new RegisterWrite(grant.register(), 0, grant.json()), created(call, grant));
            }
            GrantRecord known = GrantRecord.decode(grant.register(), present.json());
            if (known.answered(call.requestDigest())) {
                return call.answer(created(call, known));
            }
            if (!known.deleted()) {
                // The request is noted, so that a replay of it does not bring the grant back once it is revoked.
                return call.change(
                        new RegisterWrite(known.register(), present.version(), known.json()), created(call, known));
            }
            // The grant of this name was revoked or retired. Its id is never used again.
        }
    }

    private static String parameters(GrantRecord grant) {
        return grant.withoutRequest().json();
    }

    private static String created(Call call, GrantRecord grant) {
        return CanonicalJson.object()
                .put("GrantId", grant.grantId())
                .put("GrantToken", new GrantToken(grant.key(), grant.grantId()).text(call.requestDigest()))
                .text();
    }

    static Decision listGrants(Call call) {
        Input input = call.input();
        String keyId = input.requiredText("KeyId", 1, 2048, null);
        String grantId = input.text("GrantId", 1, 128, null);
        String grantee = input.text("GranteePrincipal", 1, 256, PRINCIPAL);
        String granteeService = input.text("GranteeServicePrincipal", 1, 256, PRINCIPAL);
        Page page = Page.read(input, STANDARD_PAGE, MAXIMUM_PAGE);
        refuseServices(granteeService, null);
        if (grantId != null) {
            requireGrantId(grantId);
        }
        if (grantee != null) {
            requirePrincipal(grantee);
        }
        StoredKey stored = call.resolve(keyId, false);
        call.with("kms:GrantIsForAWSResource", "false");
        call.authorise(stored.key());
        RegisterName key = stored.key().name();
        String all = GrantRecord.prefix(key);
        String prefix = grantId != null ? all + grantId : grantee != null ? GrantRecord.prefix(key, grantee) : all;
        List<DirectoryView.Entry> shown = new ArrayList<>();
        String after = page.after().isEmpty() ? "" : all + page.after();
        boolean more = true;
        while (more && shown.size() <= page.limit()) {
            List<DirectoryView.Entry> entries =
                    grantId != null ? single(call, prefix, after) : call.view().list(prefix, after, page.limit() + 1);
            more = entries.size() == page.limit() + 1;
            for (DirectoryView.Entry entry : entries) {
                GrantRecord grant =
                        GrantRecord.decode(entry.name(), entry.value().json());
                if (grantee == null || grant.grantee().equals(grantee)) {
                    shown.add(entry);
                }
            }
            after = more ? entries.getLast().name().text() : after;
        }
        return call.answer(list(shown, page.limit(), all.length()));
    }

    private static List<DirectoryView.Entry> single(Call call, String name, String after) {
        RegisterName register = new RegisterName(name);
        RegisterValue value = call.view().read(register);
        return value == null || !value.live() || name.compareTo(after) <= 0
                ? List.of()
                : List.of(new DirectoryView.Entry(register, value));
    }

    static Decision listRetirableGrants(Call call) {
        Input input = call.input();
        String retiring = input.requiredText("RetiringPrincipal", 1, 256, PRINCIPAL);
        Page page = Page.read(input, STANDARD_PAGE, MAXIMUM_PAGE);
        Principal principal = requirePrincipal(retiring);
        call.authoriseInAccount(null);
        if (!principal.account().equals(call.account())) {
            throw Call.refuse(
                    "AccessDeniedException",
                    "The retiring principal " + retiring + " is not of the account " + call.account() + ".");
        }
        RegisterTerm term = RegisterTerm.retirableBy(call.region(), retiring);
        List<DirectoryView.Entry> shown = new ArrayList<>();
        String after = page.after();
        boolean more = true;
        while (more && shown.size() <= page.limit()) {
            List<DirectoryView.Entry> entries = call.view().find(term, after, page.limit() + 1);
            more = entries.size() == page.limit() + 1;
            for (DirectoryView.Entry entry : entries) {
                GrantRecord grant =
                        GrantRecord.decode(entry.name(), entry.value().json());
                if (call.key(grant.key()) != null) {
                    shown.add(entry);
                }
            }
            after = more ? entries.getLast().name().text() : after;
        }
        return call.answer(list(shown, page.limit(), 0));
    }

    /// @param hidden characters of a register's name that a marker leaves out
    private static String list(List<DirectoryView.Entry> entries, int limit, int hidden) {
        List<DirectoryView.Entry> shown = entries.size() > limit ? entries.subList(0, limit) : entries;
        CanonicalJson.ObjectBuilder answer = CanonicalJson.object()
                .put("Grants", shown.stream().map(GrantActions::shape).toList());
        Page.close(
                answer, entries.size() > limit ? shown.getLast().name().text().substring(hidden) : null);
        return answer.text();
    }

    private static CanonicalJson.ObjectBuilder shape(DirectoryView.Entry entry) {
        GrantRecord grant = GrantRecord.decode(entry.name(), entry.value().json());
        CanonicalJson.ObjectBuilder shape = CanonicalJson.object()
                .put("CreationDate", grant.createdAt())
                .put("GrantId", grant.grantId())
                .put("GranteePrincipal", grant.grantee())
                .put("IssuingAccount", Principal.rootArn(grant.account()))
                .put("KeyId", grant.keyArn())
                .put("Operations", names(grant));
        if (grant.name() != null) {
            shape.put("Name", grant.name());
        }
        if (grant.retiring() != null) {
            shape.put("RetiringPrincipal", grant.retiring());
        }
        if (grant.constraints().any()) {
            CanonicalJson.ObjectBuilder constraints = CanonicalJson.object();
            if (grant.constraints().subset() != null) {
                constraints.put("EncryptionContextSubset", grant.constraints().subset());
            }
            if (grant.constraints().equals() != null) {
                constraints.put("EncryptionContextEquals", grant.constraints().equals());
            }
            shape.put("Constraints", constraints);
        }
        return shape;
    }

    private static List<String> names(GrantRecord grant) {
        return grant.operations().stream().map(GrantOperation::aws).toList();
    }

    static Decision revokeGrant(Call call) {
        Input input = call.input();
        String keyId = input.requiredText("KeyId", 1, 2048, null);
        String grantId = input.requiredText("GrantId", 1, 128, null);
        boolean dryRun = input.flag("DryRun");
        input.check();
        requireGrantId(grantId);
        StoredKey stored = call.resolve(keyId, false);
        call.with("kms:GrantIsForAWSResource", "false");
        call.authorise(stored.key());
        RegisterName register = GrantRecord.register(stored.key().name(), grantId);
        RegisterValue value = call.view().read(register);
        if (value == null) {
            throw noSuchGrant(grantId);
        }
        return end(call, register, value, dryRun);
    }

    static Decision retireGrant(Call call) {
        Input input = call.input();
        String text = input.text("GrantToken", 1, GrantToken.MAXIMUM_LENGTH, null);
        String keyId = input.text("KeyId", 1, 2048, null);
        String grantId = input.text("GrantId", 1, 128, null);
        boolean dryRun = input.flag("DryRun");
        input.check();
        if ((text == null) == (keyId == null && grantId == null) || (keyId == null) != (grantId == null)) {
            throw new AwsException(
                    AwsError.validation("Either a GrantToken, or a KeyId and a GrantId, must be specified."));
        }
        RegisterName register;
        RegisterName keyName;
        if (text != null) {
            GrantToken token = GrantToken.parse(text);
            register = token.grant();
            keyName = token.key();
            if (!keyName.region().equals(call.region())) {
                throw GrantToken.invalid();
            }
        } else {
            String id = Objects.requireNonNull(grantId);
            requireGrantId(id);
            keyName = call.named(Objects.requireNonNull(keyId));
            register = GrantRecord.register(keyName, id);
        }
        StoredKey key = call.key(keyName);
        RegisterValue value = key == null ? null : call.view().read(register);
        if (key == null || value == null) {
            if (!keyName.account().equals(call.account())) {
                throw call.strange(keyName);
            }
            throw key == null
                    ? Call.noSuchKey(keyName)
                    : noSuchGrant(register.last().split("/", 2)[1]);
        }
        GrantRecord grant = GrantRecord.decode(register, value.json());
        call.authoriseRetiring(key.key(), grant);
        return end(call, register, value, dryRun);
    }

    /// Writes the tombstone. A repeat of the request that wrote it writes it anew, so that its answer, too, is given
    /// only once a commit quorum knows.
    private static Decision end(Call call, RegisterName register, RegisterValue value, boolean dryRun) {
        GrantRecord grant = GrantRecord.decode(register, value.json());
        if (grant.deleted() && !call.requestDigest().equals(grant.endedBy())) {
            throw noSuchGrant(grant.grantId());
        }
        if (dryRun) {
            throw dryRun();
        }
        return call.change(
                new RegisterWrite(
                        register,
                        value.version(),
                        grant.ended(call.requestDigest()).json()),
                Answers.EMPTY);
    }

    private static GrantConstraints constraints(Input input) {
        Input structure = input.structure("Constraints");
        if (structure == null) {
            return GrantConstraints.NONE;
        }
        if (structure.text("SourceArn", 1, 2048, null) != null) {
            throw Call.refuse("UnsupportedOperationException", "SourceArn constraints are for AWS's own services.");
        }
        NavigableMap<String, String> subset = pairs(structure, "EncryptionContextSubset");
        NavigableMap<String, String> equals = pairs(structure, "EncryptionContextEquals");
        return new GrantConstraints(subset, equals);
    }

    private static @Nullable NavigableMap<String, String> pairs(Input structure, String member) {
        Map<String, String> pairs = structure.textMap(member);
        if (pairs == null || pairs.isEmpty()) {
            // To AWS an empty map is none: it would constrain nothing and yet look like a constraint.
            return null;
        }
        int length = pairs.entrySet().stream()
                .mapToInt(pair -> pair.getKey().length() + pair.getValue().length())
                .sum();
        if (pairs.size() > MAXIMUM_PAIRS || length > MAXIMUM_CONTEXT) {
            throw new AwsException(AwsError.validation("The constraint " + member + " has at most " + MAXIMUM_PAIRS
                    + " pairs and " + MAXIMUM_CONTEXT + " characters."));
        }
        return new TreeMap<>(pairs);
    }

    private static Set<GrantOperation> operationsOf(List<String> names) {
        Set<GrantOperation> operations = EnumSet.noneOf(GrantOperation.class);
        names.forEach(name -> operations.add(Objects.requireNonNull(GrantOperation.find(name))));
        return operations;
    }

    /// What policies may look at before a grant is made.
    private static void conditions(Call call, GrantRecord wanted) {
        call.with("kms:GrantOperations", names(wanted));
        call.with("kms:GranteePrincipal", wanted.grantee());
        if (wanted.retiring() != null) {
            call.with("kms:RetiringPrincipal", wanted.retiring());
        }
        call.with("kms:GrantIsForAWSResource", "false");
        if (wanted.constraints().equals() != null) {
            call.with("kms:GrantConstraintType", "EncryptionContextEquals");
        } else if (wanted.constraints().subset() != null) {
            call.with("kms:GrantConstraintType", "EncryptionContextSubset");
        }
    }

    private static void requireFits(KeyRecord key, GrantRecord wanted) {
        for (GrantOperation operation : wanted.operations()) {
            if (!operation.fits(key)) {
                throw new AwsException(AwsError.validation("The operation " + operation.aws()
                        + " is not valid for a grant on " + key.arn() + ", whose key usage is " + key.usage() + "."));
            }
        }
        boolean bound = key.spec().isSymmetric() && key.usage() == KeyUsage.ENCRYPT_DECRYPT;
        if (wanted.constraints().any() && !bound) {
            throw new AwsException(AwsError.validation("Encryption context constraints are for symmetric encryption"
                    + " keys; " + key.arn() + " is none."));
        }
    }

    private static void requireRoom(Call call, KeyRecord key) {
        if (call.view().count(GrantRecord.prefix(key.name()), MAXIMUM_PER_KEY) >= MAXIMUM_PER_KEY) {
            throw Call.refuse(
                    "LimitExceededException", "The key " + key.arn() + " has " + MAXIMUM_PER_KEY + " grants already.");
        }
    }

    private static void refuseServices(@Nullable String grantee, @Nullable String retiring) {
        if (grantee != null || retiring != null) {
            throw Call.refuse(
                    "UnsupportedOperationException",
                    "Service principals do not exist here: a grant is for a principal of an account.");
        }
    }

    private static Principal requirePrincipal(String arn) {
        String[] parts = arn.split(":", 6);
        try {
            return new Principal(parts.length == 6 ? parts[4] : "", arn);
        } catch (IllegalArgumentException e) {
            throw Call.refuse("InvalidArnException", "ARN does not refer to a valid principal: " + arn);
        }
    }

    private static void requireGrantId(String grantId) {
        if (!GrantRecord.ID.matcher(grantId).matches()) {
            throw Call.refuse("InvalidGrantIdException", "Invalid grant ID");
        }
    }

    private static AwsException noSuchGrant(String grantId) {
        return Call.refuse("NotFoundException", "Grant ID " + grantId + " not found");
    }

    private static AwsException dryRun() {
        return Call.refuse(
                "DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
    }
}

package org.keymoot.access.iam;

import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Decision;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RegisterWrite;
import org.keymoot.access.iam.IamCall.Stored;
import org.keymoot.access.sigv4.AsymmetricKey;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;

/// Access keys of users. Those of an account's root come from the operator and are none of these.
final class AccessKeyActions {
    private static final int MOST_KEYS = 2;
    private static final Pattern ID = Pattern.compile("[a-zA-Z0-9_]+");
    private static final Pattern BASE64 = Pattern.compile("[a-zA-Z0-9+/]+={0,2}");
    /// The parameter that AWS's action has not.
    private static final String PUBLIC_KEY = "PublicKey";

    private AccessKeyActions() {}

    /// A user's access keys, the oldest first.
    static List<AccessKeyRecord> of(IamCall call, String userId) {
        return call.all(RegisterName.Kind.ACCESSKEY).stream()
                .map(entry -> AccessKeyRecord.decode(entry.name(), entry.value().json()))
                .filter(key -> key.userId().equals(userId))
                .sorted(Comparator.comparing(AccessKeyRecord::createdAt).thenComparing(AccessKeyRecord::id))
                .toList();
    }

    private static Stored user(IamCall call) {
        String name = call.optionalName("UserName", OwnerKind.USER.longestName());
        return call.target(OwnerKind.USER, name == null ? IdentityActions.ownName(call) : name);
    }

    /// Makes an access key: one whose secret the parties draw, or, where the request brings a public key, one of which
    /// they hold no secret.
    static Decision create(IamCall call) {
        if (call.principal().isRoot() && call.form().raw("UserName") == null) {
            throw IamCall.refuse(
                    "ValidationError",
                    "Name a user: the access keys of an account's root come from the operator of the cluster.");
        }
        if (call.form().raw(PUBLIC_KEY) != null) {
            return createPublic(call);
        }
        Stored stored = user(call);
        IdentityRecord user = stored.record();
        String id = AccessKeyRecord.id("AKIA", call.account(), call.requestDigest());
        RegisterName register = AccessKeyRecord.register(call.account(), id);
        RegisterValue value = call.view().read(register);
        AccessKeyRecord present = value == null ? null : AccessKeyRecord.decode(register, value.json());
        boolean other = present != null
                && (present.deleted()
                        || present.publicKey() != null
                        || !present.requestDigest().equals(call.requestDigest()));
        if (other) {
            throw IamCall.conflict("EntityTemporarilyUnmodifiable", "Send the request again, signed anew.");
        }
        if (present == null) {
            requireRoom(call, user);
        }
        return new Decision.IssueSecret(
                call.context(),
                register,
                present == null ? null : present.commitment(),
                commitment -> new RegisterWrite(
                        register,
                        0,
                        new AccessKeyRecord(
                                        call.account(),
                                        id,
                                        user.name(),
                                        user.id(),
                                        true,
                                        call.now(),
                                        commitment,
                                        null,
                                        false,
                                        call.requestDigest())
                                .json()),
                secret -> new Xml()
                        .put(
                                "AccessKey",
                                new Xml()
                                        .put("UserName", user.name())
                                        .put("AccessKeyId", id)
                                        .put("Status", "Active")
                                        .put("SecretAccessKey", secret)
                                        .put("CreateDate", present == null ? call.now() : present.createdAt()))
                        .text());
    }

    private static void requireRoom(IamCall call, IdentityRecord user) {
        if (of(call, user.id()).size() >= MOST_KEYS) {
            throw IamCall.quota("AccessKeysPerUser", MOST_KEYS);
        }
    }

    /// The client has made the key pair, whose private key depends on the access key's id; so it chose the id as well.
    private static Decision createPublic(IamCall call) {
        String encoded = call.form().required(PUBLIC_KEY, 1, 512, BASE64);
        String proof = call.form().required("ProofOfPossession", 1, 128, BASE64);
        String id = call.form().required("AccessKeyId", 16, 128, ID);
        String name = call.name("UserName", OwnerKind.USER.longestName());
        call.form().check();
        IdentityRecord user = call.target(OwnerKind.USER, name).record();
        RegisterName register = AccessKeyRecord.registerOf(id);
        if (register == null || !register.account().equals(call.account())) {
            throw IamCall.refuse(
                    "ValidationError", "The access key id is not of the form that belongs to this account.");
        }
        requireProof(call, encoded, proof, id, name);
        RegisterValue value = call.view().read(register);
        AccessKeyRecord present = value == null ? null : AccessKeyRecord.decode(register, value.json());
        if (present != null && !present.deleted() && present.requestDigest().equals(call.requestDigest())) {
            return call.answer(shown(present));
        }
        // Among the operator's keys as well: a register would take the place of a root's own access key.
        if (present != null || call.view().credential(id) != null) {
            throw IamCall.conflict("EntityAlreadyExists", "Access key " + id + " already exists.");
        }
        requireRoom(call, user);
        AccessKeyRecord made = new AccessKeyRecord(
                call.account(),
                id,
                user.name(),
                user.id(),
                true,
                call.now(),
                null,
                encoded,
                false,
                call.requestDigest());
        return call.change(new RegisterWrite(register, 0, made.json()), shown(made));
    }

    private static void requireProof(IamCall call, String encoded, String proof, String id, String user) {
        Point publicKey;
        byte[] signature;
        try {
            publicKey = AsymmetricKey.decode(encoded);
            signature = Base64.getDecoder().decode(proof);
        } catch (InvalidEncodingException | IllegalArgumentException e) {
            throw IamCall.refuse(
                    "ValidationError",
                    "The public key must be the SubjectPublicKeyInfo of a point of P-256, in Base64, and the proof a DER"
                            + " signature, in Base64.");
        }
        byte[] signed = AsymmetricKey.proofOfPossession(call.account(), user, id, encoded);
        if (!AsymmetricKey.verifies(publicKey, signed, signature)) {
            throw IamCall.refuse(
                    "ValidationError",
                    "The proof of possession does not verify under the public key for this user and id.");
        }
    }

    private static Xml shown(AccessKeyRecord key) {
        return new Xml()
                .put(
                        "AccessKey",
                        new Xml()
                                .put("UserName", key.userName())
                                .put("AccessKeyId", key.id())
                                .put("Status", key.status())
                                .put("CreateDate", key.createdAt()));
    }

    static Decision list(IamCall call) {
        if (call.principal().isRoot() && call.form().raw("UserName") == null) {
            call.authorise(call.principal().arn());
            return call.answer(call.page("AccessKeyMetadata", List.<String>of(), id -> id, (xml, id) -> {}));
        }
        IdentityRecord user = user(call).record();
        List<AccessKeyRecord> keys = of(call, user.id()).stream()
                .sorted(Comparator.comparing(AccessKeyRecord::id))
                .toList();
        Xml answer = new Xml().put("UserName", user.name());
        return call.answer(call.page(
                answer,
                "AccessKeyMetadata",
                keys,
                AccessKeyRecord::id,
                (xml, key) -> xml.put("UserName", user.name())
                        .put("AccessKeyId", key.id())
                        .put("Status", key.status())
                        .put("CreateDate", key.createdAt())));
    }

    /// The register of an access key of a user of this account; null when there is none.
    private static @Nullable RegisterValue read(IamCall call, String id) {
        RegisterName register = AccessKeyRecord.registerOf(id);
        return register == null || !register.account().equals(call.account())
                ? null
                : call.view().read(register);
    }

    private static String id(IamCall call) {
        String id = call.form().required("AccessKeyId", 16, 128, ID);
        call.form().check();
        return id;
    }

    /// An access key and the version of its register.
    private record StoredKey(AccessKeyRecord key, long version) {
        RegisterWrite write(AccessKeyRecord next) {
            return new RegisterWrite(key.register(), version, next.json());
        }
    }

    private static StoredKey target(IamCall call, String id) {
        IdentityRecord user = user(call).record();
        RegisterValue value = read(call, id);
        AccessKeyRecord key = value == null
                ? null
                : AccessKeyRecord.decode(AccessKeyRecord.register(call.account(), id), value.json());
        boolean again = key != null && key.requestDigest().equals(call.requestDigest());
        if (value == null || key == null || !key.userId().equals(user.id()) || (key.deleted() && !again)) {
            throw IamCall.noSuchEntity("The Access Key with id " + id + " cannot be found.");
        }
        return new StoredKey(key, value.version());
    }

    static Decision update(IamCall call) {
        String id = id(call);
        String status = call.form().choice("Status", List.of("Active", "Inactive"), null);
        call.form().check();
        StoredKey stored = target(call, id);
        return call.change(stored.write(stored.key().withActive(status.equals("Active"), call.requestDigest())));
    }

    static Decision delete(IamCall call) {
        StoredKey stored = target(call, id(call));
        if (stored.key().deleted()) {
            return call.done();
        }
        return call.change(stored.write(stored.key().removed(call.requestDigest())));
    }

    private static String userArn(IamCall call, AccessKeyRecord key) {
        IdentityRecord user = RegisteredIdentities.find(call.view(), OwnerKind.USER, call.account(), key.userName());
        return user != null && user.id().equals(key.userId())
                ? user.arn()
                : IdentityRecord.arn(OwnerKind.USER, call.account(), "/", key.userName());
    }

    /// When a key was last used is in the parties' audit logs; no register keeps it.
    static Decision lastUsed(IamCall call) {
        String id = id(call);
        RegisterValue value = read(call, id);
        AccessKeyRecord key = value == null
                ? null
                : AccessKeyRecord.decode(AccessKeyRecord.register(call.account(), id), value.json());
        call.authorise(key == null ? "arn:aws:iam::" + call.account() + ":user/" : userArn(call, key));
        if (key == null || key.deleted()) {
            throw IamCall.noSuchEntity("The Access Key with id " + id + " cannot be found.");
        }
        return call.answer(new Xml()
                .put("UserName", key.userName())
                .put("AccessKeyLastUsed", new Xml().put("ServiceName", "N/A").put("Region", "N/A")));
    }
}

package org.keymoot.access;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Call.StoredAlias;
import org.keymoot.access.Call.StoredKey;
import org.keymoot.access.json.CanonicalJson;

/// Names for keys. Each action writes the alias's own register only, so a key needs no change when an alias moves.
final class AliasActions {
    /// Most aliases of one key.
    static final int MAXIMUM_PER_KEY = 50;

    private static final Pattern NAME = Pattern.compile("^[a-zA-Z0-9:/_-]+$");
    private static final String PREFIX = "alias/";
    private static final String RESERVED = "alias/aws/";

    private AliasActions() {}

    static Decision createAlias(Call call) {
        String alias = call.input().requiredText("AliasName", 1, 256, NAME);
        String keyId = targetKeyId(call);
        requireOwnName(alias);
        StoredKey target = resolveTarget(call, keyId);
        call.authorise(target.key());
        call.authoriseInAccount(arn(call, alias));
        KeyStates.requireNotPendingDeletion(target.key());
        StoredAlias present = call.alias(call.account(), alias);
        if (present != null && !present.alias().deleted()) {
            AliasRecord record = present.alias();
            if (record.requestDigest().equals(call.requestDigest())) {
                return call.answer(Answers.EMPTY);
            }
            throw Call.refuse("AlreadyExistsException", "An alias with the name " + record.arn() + " already exists");
        }
        requireRoom(call, target.key());
        AliasRecord next = new AliasRecord(
                call.account(),
                call.region(),
                alias,
                target.key().keyId(),
                call.now(),
                call.now(),
                false,
                call.requestDigest());
        return call.change(write(present, next), Answers.EMPTY);
    }

    static Decision updateAlias(Call call) {
        String alias = call.input().requiredText("AliasName", 1, 256, NAME);
        String keyId = targetKeyId(call);
        requireOwnName(alias);
        StoredAlias present = requirePresent(call, alias);
        StoredKey target = resolveTarget(call, keyId);
        StoredKey before = call.key(present.alias().target());
        if (before != null) {
            call.authorise(before.key());
        }
        call.authorise(target.key());
        call.authoriseInAccount(arn(call, alias));
        KeyStates.requireNotPendingDeletion(target.key());
        if (!present.alias().targetKeyId().equals(target.key().keyId())) {
            requireRoom(call, target.key());
        }
        AliasRecord next = present.alias().retargeted(target.key().keyId(), call.now(), call.requestDigest());
        return call.change(write(present, next), Answers.EMPTY);
    }

    static Decision deleteAlias(Call call) {
        String alias = call.input().requiredText("AliasName", 1, 256, NAME);
        call.input().check();
        requireOwnName(alias);
        StoredAlias stored = call.alias(call.account(), alias);
        if (stored != null
                && stored.alias().deleted()
                && stored.alias().requestDigest().equals(call.requestDigest())) {
            call.authoriseInAccount(arn(call, alias));
            return call.answer(Answers.EMPTY);
        }
        StoredAlias present = requirePresent(call, alias);
        StoredKey target = call.key(present.alias().target());
        if (target != null) {
            call.authorise(target.key());
        }
        call.authoriseInAccount(arn(call, alias));
        return call.change(write(present, present.alias().removed(call.now(), call.requestDigest())), Answers.EMPTY);
    }

    static Decision listAliases(Call call) {
        String keyId = call.input().text("KeyId", 1, 2048, null);
        Page page = Page.read(call.input(), 50, 100);
        StoredKey only = keyId == null ? null : call.resolve(keyId, false);
        call.authoriseInAccount(null);
        return only == null ? listAll(call, page) : listOf(call, page, only.key());
    }

    private static Decision listAll(Call call, Page page) {
        String prefix = RegisterName.aliasesOf(call.account(), call.region());
        List<CanonicalJson.ObjectBuilder> shown = new ArrayList<>();
        String after = page.after().isEmpty() ? "" : prefix + page.after();
        String last = null;
        boolean more = true;
        while (more) {
            List<DirectoryView.Entry> entries = call.view().list(prefix, after, page.limit() + 1);
            more = entries.size() == page.limit() + 1;
            for (DirectoryView.Entry entry : entries) {
                AliasRecord alias =
                        AliasRecord.decode(entry.name(), entry.value().json());
                if (call.key(alias.target()) == null) {
                    continue;
                }
                if (shown.size() == page.limit()) {
                    return call.answer(aliasList(shown, last));
                }
                shown.add(shape(alias));
                last = entry.name().last();
            }
            after = more ? entries.getLast().name().text() : after;
        }
        return call.answer(aliasList(shown, null));
    }

    private static Decision listOf(Call call, Page page, KeyRecord key) {
        List<CanonicalJson.ObjectBuilder> shown = new ArrayList<>();
        String last = null;
        for (DirectoryView.Entry entry : call.view().aliasesOf(key)) {
            if (entry.name().last().compareTo(page.after()) <= 0) {
                continue;
            }
            if (shown.size() == page.limit()) {
                return call.answer(aliasList(shown, last));
            }
            shown.add(shape(AliasRecord.decode(entry.name(), entry.value().json())));
            last = entry.name().last();
        }
        return call.answer(aliasList(shown, null));
    }

    private static String aliasList(List<CanonicalJson.ObjectBuilder> aliases, @Nullable String last) {
        CanonicalJson.ObjectBuilder answer = CanonicalJson.object().put("Aliases", aliases);
        Page.close(answer, last);
        return answer.text();
    }

    private static CanonicalJson.ObjectBuilder shape(AliasRecord alias) {
        return CanonicalJson.object()
                .put("AliasArn", alias.arn())
                .put("AliasName", alias.name())
                .put("CreationDate", alias.createdAt())
                .put("LastUpdatedDate", alias.updatedAt())
                .put("TargetKeyId", alias.targetKeyId());
    }

    private static String targetKeyId(Call call) {
        String keyId = call.input().requiredText("TargetKeyId", 1, 2048, null);
        call.input().check();
        return keyId;
    }

    private static void requireOwnName(String alias) {
        if (!alias.startsWith(PREFIX)) {
            throw new AwsException(AwsError.validation("Alias must start with the prefix \"alias/\". Please see"
                    + " https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"));
        }
        if (alias.startsWith(RESERVED)) {
            throw Call.refuse("NotAuthorizedException", null);
        }
        if (alias.equals(PREFIX) || alias.contains(":")) {
            throw Call.refuse("InvalidAliasNameException", alias + " contains invalid characters for an alias");
        }
    }

    private static StoredKey resolveTarget(Call call, String keyId) {
        if (keyId.startsWith(PREFIX) || keyId.contains(":alias/")) {
            throw new AwsException(AwsError.validation("Aliases must refer to keys. Not aliases"));
        }
        return call.resolve(keyId, false);
    }

    private static StoredAlias requirePresent(Call call, String alias) {
        StoredAlias present = call.alias(call.account(), alias);
        if (present == null || present.alias().deleted()) {
            throw Call.refuse("NotFoundException", "Alias " + arn(call, alias) + " is not found.");
        }
        return present;
    }

    private static void requireRoom(Call call, KeyRecord key) {
        if (call.view().aliasesOf(key).size() >= MAXIMUM_PER_KEY) {
            throw Call.refuse(
                    "LimitExceededException", "The key " + key.arn() + " has " + MAXIMUM_PER_KEY + " aliases already.");
        }
    }

    private static RegisterWrite write(@Nullable StoredAlias present, AliasRecord next) {
        return new RegisterWrite(next.register(), present == null ? 0 : present.version(), next.json());
    }

    private static String arn(Call call, String alias) {
        return "arn:aws:kms:" + call.region() + ":" + call.account() + ":" + alias;
    }
}

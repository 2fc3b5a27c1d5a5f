package org.keymoot.access;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.policy.Identity;
import org.keymoot.access.policy.RequestValues;

/// The condition keys that do not depend on the action: who asks, from where, when, and of which key.
///
/// It keeps true: a key stands for what a party knows for itself, except `aws:SourceIp`, `aws:SecureTransport` and
/// (unless the client signed it) `aws:UserAgent`, for which there is only the endpoint's word.
public final class ContextKeys {
    private ContextKeys() {}

    /// Sets what is known of the caller.
    public static void ofCaller(RequestValues values, Identity caller) {
        caller.context().forEach(values::put);
        values.put("aws:PrincipalArn", caller.principalArn())
                .put("aws:PrincipalAccount", caller.principal().account())
                .put("aws:PrincipalType", caller.kind().aws())
                .put("aws:PrincipalIsAWSService", false)
                .put("aws:ViaAWSService", false)
                .put("aws:userid", caller.userId())
                .put("kms:CallerAccount", caller.principal().account());
        if (caller.userName() != null) {
            values.put("aws:username", caller.userName());
        }
        caller.tags().forEach((key, value) -> values.put("aws:PrincipalTag/" + key, value));
    }

    /// Sets what is known of the request itself.
    ///
    /// @param region of the credential scope; null for a request that nobody signed
    public static void ofRequest(RequestValues values, SignedRequest request, @Nullable String region, Instant now) {
        values.put("aws:CurrentTime", now.truncatedTo(ChronoUnit.SECONDS).toString())
                .put("aws:EpochTime", now.getEpochSecond())
                .put("aws:SecureTransport", request.secureTransport());
        if (region != null) {
            values.put("aws:RequestedRegion", region);
        }
        String source = request.sourceAddress();
        int zone = source.indexOf('%');
        if (!source.isEmpty()) {
            values.put("aws:SourceIp", zone < 0 ? source : source.substring(0, zone));
        }
        List<String> agents = request.header("user-agent");
        if (agents.size() == 1) {
            values.put("aws:UserAgent", agents.getFirst());
        }
    }

    /// Sets what is known of a key, before the request is authorised for it.
    public static void ofKey(RequestValues values, KeyRecord key, DirectoryView view) {
        values.put("aws:ResourceAccount", key.account())
                .put("kms:KeySpec", key.spec().name())
                .put("kms:CustomerMasterKeySpec", key.spec().name())
                .put("kms:KeyUsage", key.usage().name())
                .put("kms:CustomerMasterKeyUsage", key.usage().name())
                .put("kms:KeyOrigin", key.origin().name())
                .put("kms:MultiRegion", key.multiRegion() != null);
        MultiRegion multiRegion = key.multiRegion();
        if (multiRegion != null) {
            boolean primary = multiRegion.primaryRegion().equals(key.region());
            values.put("kms:MultiRegionKeyType", primary ? "PRIMARY" : "REPLICA");
        }
        key.tags().forEach((name, value) -> values.put("aws:ResourceTag/" + name, value));
        values.later("kms:ResourceAliases", new Aliases(key, view));
    }

    /// The aliases of a key, found out when a policy asks for them.
    ///
    /// It keeps true: an alias counts only as its register is read, not as a listing showed it, so that each party
    /// that shares the decision catches up with the alias's newest state before it decides. A key with more aliases
    /// than a key may have counts as having none.
    private static final class Aliases implements Supplier<List<String>> {
        private final KeyRecord key;
        private final DirectoryView view;
        private @Nullable List<String> found;

        Aliases(KeyRecord key, DirectoryView view) {
            this.key = key;
            this.view = view;
        }

        @Override
        public List<String> get() {
            List<String> names = found;
            if (names == null) {
                names = read();
                found = names;
            }
            return names;
        }

        private List<String> read() {
            List<DirectoryView.Entry> listed = view.aliasesOf(key);
            if (listed.size() > AliasActions.MAXIMUM_PER_KEY) {
                return List.of();
            }
            List<String> names = new ArrayList<>();
            for (DirectoryView.Entry entry : listed) {
                RegisterValue value = view.read(entry.name());
                if (value == null || !value.live()) {
                    continue;
                }
                AliasRecord alias = AliasRecord.decode(entry.name(), value.json());
                if (alias.target().equals(key.name())) {
                    names.add(alias.name());
                }
            }
            return names;
        }
    }
}

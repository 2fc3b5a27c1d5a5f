package org.keymoot.party.operations;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Credential;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.IssuedSecret;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterTerm;
import org.keymoot.access.RegisterValue;
import org.keymoot.api.party.v1.RegisterVersion;

/// A view that remembers which registers a decision stood on, so that peers can catch up with them before they decide.
///
/// Listings are not remembered: a decision that several parties have to share finds candidates by one and then reads
/// them.
final class RelyingView implements DirectoryView {
    private final DirectoryView view;
    private final Map<RegisterName, Long> versions = new TreeMap<>();
    private final List<Missing> missing = new ArrayList<>();

    RelyingView(DirectoryView view) {
        this.view = view;
    }

    @Override
    public @Nullable RegisterValue read(RegisterName name) {
        RegisterValue value = view.read(name);
        versions.put(name, value == null ? 0 : value.version());
        return value;
    }

    @Override
    public List<Entry> list(String prefix, String after, int limit) {
        return view.list(prefix, after, limit);
    }

    @Override
    public List<Entry> find(RegisterTerm term, String after, int limit) {
        return view.find(term, after, limit);
    }

    @Override
    public int count(String prefix, int enough) {
        return view.count(prefix, enough);
    }

    @Override
    public int parties() {
        return view.parties();
    }

    @Override
    public int reconstructionThreshold() {
        return view.reconstructionThreshold();
    }

    @Override
    public @Nullable Credential credential(String accessKeyId) {
        return view.credential(accessKeyId);
    }

    @Override
    public @Nullable IssuedSecret issued(RegisterName register, String commitment) {
        IssuedSecret secret = view.issued(register, commitment);
        if (secret == null) {
            missing.add(new Missing(register, commitment));
        }
        return secret;
    }

    /// A secret that a register commits to and that this party has not got.
    record Missing(RegisterName register, String commitment) {}

    /// What was asked for in vain.
    List<Missing> missing() {
        return List.copyOf(missing);
    }

    Map<RegisterName, Long> versions() {
        return Map.copyOf(versions);
    }

    List<RegisterVersion> wire() {
        return versions.entrySet().stream()
                .map(entry -> RegisterVersion.newBuilder()
                        .setName(entry.getKey().text())
                        .setVersion(entry.getValue())
                        .build())
                .toList();
    }
}

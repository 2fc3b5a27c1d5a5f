package org.keymoot.access;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Call.StoredKey;
import org.keymoot.access.json.CanonicalJson;

/// Tags of keys.
final class TagActions {
    /// Most tags of one key.
    static final int MAXIMUM_PER_KEY = 50;

    private TagActions() {}

    static Decision tagResource(Call call) {
        List<Input.Tag> tags = call.input().tags("Tags", true);
        conditions(call, tags);
        StoredKey stored = KeyActions.forChange(call);
        KeyStates.requireNotPendingDeletion(stored.key());
        NavigableMap<String, String> next = new TreeMap<>(stored.key().tags());
        addAll(next, tags);
        return call.change(stored.write(stored.key().withTags(next, call.requestDigest())), Answers.EMPTY);
    }

    static Decision untagResource(Call call) {
        List<String> keys = call.input().texts("TagKeys", true, Input.MAXIMUM_TAGS, 1, 128);
        call.with("aws:TagKeys", keys);
        StoredKey stored = KeyActions.forChange(call);
        KeyStates.requireNotPendingDeletion(stored.key());
        keys.forEach(TagActions::refuseReserved);
        NavigableMap<String, String> next = new TreeMap<>(stored.key().tags());
        keys.forEach(next::remove);
        return call.change(stored.write(stored.key().withTags(next, call.requestDigest())), Answers.EMPTY);
    }

    static Decision listResourceTags(Call call) {
        KeyActions.readKeyId(call.input());
        Page page = Page.read(call.input(), 50, 50);
        StoredKey stored = KeyActions.forChange(call);
        List<CanonicalJson.ObjectBuilder> shown = new ArrayList<>();
        String last = null;
        for (Map.Entry<String, String> tag : stored.key().tags().entrySet()) {
            if (tag.getKey().compareTo(page.after()) <= 0) {
                continue;
            }
            if (shown.size() == page.limit()) {
                return call.answer(list(shown, last));
            }
            shown.add(CanonicalJson.object().put("TagKey", tag.getKey()).put("TagValue", tag.getValue()));
            last = tag.getKey();
        }
        return call.answer(list(shown, null));
    }

    private static String list(List<CanonicalJson.ObjectBuilder> tags, @Nullable String last) {
        CanonicalJson.ObjectBuilder answer = CanonicalJson.object().put("Tags", tags);
        Page.close(answer, last);
        return answer.text();
    }

    /// Sets the condition keys that a request with tags has.
    static void conditions(Call call, List<Input.Tag> tags) {
        if (!tags.isEmpty()) {
            call.with("aws:TagKeys", tags.stream().map(Input.Tag::key).toList());
            tags.forEach(tag -> call.with("aws:RequestTag/" + tag.key(), tag.value()));
        }
    }

    /// Adds the tags of a request.
    static void addAll(NavigableMap<String, String> tags, List<Input.Tag> more) {
        Set<String> seen = new HashSet<>();
        for (Input.Tag tag : more) {
            refuseReserved(tag.key());
            if (!seen.add(tag.key())) {
                throw Call.refuse("TagException", "Duplicate tag keys");
            }
            tags.put(tag.key(), tag.value());
        }
        if (tags.size() > MAXIMUM_PER_KEY) {
            throw Call.refuse("TagException", "Too many tags");
        }
    }

    private static void refuseReserved(String key) {
        if (key.toLowerCase(Locale.ROOT).startsWith("aws:")) {
            throw Call.refuse("TagException", "Tags beginning with aws: are reserved");
        }
    }
}

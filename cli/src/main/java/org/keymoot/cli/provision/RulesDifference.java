package org.keymoot.cli.provision;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.SignRules;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// How the sign rules that a key has differ from those that it should have.
final class RulesDifference {
    private RulesDifference() {}

    /// Whether they allow the same, however they are written.
    static boolean same(String present, String wanted) {
        try {
            return SignRules.parse(present).equals(SignRules.parse(wanted));
        } catch (InvalidEthereumData e) {
            // Rules of a later version: what this one does not know it cannot call the same.
            return false;
        }
    }

    /// A line for each member that differs.
    static List<String> lines(String present, String wanted) {
        Map<String, String> there = new TreeMap<>();
        Map<String, String> here = new TreeMap<>();
        flatten("", JsonReader.stored(present), there);
        flatten("", JsonReader.stored(wanted), here);
        TreeSet<String> members = new TreeSet<>(there.keySet());
        members.addAll(here.keySet());
        List<String> lines = new ArrayList<>();
        for (String member : members) {
            String found = there.getOrDefault(member, "left out");
            String expected = here.getOrDefault(member, "left out");
            if (!found.equals(expected)) {
                lines.add("sign rule %s is %s, expected %s".formatted(member, found, expected));
            }
        }
        return lines;
    }

    private static void flatten(String path, JsonNode node, Map<String, String> into) {
        if (node.isObject() && !node.isEmpty()) {
            node.properties()
                    .forEach(member -> flatten(
                            path.isEmpty() ? member.getKey() : path + "." + member.getKey(), member.getValue(), into));
        } else {
            into.put(path, node.toString());
        }
    }
}

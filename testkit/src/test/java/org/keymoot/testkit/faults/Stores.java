package org.keymoot.testkit.faults;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Looks into the parties' databases from outside, and remembers what it saw of presignatures.
///
/// It keeps true: a presignature once seen as spent at a party is never seen there as anything else, and all parties of
/// its quorum spent it for the same message.
final class Stores {
    private final Victims victims;
    private final Map<String, String> spentFor = new HashMap<>();
    private final Map<Integer, TreeSet<String>> spentAt = new TreeMap<>();

    Stores(Victims victims) {
        this.victims = victims;
    }

    /// @return what breaks the rule for presignatures; empty when nothing does
    List<String> presignaturesUsedTwice() throws SQLException {
        List<String> found = new java.util.ArrayList<>();
        for (int party : IntStream.rangeClosed(1, 3).toArray()) {
            TreeSet<String> spentHere = spentAt.computeIfAbsent(party, ignored -> new TreeSet<>());
            try (Connection connection = open(party);
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select id, state, taken_for from presignature")) {
                while (row.next()) {
                    String id = HexFormat.of().formatHex(row.getBytes(1));
                    if (row.getString(2).equals("NEW")) {
                        if (spentHere.contains(id)) {
                            found.add("party %d has presignature %s again, which it spent before".formatted(party, id));
                        }
                        continue;
                    }
                    spentHere.add(id);
                    String message = HexFormat.of().formatHex(row.getBytes(3));
                    String before = spentFor.putIfAbsent(id, message);
                    if (before != null && !before.equals(message)) {
                        found.add("presignature %s was taken for %s and, at party %d, for %s"
                                .formatted(id, before, party, message));
                    }
                }
            }
        }
        return found;
    }

    /// How many spent presignatures were seen in all, so that a test knows that it tested something.
    int spentSeen() {
        return spentFor.size();
    }

    long count(int party, String sqlCondition) throws SQLException {
        try (Connection connection = open(party);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from " + sqlCondition)) {
            row.next();
            return row.getLong(1);
        }
    }

    private Connection open(int party) throws SQLException {
        Path file = victims.store(party).resolve("party.db");
        return DriverManager.getConnection("jdbc:sqlite:file:" + file + "?mode=ro");
    }
}

package org.keymoot.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.keymoot.bench.KmsConnection.Answer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// How long a page takes, through the endpoint, when an account has as many keys as one may have.
///
/// One key is made as a user makes it; the others are its register under other ids, written to each party's database
/// while the parties are stopped, since making so many would take hours.
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List all keys and aliases of a cluster that has many, page by page.")
final class ListCommand implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<Integer> PARTIES = List.of(1, 2, 3);
    private static final String ALIAS = "alias/many-0";
    private static final int START_PATIENCE_SECONDS = 60;

    private static final String ONE = "select name, value from register where name like ?";

    /// Spread over the range of ids, as random ones are; an odd factor keeps them distinct.
    private static final String OTHER_KEYS = """
            with recursive numbers(i) as (select 1 union all select i + 1 from numbers where i + 1 < ?1)
            insert into register (name, version, value, live)
            select substr(?2, 1, length(?2) - 36) || printf('%08x', (i * 2654435761) & 4294967295) || substr(?2, -28),
              1, ?3, 1
            from numbers""";

    private static final String OTHER_ALIASES = """
            with recursive numbers(i) as (select 1 union all select i + 1 from numbers where i + 1 < ?1)
            insert into register (name, version, value, live)
            select substr(?2, 1, length(?2) - 1) || i, 1, ?3, 1
            from numbers""";

    @Option(names = "--keys", description = "Keys, and as many aliases (default ${DEFAULT-VALUE}).")
    int keys = 100_000;

    @Option(names = "--rounds", description = "How often to list all; the first warms up (default ${DEFAULT-VALUE}).")
    int rounds = 3;

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    @Override
    public Integer call() throws Exception {
        Map<String, Object> all = new LinkedHashMap<>();
        try (ScratchCluster cluster = ScratchCluster.start(1, false)) {
            String key = makeKeyWithAlias(cluster);
            cluster.stop();
            for (int party : PARTIES) {
                fill(cluster.database(party), key);
            }
            cluster.startAgain();
            try (KmsConnection connection = new KmsConnection(cluster.account())) {
                for (int second = 0; connection.call("ListKeys", "{}").status() != 200; second++) {
                    if (second == START_PATIENCE_SECONDS) {
                        throw new IllegalStateException("the cluster did not come back");
                    }
                    Thread.sleep(1000);
                }
                all.put("ListKeys, 1000 a page", list(connection, "ListKeys", "Keys", 1000));
                all.put("ListAliases, 100 a page", list(connection, "ListAliases", "Aliases", 100));
            }
        }
        if (json) {
            System.out.println(JSON.writeValueAsString(all));
        } else {
            all.forEach((what, figures) -> System.out.printf(Locale.ROOT, "%-24s %s%n", what, figures));
        }
        return 0;
    }

    private static String makeKeyWithAlias(ScratchCluster cluster) throws Exception {
        String key = LoadCommand.makeKey(cluster.account(), LoadScenario.ED25519_SIGN);
        try (KmsConnection connection = new KmsConnection(cluster.account())) {
            Answer answer = connection.call(
                    "CreateAlias", JSON.writeValueAsString(Map.of("AliasName", ALIAS, "TargetKeyId", key)));
            if (answer.status() != 200) {
                throw new IllegalStateException("CreateAlias was answered " + answer);
            }
        }
        return key;
    }

    private void fill(Path database, String key) throws Exception {
        try (Connection sql = DriverManager.getConnection("jdbc:sqlite:" + database)) {
            insert(sql, OTHER_KEYS, "key/%/" + key);
            insert(sql, OTHER_ALIASES, "alias/%/" + ALIAS.substring("alias/".length()));
        }
    }

    private void insert(Connection sql, String statement, String like) throws Exception {
        try (PreparedStatement one = sql.prepareStatement(ONE);
                PreparedStatement others = sql.prepareStatement(statement)) {
            one.setString(1, like);
            try (ResultSet found = one.executeQuery()) {
                if (!found.next()) {
                    throw new IllegalStateException("there is no register like " + like);
                }
                others.setInt(1, keys);
                others.setString(2, found.getString(1));
                others.setBytes(3, found.getBytes(2));
            }
            int inserted = others.executeUpdate();
            if (inserted != keys - 1) {
                throw new IllegalStateException("%d rows were written, not %d".formatted(inserted, keys - 1));
            }
        }
    }

    private Map<String, Object> list(KmsConnection connection, String action, String member, int limit)
            throws Exception {
        Latencies pages = new Latencies();
        for (int round = 0; round < rounds; round++) {
            pages = new Latencies();
            int seen = 0;
            String marker = "";
            do {
                Map<String, Object> request = new LinkedHashMap<>();
                request.put("Limit", limit);
                if (!marker.isEmpty()) {
                    request.put("Marker", marker);
                }
                String body = JSON.writeValueAsString(request);
                long start = System.nanoTime();
                Answer answer = connection.call(action, body);
                pages.add(System.nanoTime() - start);
                JsonNode page = JSON.readTree(answer.body());
                if (answer.status() != 200) {
                    throw new IllegalStateException(action + " was answered " + answer);
                }
                seen += page.path(member).size();
                marker = page.path("NextMarker").asString("");
            } while (!marker.isEmpty());
            if (seen < keys) {
                throw new IllegalStateException("%s told of %d, not of %d".formatted(action, seen, keys));
            }
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("pages", pages.count());
        figures.put("p50Millis", pages.quantileMillis(0.5));
        figures.put("p99Millis", pages.quantileMillis(0.99));
        figures.put("slowestMillis", pages.quantileMillis(1));
        return figures;
    }
}

package org.keymoot.platform.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
    @TempDir
    Path temp;

    enum Mode {
        FAST,
        VERY_SAFE
    }

    record Mesh(
            @Default("0.0.0.0:7443") HostPort listen,

            @Default("30s") @Doc("How long a peer may be silent.")
            Duration idleTimeout,

            Optional<SecretText> passphrase) {}

    record Peer(int index, HostPort address) {
        Peer {
            if (index < 1) {
                throw new IllegalArgumentException("index must be at least 1, not " + index);
            }
        }
    }

    record Settings(
            String cluster,
            @Default("very-safe") Mode mode,
            @Default("10MiB") @Renamed(from = "bodyLimit") DataSize maximumBody,
            Mesh mesh,
            List<Peer> peers,
            Map<String, String> labels) {}

    @Test
    void bindsAFileWithDefaultsForWhatIsMissing() {
        Loaded<Settings> loaded = parse("""
                cluster: alpha
                mesh:
                  idleTimeout: 5m
                peers:
                  - {index: 1, address: "10.0.0.1:7443"}
                  - {index: 2, address: "[::1]:7443"}
                labels: {zone: a}
                """, Map.of());
        Settings settings = loaded.value();
        assertThat(settings.cluster()).isEqualTo("alpha");
        assertThat(settings.mode()).isEqualTo(Mode.VERY_SAFE);
        assertThat(settings.maximumBody().bytes()).isEqualTo(10L << 20);
        assertThat(settings.mesh().idleTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.peers()).extracting(Peer::index).containsExactly(1, 2);
        assertThat(settings.peers().get(1).address().host()).isEqualTo("::1");
        assertThat(settings.labels()).containsEntry("zone", "a");
        assertThat(loaded.settings())
                .contains(
                        new Setting("cluster", "alpha", "party.yaml line 1"),
                        new Setting("mesh.idleTimeout", "5m", "party.yaml line 3"),
                        new Setting("maximumBody", "10MiB", "default"));
    }

    @Test
    void namesEveryProblemAtOnceWithTheNearestName() {
        assertThatThrownBy(() -> parse("""
                        clustr: alpha
                        bodyLimit: 3MiB
                        mode: slow
                        mesh:
                          idleTimeout: 30
                          listen: nowhere
                        peers:
                          - {index: 0, address: "h:1"}
                        """, Map.of("KEYMOOT_MESH_LISTN", "x")))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems())
                                .anySatisfy(p -> assertThat(p)
                                        .contains("clustr", "party.yaml line 1", "did you mean 'cluster'?"))
                                .anySatisfy(p -> assertThat(p).contains("bodyLimit", "now called 'maximumBody'"))
                                .anySatisfy(p -> assertThat(p).contains("mode = 'slow'", "one of fast, very-safe"))
                                .anySatisfy(p -> assertThat(p).contains("mesh.idleTimeout = '30'", "with its unit"))
                                .anySatisfy(p -> assertThat(p).contains("mesh.listen = 'nowhere'", "host:port"))
                                .anySatisfy(p -> assertThat(p).contains("peers[0]", "index must be at least 1, not 0"))
                                .anySatisfy(p -> assertThat(p).contains("cluster must be given"))
                                .anySatisfy(p -> assertThat(p)
                                        .contains("KEYMOOT_MESH_LISTN", "did you mean KEYMOOT_MESH_LISTEN?"))
                                .hasSize(8));
    }

    @Test
    void laysTheEnvironmentOverTheFileAndSecretsFromPrivateFiles() throws IOException {
        Path secret = temp.resolve("passphrase");
        Files.writeString(secret, "open sesame\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Map<String, String> environment = Map.of(
                "KEYMOOT_MESH_LISTEN", "127.0.0.1:1",
                "KEYMOOT_MESH_PASSPHRASE_FILE", secret.toString(),
                "KEYMOOT_LOG_LEVEL", "DEBUG",
                "PATH", "/bin");
        Loaded<Settings> loaded = parse("cluster: a\nmesh: {listen: '1.2.3.4:5'}", environment);
        assertThat(loaded.value().mesh().listen()).isEqualTo(new HostPort("127.0.0.1", 1));
        assertThat(loaded.value().mesh().passphrase().orElseThrow().reveal())
                .containsExactly("open sesame".toCharArray());
        assertThat(loaded.settings()).contains(new Setting("mesh.listen", "127.0.0.1:1", "KEYMOOT_MESH_LISTEN"));
        assertThat(loaded.toString()).doesNotContain("sesame").contains("[redacted]");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> parse("cluster: a", environment))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("chmod 600");
    }

    @Test
    void refusesTextThatIsNoMappingOrNamesAValueTwice() {
        for (String bad : List.of("- a\n- b", "just text", "cluster: [", "cluster: a\ncluster: b", "a: &x [*x]")) {
            assertThatThrownBy(() -> parse(bad, Map.of())).isInstanceOf(ConfigException.class);
        }
    }

    @Test
    void listsItsReferenceForTheManual() {
        assertThat(Schema.reference(Settings.class))
                .contains(
                        new Schema.Line("cluster", "text", null, ""),
                        new Schema.Line(
                                "mesh.idleTimeout", "a duration, such as 30s", "30s", "How long a peer may be silent."),
                        new Schema.Line("mesh.passphrase", "a secret", "", ""),
                        new Schema.Line("peers[].address", "host:port", null, ""));
    }

    @Test
    void readsAndWritesUnits() {
        for (String text : List.of("250ms", "30s", "15m", "12h", "90d", "0s")) {
            assertThat(Durations.format(Durations.parse(text))).isEqualTo(text);
        }
        for (String text : List.of("0B", "512B", "64KiB", "10MiB", "3GiB")) {
            assertThat(DataSize.parse(text)).hasToString(text);
        }
        for (String bad : List.of("", "5", "-1s", "1 year", "s")) {
            assertThatThrownBy(() -> Durations.parse(bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static Loaded<Settings> parse(String yaml, Map<String, String> environment) {
        return new ConfigLoader(environment, Set.of("KEYMOOT_LOG_LEVEL")).parse(Settings.class, yaml, "party.yaml");
    }
}

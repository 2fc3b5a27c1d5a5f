package org.keymoot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassCacheTest {
    private static final String WRITES = "-XX:AOTCacheOutput=";
    private static final String READS = "-XX:AOTCache=";

    @TempDir
    Path lib = Path.of("");

    private ClassCache caches = new ClassCache(null);

    @BeforeEach
    void install() throws IOException {
        Files.writeString(lib.resolve("party.jar"), "a jar");
        caches = new ClassCache(lib);
    }

    @Test
    void theFirstStartWritesTheCacheAndOthersMeanwhileGoWithout() {
        assertThat(caches.options(Program.PARTY)).contains(WRITES + lib.resolve("party.aot"));
        assertThat(caches.options(Program.PARTY)).isEmpty();
        assertThat(caches.options(Program.KMS)).contains(WRITES + lib.resolve("kms.aot"));
    }

    @Test
    void laterStartsReadTheCache() throws IOException {
        Files.writeString(lib.resolve("party.aot"), "a cache");

        assertThat(caches.options(Program.PARTY)).contains(READS + lib.resolve("party.aot"));
    }

    @Test
    void aCacheOlderThanAJarIsWrittenAnew() throws IOException {
        Path cache = Files.writeString(lib.resolve("party.aot"), "a cache");
        Files.setLastModifiedTime(cache, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));

        assertThat(caches.options(Program.PARTY)).contains(WRITES + cache);
        assertThat(cache).doesNotExist();
    }

    @Test
    void whoeverDiedBeforeWritingIsReplaced() throws IOException {
        Files.writeString(lib.resolve("party.aot.writer"), "999999999 2020-01-01T00:00:00Z\n");

        assertThat(caches.options(Program.PARTY)).contains(WRITES + lib.resolve("party.aot"));
    }

    @Test
    void nothingIsCachedWithoutAnInstallation() {
        assertThat(new ClassCache(null).options(Program.PARTY)).isEmpty();
        assertThat(new ClassCache(lib.resolve("absent")).options(Program.PARTY)).isEmpty();
    }
}

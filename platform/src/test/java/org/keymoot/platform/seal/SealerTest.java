package org.keymoot.platform.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.platform.disk.InsecurePermissions;

class SealerTest {
    private static final byte[] PLACE = "share key-1 party 2 epoch 3".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path temp;

    private final SecureRandom random = new SecureRandom();
    private Path file = Path.of("kek");

    @BeforeEach
    void place() {
        file = temp.resolve("kek");
    }

    @Test
    void opensWhatItSealedAcrossARestart() throws IOException {
        byte[] plain = "a share".getBytes(StandardCharsets.US_ASCII);
        byte[] sealed = new Sealer(KeyRing.create(file, random), random).seal(plain, PLACE);
        assertThat(sealed).hasSize(plain.length + Sealer.OVERHEAD_BYTES);
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("a share");
        assertThat(new Sealer(KeyRing.load(file), random).open(sealed, PLACE)).isEqualTo(plain);
    }

    @Test
    void sealsAndOpensMemoryOutsideTheHeapOfEveryKindOfArena() throws IOException {
        Sealer sealer = new Sealer(KeyRing.create(file, random), random);
        try (Arena shared = Arena.ofShared();
                Arena confined = Arena.ofConfined()) {
            for (Arena arena : new Arena[] {shared, confined}) {
                MemorySegment plain = arena.allocate(100);
                for (int i = 0; i < 100; i++) {
                    plain.set(ValueLayout.JAVA_BYTE, i, (byte) i);
                }
                MemorySegment target = arena.allocate(120);
                byte[] sealed = sealer.seal(plain, PLACE);
                assertThat(sealer.openedLength(sealed)).isEqualTo(100);
                assertThat(sealer.open(sealed, PLACE, target)).isEqualTo(100);
                assertThat(target.asSlice(0, 100).mismatch(plain)).isEqualTo(-1);
            }
        }
    }

    @Test
    void refusesAFlipOfAnyBitAndReleasesNothing() throws IOException {
        Sealer sealer = new Sealer(KeyRing.create(file, random), random);
        byte[] sealed = sealer.seal("secret".getBytes(StandardCharsets.US_ASCII), PLACE);
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] changed = sealed.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            byte[] target = new byte[6];
            Arrays.fill(target, (byte) 9);
            assertThatThrownBy(() -> sealer.open(changed, PLACE, MemorySegment.ofArray(target)))
                    .isInstanceOf(SealBroken.class);
            assertThat(target).doesNotContain('s', 'e', 'c');
        }
    }

    @Test
    void refusesARecordThatWasMovedToAnotherPlaceOrCutShort() throws IOException {
        Sealer sealer = new Sealer(KeyRing.create(file, random), random);
        byte[] sealed = sealer.seal(new byte[] {1, 2, 3}, PLACE);
        assertThatThrownBy(() -> sealer.open(sealed, new byte[0])).isInstanceOf(SealBroken.class);
        for (int length = 0; length < sealed.length; length++) {
            byte[] cut = Arrays.copyOf(sealed, length);
            assertThatThrownBy(() -> sealer.open(cut, PLACE)).isInstanceOf(SealBroken.class);
        }
    }

    @Test
    void sealsTheSameContentDifferentlyEachTime() throws IOException {
        Sealer sealer = new Sealer(KeyRing.create(file, random), random);
        assertThat(sealer.seal(new byte[32], PLACE)).isNotEqualTo(sealer.seal(new byte[32], PLACE));
    }

    @Test
    void rewrapsUnderTheNewestKeyAfterARotation() throws IOException {
        Sealer before = new Sealer(KeyRing.create(file, random), random);
        byte[] old = before.seal(new byte[] {7}, PLACE);
        assertThat(before.rewrap(old, PLACE)).isSameAs(old);
        var unused = KeyRing.load(file).rotate(file, random);
        Sealer after = new Sealer(KeyRing.load(file), random);
        assertThat(after.open(old, PLACE)).containsExactly(7);
        byte[] rewrapped = after.rewrap(old, PLACE);
        assertThat(after.keyVersion(rewrapped)).isEqualTo(2);
        assertThat(after.open(rewrapped, PLACE)).containsExactly(7);
        assertThatThrownBy(() -> before.open(rewrapped, PLACE))
                .isInstanceOf(SealBroken.class)
                .hasMessageContaining("key version 2");
    }

    @Test
    void refusesAKeyFileThatOthersCanReadOrThatExistsOrIsDamaged() throws IOException {
        var unused = KeyRing.create(file, random);
        assertThatThrownBy(() -> KeyRing.create(file, random)).isInstanceOf(FileAlreadyExistsException.class);
        byte[] content = Files.readAllBytes(file);
        for (int i = 0; i < content.length; i++) {
            byte[] changed = content.clone();
            changed[i] ^= 1;
            Files.write(file, changed);
            assertThatThrownBy(() -> KeyRing.load(file)).isInstanceOf(SealBroken.class);
        }
        Files.write(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> KeyRing.load(file)).isInstanceOf(InsecurePermissions.class);
    }
}

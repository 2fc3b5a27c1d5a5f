package org.keymoot.platform.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFilesTest {
    @TempDir
    Path temp;

    @Test
    void createsFilesForTheOwnerAloneWhateverTheUmaskIs() throws Exception {
        // The umask belongs to the process, so each is tried in one of its own.
        for (String umask : new String[] {"000", "077", "022"}) {
            Path directory = temp.resolve("made-" + umask);
            Process process = new ProcessBuilder(
                            "sh",
                            "-c",
                            "umask " + umask + " && exec \"$0\" -cp \"$1\" \"$2\" \"$3\"",
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            System.getProperty("java.class.path"),
                            Creator.class.getName(),
                            directory.toString())
                    .inheritIO()
                    .start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(mode(directory)).isEqualTo("rwx------");
            assertThat(mode(directory.resolve("secret"))).isEqualTo("rw-------");
            assertThat(mode(directory.resolve("lock"))).isEqualTo("rw-------");
        }
    }

    /// Makes a data directory with one private file, in a process that the test starts.
    static final class Creator {
        private Creator() {}

        public static void main(String[] arguments) throws IOException {
            try (DataDirectory directory = DataDirectory.open(Path.of(arguments[0]))) {
                PrivateFiles.create(directory.resolve("secret"), ByteBuffer.wrap(new byte[] {1}));
            }
        }
    }

    @Test
    void refusesToReadWhatOthersCanRead() throws IOException {
        Path file = temp.resolve("open");
        Files.writeString(file, "secret");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> PrivateFiles.read(file))
                .isInstanceOf(InsecurePermissions.class)
                .hasMessageContaining("rw-r-----")
                .hasMessageContaining("chmod 600");
        assertThatThrownBy(() -> PrivateFiles.openOrCreate(file)).isInstanceOf(InsecurePermissions.class);
    }

    @Test
    void refusesADirectoryThatOthersCanEnter() throws IOException {
        Path directory = Files.createDirectory(
                temp.resolve("shared"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        assertThatThrownBy(() -> DataDirectory.open(directory))
                .isInstanceOf(InsecurePermissions.class)
                .hasMessageContaining("chmod 700");
    }

    @Test
    void createNeverReplacesAndReplaceAlwaysDoes() throws IOException {
        Path file = temp.resolve("file");
        PrivateFiles.create(file, bytes("one"));
        assertThatThrownBy(() -> PrivateFiles.create(file, bytes("two")))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasContent("one");
        PrivateFiles.replace(file, bytes("three"));
        assertThat(file).hasContent("three");
        try (var left = Files.list(temp)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void refusesASecondHolderOfADirectoryInThisProcess() throws IOException {
        Path path = temp.resolve("data");
        try (DataDirectory held = DataDirectory.open(path)) {
            assertThat(held.path()).isEqualTo(path.toRealPath());
            assertThatThrownBy(() -> DataDirectory.open(path))
                    .isInstanceOf(DirectoryInUse.class)
                    .hasMessageContaining("this process");
        }
        DataDirectory.open(path).close();
    }

    @Test
    void refusesADirectoryThatAnotherProcessHoldsAndNamesIt() throws Exception {
        Path path = temp.resolve("data");
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        path.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("held");
            assertThatThrownBy(() -> DataDirectory.open(path))
                    .isInstanceOf(DirectoryInUse.class)
                    .hasMessageContaining("process " + holder.pid());
        } finally {
            holder.destroyForcibly().waitFor();
        }
        DataDirectory.open(path).close();
    }

    /// Holds a directory until it is killed.
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            try (DataDirectory held = DataDirectory.open(Path.of(arguments[0]))) {
                System.out.println(held.path().toFile().isDirectory() ? "held" : "missing");
                Thread.sleep(60_000);
            }
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}

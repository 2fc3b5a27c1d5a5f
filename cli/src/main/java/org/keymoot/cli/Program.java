package org.keymoot.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The long-running programs that the launcher starts. They are named, never linked: the class path of this module does
/// not hold a share-bearing class at compile time.
enum Program {
    DEV("org.keymoot.cli.KeymootMain", "-Xmx128m"),
    PARTY("org.keymoot.party.PartyMain", "-Xmx256m"),
    KMS("org.keymoot.kms.KmsMain", "-Xmx256m"),
    SIMULATE("org.keymoot.protocol.simulation.Simulate", "-Xmx1g");

    private final String mainClass;
    private final String heap;

    Program(String mainClass, String heap) {
        this.mainClass = mainClass;
        this.heap = heap;
    }

    /// The command line of the program in a process of its own, on this JVM and class path.
    List<String> commandLine(List<String> jvmOptions, String... args) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+DisableAttachMechanism",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        line.addAll(jvmOptions);
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        line.addAll(Arrays.asList(args));
        return line;
    }

    /// The program as a process to be.
    ProcessBuilder process(List<String> jvmOptions, String... args) {
        return new ProcessBuilder(commandLine(jvmOptions, args));
    }

    /// Starts the program with both of its streams in `log`.
    Process start(Path log, List<String> jvmOptions, String... args) throws IOException {
        File file = log.toFile();
        return process(jvmOptions, args)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(file))
                .redirectInput(new File("/dev/null"))
                .start();
    }

    /// Runs the simulation inside this process.
    ///
    /// @return 0 when every invariant held
    static int simulate(long seed, int runs, PrintStream progress) {
        try {
            Object result = Class.forName(SIMULATE.mainClass)
                    .getMethod("run", long.class, int.class, PrintStream.class)
                    .invoke(null, seed, runs, progress);
            return (int) result;
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("the simulation failed", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the simulation is not on the class path", e);
        }
    }
}

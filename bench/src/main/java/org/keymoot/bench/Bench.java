package org.keymoot.bench;

import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `./keymoot bench`: measures the product beside controls in the same run.
@Command(
        name = "keymoot bench",
        mixinStandardHelpOptions = true,
        description = "Measures speed and size; docs/performance.md explains the figures.",
        subcommands = {
            CpuCommand.class,
            SizeCommand.class,
            LoadCommand.class,
            ListCommand.class,
            StartCommand.class,
            Bench.Jmh.class
        })
public final class Bench {
    private Bench() {}

    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Bench());
        if (arguments.length == 0) {
            line.usage(System.err);
            System.exit(CommandLine.ExitCode.USAGE);
        }
        System.exit(line.execute(arguments));
    }

    /// Runs JMH's benchmarks by name.
    @Command(
            name = "jmh",
            description = "Run JMH benchmarks whose names match; further arguments are JMH's own (`jmh -h`).")
    static final class Jmh implements Callable<Integer> {
        @Parameters(arity = "0..*", paramLabel = "ARGUMENT", description = "Such as GroupBenchmark -f 1 -wi 3 -i 5.")
        List<String> arguments = List.of();

        @Override
        public Integer call() throws Exception {
            Main.main(arguments.toArray(String[]::new));
            return 0;
        }
    }
}

package org.keymoot.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.control.ca.Join;
import org.keymoot.control.ca.JoinRefused;
import org.keymoot.platform.config.HostPort;
import org.keymoot.platform.tls.Fingerprint;
import org.keymoot.platform.tls.SpiffeId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A new node's side of joining, for whichever kind of node.
abstract class JoinCommand extends BaseCommand {
    @Option(
            names = "--authority",
            required = true,
            paramLabel = "HOST:PORT",
            description = "Where `keymoot ca admit` waits.")
    String authority = "";

    @Option(
            names = "--fingerprint",
            required = true,
            description = "The authority's fingerprint, as its operator told you.")
    String fingerprint = "";

    @Option(names = "--cluster", required = true, description = "The cluster's name.")
    String cluster = "";

    @Option(
            names = "--code-file",
            paramLabel = "FILE",
            description = "Holds the one-time code ('-' reads standard input); without it you are asked.")
    @Nullable Path codeFile;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "A directory for the key and certificates.")
    Path directory = Path.of("");

    /// The name that the certificate must carry.
    abstract SpiffeId id();

    /// A party joins by its index.
    @Command(
            name = "join",
            description = "Get this party's certificate: make a key, show its fingerprint, spend the one-time code.",
            footerHeading = "Examples:%n",
            footer = {
                "  keymoot party join --authority 10.0.0.5:7443 --fingerprint 9c1e-… --cluster prod --index 3 --out identity",
                "",
            })
    static final class Party extends JoinCommand {
        @Option(names = "--index", required = true, description = "The party's index.")
        int index;

        @Override
        SpiffeId id() {
            return SpiffeId.party(cluster, index);
        }
    }

    /// An endpoint joins by a name.
    @Command(
            name = "join",
            description = "Get this endpoint's certificate: make a key, show its fingerprint, spend the one-time code.",
            footerHeading = "Examples:%n",
            footer = {
                "  keymoot kms join --authority 10.0.0.5:7443 --fingerprint 9c1e-… --cluster prod --name kms-1 --out identity",
                "",
            })
    static final class Endpoint extends JoinCommand {
        @Option(names = "--name", required = true, description = "The endpoint's name.")
        String name = "";

        @Override
        SpiffeId id() {
            return SpiffeId.endpoint(cluster, name);
        }
    }

    /// An operator joins by a name.
    @Command(
            name = "join",
            description = "Get your certificate as an operator: make a key, show its fingerprint, spend the code.",
            footerHeading = "Examples:%n",
            footer = {
                "  keymoot operator join --authority 10.0.0.5:7443 --fingerprint 9c1e-… --cluster prod --name alice --out alice",
                "",
            })
    static final class Operator extends JoinCommand {
        @Option(names = "--name", required = true, description = "The operator's name.")
        String name = "";

        @Override
        SpiffeId id() {
            return SpiffeId.operator(cluster, name);
        }
    }

    @Override
    public Integer call() throws Exception {
        if (Files.exists(directory.resolve(Join.CHAIN_FILE)) || Files.exists(directory.resolve(Join.KEY_FILE))) {
            throw new CliFailure(
                    ExitCode.CONFLICT,
                    "%s holds an identity already; it is never overwritten".formatted(directory),
                    "name another --out, or move the old identity away");
        }
        Fingerprint pinned;
        SpiffeId id;
        HostPort address;
        try {
            pinned = Fingerprint.parse(fingerprint);
            id = id();
            address = HostPort.parse(authority);
        } catch (IllegalArgumentException e) {
            throw new CliFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), "correct the option", e);
        }
        Join join = new Join(InstantSource.system(), new SecureRandom());
        tell("this node's key is %s; the authority's operator must see the same"
                .formatted(join.fingerprint().text()));
        try {
            Join.Joined joined = join.request(address, pinned, code(), id);
            join.write(directory, joined);
        } catch (JoinRefused e) {
            throw new CliFailure(
                    ExitCode.AUTHENTICATION,
                    String.valueOf(e.getMessage()),
                    "compare the fingerprints with the authority's operator and ask for a new code",
                    e);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id.toString());
        json.put("directory", directory.toString());
        json.put("key", join.fingerprint().text());
        output.result(out(), json, () -> "%s joined; its key and certificates are in %s".formatted(id, directory));
        return ExitCode.OK.code();
    }

    private String code() throws Exception {
        if (codeFile == null) {
            java.io.Console console = System.console();
            if (console == null || !console.isTerminal()) {
                throw new CliFailure(
                        ExitCode.USAGE, "there is no terminal to ask for the one-time code", "give --code-file FILE");
            }
            return new String(console.readPassword("one-time code: "));
        }
        String text = codeFile.toString().equals("-")
                ? new String(System.in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                : Files.readString(codeFile);
        return text.strip();
    }
}

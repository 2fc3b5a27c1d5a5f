package org.keymoot.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keymoot.control.ca.Admission;
import org.keymoot.control.ca.Applicant;
import org.keymoot.control.ca.CertificateAuthority;
import org.keymoot.control.ca.Invitation;
import org.keymoot.control.ca.WrongPassphrase;
import org.keymoot.platform.config.HostPort;
import org.keymoot.platform.tls.Fingerprint;
import org.keymoot.platform.tls.SpiffeId;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Groups the commands of a cluster's certificate authority.
@Command(
        name = "ca",
        description = "Make a cluster's certificate authority and let parties, endpoints and operators in.",
        subcommands = {CaCommand.Init.class, CaCommand.Admit.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot ca init --dir ca --cluster prod --passphrase-file /run/secrets/ca",
            "  keymoot ca admit --dir ca --party 3 --listen 10.0.0.5:7443 --passphrase-file /run/secrets/ca",
            "",
        })
final class CaCommand extends BaseCommand {
    /// Where the passphrase of the authority's keys comes from: a file or the terminal, never the command line.
    static final class Passphrase {
        @Option(
                names = "--passphrase-file",
                paramLabel = "FILE",
                description = "First line of FILE unlocks the authority's keys ('-' reads standard input).")
        @Nullable Path file;

        @Option(
                names = "--no-passphrase",
                description = "Leave the keys unencrypted in private files; for development.")
        boolean none;

        char @Nullable [] read() throws IOException {
            if (none) {
                return null;
            }
            if (file == null) {
                java.io.Console console = System.console();
                if (console == null || !console.isTerminal()) {
                    throw new CliFailure(
                            ExitCode.USAGE,
                            "there is no terminal to ask for the passphrase",
                            "give --passphrase-file FILE, or --no-passphrase for development");
                }
                return console.readPassword("passphrase of the authority: ");
            }
            String text = file.toString().equals("-")
                    ? new String(System.in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                    : Files.readString(file);
            String line = text.lines().findFirst().orElse("");
            if (line.isEmpty()) {
                throw new CliFailure(
                        ExitCode.USAGE, "%s holds no passphrase".formatted(file), "put it on the file's first line");
            }
            return line.toCharArray();
        }
    }

    /// Makes the authority.
    @Command(
            name = "init",
            description = "Make a P-384 root and intermediate for a new cluster.",
            footerHeading = "Examples:%n",
            footer = {
                "  keymoot ca init --dir ca --cluster prod --passphrase-file /run/secrets/ca",
                "  keymoot ca init --dir ca --cluster try --no-passphrase",
                "",
            })
    static final class Init extends BaseCommand {
        @Option(names = "--dir", required = true, description = "A directory that holds no authority yet.")
        Path dir = Path.of("");

        @Option(names = "--cluster", required = true, description = "The cluster's name, part of every certificate.")
        String cluster = "";

        @ArgGroup
        Passphrase passphrase = new Passphrase();

        @Override
        public Integer call() throws Exception {
            char[] secret = passphrase.read();
            CertificateAuthority authority;
            try {
                authority = CertificateAuthority.init(
                        dir, cluster, secret, secret, InstantSource.system(), new SecureRandom());
            } catch (FileAlreadyExistsException e) {
                throw new CliFailure(
                        ExitCode.CONFLICT,
                        "%s is there already and is no directory for an authority".formatted(e.getFile()),
                        "name another --dir",
                        e);
            } catch (IOException e) {
                throw new CliFailure(
                        ExitCode.CONFLICT, String.valueOf(e.getMessage()), "name another --dir for another cluster", e);
            } catch (IllegalArgumentException e) {
                throw new CliFailure(
                        ExitCode.USAGE, String.valueOf(e.getMessage()), "choose another name with --cluster", e);
            } finally {
                erase(secret);
            }
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("cluster", cluster);
            json.put("directory", dir.toString());
            json.put("fingerprint", authority.fingerprint().text());
            output.result(
                    out(),
                    json,
                    () -> "authority of cluster %s made in %s%nfingerprint %s"
                            .formatted(cluster, dir, authority.fingerprint().text()));
            return ExitCode.OK.code();
        }
    }

    /// Lets one node in.
    @Command(
            name = "admit",
            description = "Let one party, endpoint or operator in: show a one-time code, compare its key, sign.",
            footerHeading = "Examples:%n",
            footer = {
                "  keymoot ca admit --dir ca --party 3 --host p3.example --listen 10.0.0.5:7443",
                "  keymoot ca admit --dir ca --operator alice --listen 127.0.0.1:7443 --expect 4f2a-…",
                "",
            })
    static final class Admit extends BaseCommand {
        @Option(names = "--dir", required = true, description = "The authority's directory.")
        Path dir = Path.of("");

        @ArgGroup(multiplicity = "1")
        Who who = new Who();

        @Option(names = "--host", description = "A host name or address under which the node is reached; repeatable.")
        List<String> hosts = List.of();

        @Option(
                names = "--listen",
                defaultValue = "127.0.0.1:7443",
                paramLabel = "HOST:PORT",
                description = "Where to wait for the node (default ${DEFAULT-VALUE}).")
        String listen = "";

        @Option(
                names = "--minutes",
                defaultValue = "10",
                description = "How long the code can be used (default ${DEFAULT-VALUE}).")
        int minutes;

        @Option(
                names = "--expect",
                paramLabel = "FINGERPRINT",
                description = "The key's fingerprint as the node showed it; without it you are asked to compare.")
        @Nullable String expect;

        @ArgGroup
        Passphrase passphrase = new Passphrase();

        /// Who the certificate is for.
        static final class Who {
            @Option(names = "--party", paramLabel = "INDEX", description = "A party's index.")
            int party;

            @Option(names = "--endpoint", paramLabel = "NAME", description = "An endpoint's name.")
            @Nullable String endpoint;

            @Option(names = "--operator", paramLabel = "NAME", description = "An operator's name.")
            @Nullable String operator;

            SpiffeId id(String cluster) {
                if (endpoint != null) {
                    return SpiffeId.endpoint(cluster, endpoint);
                }
                return operator != null ? SpiffeId.operator(cluster, operator) : SpiffeId.party(cluster, party);
            }
        }

        @Override
        public Integer call() throws Exception {
            CertificateAuthority authority = open();
            Duration patience = Duration.ofMinutes(minutes);
            HostPort address;
            Invitation invitation;
            try {
                if (expect != null) {
                    Fingerprint.parse(expect);
                }
                address = HostPort.parse(listen);
                invitation =
                        new Invitation(who.id(authority.cluster()), hosts, patience, "cluster " + authority.cluster());
            } catch (IllegalArgumentException e) {
                throw new CliFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), "correct the option", e);
            }
            try (Admission admission = Admission.open(
                    authority,
                    invitation,
                    new InetSocketAddress(address.host(), address.port()),
                    this::confirm,
                    InstantSource.system(),
                    new SecureRandom())) {
                tell("waiting for %s at %s for %d minutes".formatted(invitation.id(), listen, minutes));
                tell("  one-time code          " + admission.code());
                tell("  authority fingerprint  " + admission.fingerprint().text());
                Optional<List<X509Certificate>> chain = admission.await(patience);
                if (chain.isEmpty()) {
                    throw new CliFailure(
                            ExitCode.AUTHENTICATION,
                            "nobody was let in as " + invitation.id(),
                            "run the command again for a new code");
                }
                Fingerprint leaf = Fingerprint.of(chain.get().getFirst());
                output.result(
                        out(),
                        Map.of("id", invitation.id().toString(), "certificate", leaf.text()),
                        () -> "%s was let in; its certificate is %s".formatted(invitation.id(), leaf.text()));
                return ExitCode.OK.code();
            }
        }

        private CertificateAuthority open() throws IOException {
            char[] secret = passphrase.read();
            try {
                return CertificateAuthority.open(dir, secret, InstantSource.system(), new SecureRandom());
            } catch (WrongPassphrase e) {
                throw new CliFailure(
                        ExitCode.AUTHENTICATION, String.valueOf(e.getMessage()), "give the passphrase of `ca init`", e);
            } catch (IOException e) {
                throw new CliFailure(
                        ExitCode.USAGE, String.valueOf(e.getMessage()), "name the authority's directory with --dir", e);
            } finally {
                erase(secret);
            }
        }

        private boolean confirm(Applicant applicant) {
            if (expect != null) {
                boolean same = Fingerprint.parse(expect).equals(applicant.key());
                if (!same) {
                    tell("refused: the node at %s shows key %s, expected %s"
                            .formatted(applicant.remote(), applicant.key(), expect));
                }
                return same;
            }
            java.io.Console console = System.console();
            if (console == null || !console.isTerminal()) {
                tell("refused: there is no terminal to compare key %s on; give --expect".formatted(applicant.key()));
                return false;
            }
            String answer = console.readLine(
                    "%s asks from %s with key %s%nDoes the node show the same? Type yes to sign: ",
                    applicant.id(), applicant.remote(), applicant.key());
            return "yes".equals(answer);
        }
    }

    private static void erase(char @Nullable [] secret) {
        if (secret != null) {
            java.util.Arrays.fill(secret, '\0');
        }
    }
}

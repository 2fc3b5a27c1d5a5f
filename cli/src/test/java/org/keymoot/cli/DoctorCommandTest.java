package org.keymoot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.Service;
import org.keymoot.cli.aws.AwsSettings;
import org.keymoot.cli.aws.IamClient;
import org.keymoot.cli.aws.KmsClient;

class DoctorCommandTest {
    @TempDir
    Path folder = Path.of("");

    private WholeKeyKms kms;

    @BeforeEach
    void start() throws IOException {
        kms = new WholeKeyKms(folder);
    }

    @AfterEach
    void stop() {
        kms.close();
    }

    private static CommandRun doctor(String... more) {
        String[] line = new String[more.length + 4];
        System.arraycopy(new String[] {"kms", "doctor", "--profile", "test"}, 0, line, 0, 4);
        System.arraycopy(more, 0, line, 4, more.length);
        return CommandRun.of(line);
    }

    @Test
    void findsNothingWrongWhereNothingIs() {
        CommandRun.of("provision", "agents", "--environment", "staging", "--profile", "test");
        CommandRun run = doctor("--environment", "staging", "--role", "relayer-signer");
        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.out())
                .contains("the access key is known", "differ by", "alias/staging-relayer-signer: may be used to sign")
                .doesNotContain("fault");
    }

    @Test
    void saysHowToMakeAKeyThatIsMissingAndHowToEnableOneThatIsOff() {
        CommandRun run = doctor("--environment", "staging", "--role", "relayer-signer", "--json");
        assertThat(run.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(run.out()).contains("keymoot provision agents --environment staging");
        CommandRun.of("provision", "agents", "--environment", "staging", "--profile", "test");
        kms.fault = new WholeKeyKms.Fault("Sign", false, 400, "DisabledException");
        assertThat(doctor("--environment", "staging", "--role", "relayer-signer")
                        .out())
                .contains("aws kms enable-key");
        kms.fault = new WholeKeyKms.Fault("GetPublicKey", false, 400, "AccessDeniedException");
        CommandRun denied = doctor("--environment", "staging", "--role", "relayer-signer");
        assertThat(denied.out()).contains("allow kms:GetPublicKey");
        assertThat(denied.exitCode()).isEqualTo(ExitCode.DENIED.code());
    }

    @Test
    void tellsAWrongAccessKeyAWrongSecretAndADeadEndpointApart() throws IOException {
        Path credentials = folder.resolve(".aws/credentials");
        String right = Files.readString(credentials);
        Files.writeString(credentials, right.replace("AKIAROOT", "AKIAWRONG"));
        CommandRun stranger = doctor();
        assertThat(stranger.out()).contains("fault", "does not know the access key");
        assertThat(stranger.exitCode()).isEqualTo(ExitCode.AUTHENTICATION.code());
        Files.writeString(credentials, right.replace("wJalr", "xJalr"));
        assertThat(doctor().out()).contains("check AWS_SECRET_ACCESS_KEY").doesNotContain("xJalr");
        Files.writeString(credentials, right);
        CommandRun dead = doctor("--endpoint-url", "http://127.0.0.1:1");
        assertThat(dead.exitCode()).isEqualTo(ExitCode.RETRY_LATER.code());
        assertThat(dead.out()).contains("does not answer", "fix:");
    }

    @Test
    void findsAClockThatIsWrong() throws IOException {
        try (OtherClock endpoint = new OtherClock(Duration.ofMinutes(2))) {
            CommandRun worrying = doctor("--endpoint-url", endpoint.url());
            assertThat(worrying.exitCode()).as(worrying.out()).isZero();
            assertThat(worrying.out()).contains("warning  clock", "NTP");
        }
        try (OtherClock endpoint = new OtherClock(Duration.ofMinutes(-6))) {
            CommandRun wrong = doctor("--endpoint-url", endpoint.url());
            assertThat(wrong.exitCode()).isEqualTo(ExitCode.AUTHENTICATION.code());
            assertThat(wrong.out()).contains("fault    clock", "differ by 3");
        }
    }

    /// An endpoint that answers everything alike, with the date of a clock of its own, which the JDK's server does not
    /// let a test choose.
    private static final class OtherClock implements AutoCloseable {
        private static final String BODY = "{\"parties\":3,\"partiesAnswering\":3,\"Aliases\":[]}";
        private final ServerSocket socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        private final Duration ahead;

        OtherClock(Duration ahead) throws IOException {
            this.ahead = ahead;
            Thread.ofVirtual().start(this::serve);
        }

        String url() {
            return "http://127.0.0.1:" + socket.getLocalPort();
        }

        private void serve() {
            while (!socket.isClosed()) {
                try (Socket client = socket.accept()) {
                    byte[] request = new byte[16_384];
                    int length = 0;
                    do {
                        length += Math.max(0, client.getInputStream().read(request, length, request.length - length));
                    } while (!isWhole(new String(request, 0, length, StandardCharsets.ISO_8859_1)));
                    String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                            ZonedDateTime.now(ZoneOffset.UTC).plus(ahead));
                    client.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                                    .formatted(date, BODY.length(), BODY)
                                    .getBytes(StandardCharsets.ISO_8859_1));
                } catch (IOException e) {
                    // The client is gone, or the test is over.
                }
            }
        }

        private static boolean isWhole(String request) {
            int end = request.indexOf("\r\n\r\n");
            Matcher length = Pattern.compile("(?i)content-length: ([0-9]+)").matcher(request);
            return end >= 0 && (!length.find() || request.length() - end - 4 >= Integer.parseInt(length.group(1)));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void tellsOnePartyDownFromAllDown() {
        kms.answering = 2;
        CommandRun one = doctor();
        assertThat(one.exitCode()).isZero();
        assertThat(one.out()).contains("warning  parties: 2 of 3", "keymoot status");
        kms.answering = 0;
        assertThat(doctor().exitCode()).isEqualTo(ExitCode.NOT_ENOUGH_PARTIES.code());
    }

    @Test
    void findsASessionThatHasEnded() {
        kms.fault = new WholeKeyKms.Fault("ListAliases", false, 400, "ExpiredTokenException");
        CommandRun run = doctor();
        assertThat(run.exitCode()).isEqualTo(ExitCode.AUTHENTICATION.code());
        assertThat(run.out()).contains("the session has ended");
    }

    @Test
    void findsAKeyOfAnotherSpecAndOneWithSignRules() throws IOException {
        CommandRun.of("provision", "agents", "--environment", "staging", "--profile", "test");
        try (KmsClient client = client()) {
            String other = client.call("CreateKey", Map.of("KeySpec", "ECC_NIST_P256", "KeyUsage", "SIGN_VERIFY"))
                    .at("/KeyMetadata/KeyId")
                    .asString();
            client.call("UpdateAlias", Map.of("AliasName", "alias/staging-relayer-signer", "TargetKeyId", other));
            client.keymoot(
                    "PutSignRules", Map.of("KeyId", "alias/staging-updater-signer", "Rules", "{\"messages\":true}"));
        }
        CommandRun spec = doctor("--environment", "staging", "--role", "relayer-signer");
        assertThat(spec.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(spec.out()).contains("its spec is ECC_NIST_P256", "--target-key-id");
        CommandRun rules = doctor("--environment", "staging", "--role", "updater-signer");
        assertThat(rules.exitCode()).isZero();
        assertThat(rules.out()).contains("signs what its rules allow", "\"digests\": true");
    }

    private static KmsClient client() throws IOException {
        AwsSettings settings = new AwsSettings(Map.of(), "test");
        return new KmsClient(
                settings.endpoint(null),
                settings.region(null),
                settings.credentials(true),
                null,
                InstantSource.system());
    }

    @Test
    void findsPoliciesThatGrantMoreThanTheAgentsOwnKeysAndNoneWhereTheyDoNot() throws IOException {
        Path wide = policies("wide");
        Path split = policies("split", "--split-policies");
        AwsSettings settings = new AwsSettings(Map.of(), "test");
        try (IamClient iam = new IamClient(
                settings.endpoint(null),
                settings.region(null),
                settings.credentials(true),
                null,
                InstantSource.system())) {
            iam.call(Service.IAM, "CreateUser", Map.of("UserName", "updater"));
            Path saved = folder.resolve("updater.credentials");
            CommandRun.of(
                    "iam",
                    "create-access-key",
                    "--asymmetric",
                    "--user-name",
                    "updater",
                    "--profile",
                    "test",
                    "--save",
                    saved.toString());
            Files.writeString(
                    folder.resolve(".aws/credentials"), "\n" + Files.readString(saved), StandardOpenOption.APPEND);
            attach(iam, wide);
            CommandRun more = asUpdater();
            assertThat(more.exitCode()).as(more.out()).isZero();
            assertThat(more.out())
                    .contains("may also sign with alias/staging-updater-attestation", "--split-policies")
                    .doesNotContain("relayer");
            attach(iam, split);
            CommandRun own = asUpdater();
            assertThat(own.out())
                    .contains("alias/staging-updater-signer: may be used to sign", "no key of another role")
                    .doesNotContain("attestation", "warning");
        }
    }

    private Path policies(String name, String... more) {
        List<String> line = new ArrayList<>(List.of(
                "provision",
                "agents",
                "--environment",
                "staging",
                "--profile",
                "test",
                "--policies",
                folder.resolve(name).toString()));
        line.addAll(List.of(more));
        assertThat(CommandRun.of(line.toArray(String[]::new)).exitCode()).isZero();
        return folder.resolve(name).resolve("staging-updater-signer.json");
    }

    private static void attach(IamClient iam, Path document) throws IOException {
        iam.call(
                Service.IAM,
                "PutUserPolicy",
                Map.of("UserName", "updater", "PolicyName", "p", "PolicyDocument", Files.readString(document)));
    }

    private static CommandRun asUpdater() {
        return CommandRun.of(
                "kms", "doctor", "--profile", "updater", "--environment", "staging", "--role", "updater-signer");
    }
}

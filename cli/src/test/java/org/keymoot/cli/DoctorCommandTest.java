package org.keymoot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        assertThat(doctor("--environment", "staging", "--role", "relayer-signer")
                        .out())
                .contains("allow kms:GetPublicKey");
    }

    @Test
    void tellsAWrongAccessKeyAWrongSecretAndADeadEndpointApart() throws IOException {
        Path credentials = folder.resolve(".aws/credentials");
        String right = Files.readString(credentials);
        Files.writeString(credentials, right.replace("AKIAROOT", "AKIAWRONG"));
        assertThat(doctor().out()).contains("fault", "does not know the access key");
        Files.writeString(credentials, right.replace("wJalr", "xJalr"));
        assertThat(doctor().out()).contains("check AWS_SECRET_ACCESS_KEY").doesNotContain("xJalr");
        Files.writeString(credentials, right);
        CommandRun dead = doctor("--endpoint-url", "http://127.0.0.1:1");
        assertThat(dead.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(dead.out()).contains("does not answer", "fix:");
    }

    @Test
    void warnsOfPoliciesThatGrantMoreThanTheirAgentsSigners() {
        CommandRun run = doctor("--environment", "staging");
        assertThat(run.out()).contains("also grants the attestation key", "--split-policies");
    }
}

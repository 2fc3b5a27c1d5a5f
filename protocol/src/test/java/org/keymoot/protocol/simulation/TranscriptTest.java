package org.keymoot.protocol.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.group.GroupId;

/// What a released version says on the wire, frozen: a change of any byte of any message, hash or order shows here and
/// needs a new version of the frame or of the tags concerned.
class TranscriptTest {
    @Test
    void theSessionLayerSaysWhatItAlwaysSaid() {
        List<String> lines = Runs.transcript(42, Runs.options("contributions", 2, 2));
        assertThat(firstAttempt(lines, "contributions 0")).isEqualTo("""
                0.1 BROADCAST 1->2 113 bytes 2f45b3b028c7adff
                0.1 BROADCAST 2->1 113 bytes ab0468ab58c91506
                1.1 BROADCAST 1->2 89 bytes 7666ed043ad6c48a
                1.1 BROADCAST 2->1 89 bytes 41dc60a3483ae36d
                1.2 PRIVATE 1->2 89 bytes af578018dca18b65
                1.2 PRIVATE 2->1 89 bytes 0988c66d22f4e726
                1.3 BROADCAST 1->2 121 bytes 778ac34826f343c7
                1.3 BROADCAST 2->1 121 bytes 133f7ade782c10c3
                1.4 BROADCAST 1->2 81 bytes 91c666ddb0cfa557
                1.4 BROADCAST 2->1 81 bytes c89d02abf062a5ad
                """);
    }

    @Test
    void keyGenerationSaysWhatItAlwaysSaid() {
        List<String> lines = Runs.transcript(42, Runs.options("dkg-frost", 2, 2));
        assertThat(firstAttempt(lines, "dkg")).isEqualTo("""
                0.1 BROADCAST 1->2 113 bytes 2c2e593c6675aaca
                0.1 BROADCAST 2->1 113 bytes 2677c7fa4f695bfe
                1.2 BROADCAST 1->2 113 bytes b6d95de50d76f7e7
                1.2 BROADCAST 2->1 113 bytes 4daa74cfb78c2666
                2.1 BROADCAST 1->2 341 bytes 7debc6e57deeb4e9
                2.1 BROADCAST 2->1 341 bytes 6bda6c3ce0ffa8a8
                2.2 PRIVATE 1->2 113 bytes 4a476f31e584152e
                2.2 PRIVATE 2->1 113 bytes 563fa275df66086f
                4.2 BROADCAST 1->2 178 bytes dc0e558771056f5a
                4.2 BROADCAST 2->1 178 bytes 460396418b9c6852
                """);
    }

    @Test
    void signingSaysWhatItAlwaysSaid() {
        List<String> lines = Runs.transcript(42, Options.healthy("dkg-frost", GroupId.ED25519, 2, 2));
        assertThat(firstAttempt(lines, "sign 0 by [1, 2]")).isEqualTo("""
                1.2 BROADCAST 1->2 145 bytes 544f2d3998bcd864
                1.2 BROADCAST 2->1 145 bytes 8f5c67f47f89208a
                2.3 BROADCAST 1->2 113 bytes 25abf21694fb9250
                2.3 BROADCAST 2->1 113 bytes 52d723b830e6f1b7
                """);
    }

    @Test
    void evaluatingSaysWhatItAlwaysSaid() {
        List<String> lines = Runs.transcript(42, Options.healthy("dkg-evaluate", GroupId.RISTRETTO255, 2, 2));
        assertThat(firstAttempt(lines, "evaluate 3 by [1, 2] for P1")).isEqualTo("""
                1.5 PRIVATE 2->1 241 bytes b1d50e148a52c109
                """);
        List<String> agreement = Runs.transcript(42, Options.healthy("dkg-evaluate", GroupId.P256, 2, 2));
        assertThat(firstAttempt(agreement, "evaluate 1 by [1, 2] for P2")).isEqualTo("""
                1.5 PRIVATE 1->2 178 bytes ba47b33e4499ee81
                """);
    }

    private static String firstAttempt(List<String> lines, String channel) {
        return lines.stream()
                .filter(line -> line.startsWith(channel + " "))
                .map(line -> line.substring(channel.length() + 1) + "\n")
                .sorted()
                .collect(Collectors.joining());
    }
}

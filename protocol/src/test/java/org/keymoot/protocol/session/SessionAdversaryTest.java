package org.keymoot.protocol.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.keymoot.protocol.simulation.Adversaries;
import org.keymoot.protocol.simulation.Adversary;
import org.keymoot.protocol.simulation.Options;
import org.keymoot.protocol.simulation.Outcome.Result;
import org.keymoot.protocol.simulation.Report;
import org.keymoot.protocol.simulation.Runs;

/// One adversary for each assert of `docs/protocols/session.md`; P2 is the corrupt party.
class SessionAdversaryTest {
    private static final Options TWO = Runs.options("contributions", 2, 2);
    private static final Options THREE = Runs.options("contributions", 2, 3);
    private static final String FIRST = "contributions 0";

    @Test
    void namesTheSenderOfAFrameThatIsNoFrame() {
        Adversary adversary = onStep("1.1", bytes -> new byte[] {1, 2, 3});
        assertCulprit("0.2", THREE, adversary);
    }

    @Test
    void namesTheSenderOfAFrameOfAnotherVersion() {
        Adversary adversary = onStep("1.1", bytes -> {
            byte[] changed = bytes.clone();
            changed[0]++;
            return changed;
        });
        assertCulprit("0.2", THREE, adversary);
    }

    @Test
    void namesTheReplayerOfAForeignFrameOnceItHadAgreedOnTheSession() {
        assertCulprit("0.3", THREE, foreign("1.2"));
    }

    @Test
    void namesNobodyForAForeignFrameThatAThirdPartyMayHaveBroughtAbout() {
        assertNobody("0.3", THREE, foreign("0.1"));
        assertNobody("0.3", THREE, foreign("1.1"));
    }

    @Test
    void namesTheOnlyPeerWhenItChangesTheContributionsAfterwards() {
        assertCulprit("0.3", TWO, foreign("1.1"));
    }

    @Test
    void aContributionToldDifferentlyIsFoundAndNobodyIsNamed() {
        Adversary adversary = Adversaries.editing(
                FIRST, "0.1", frame -> frame.receiver() == 3 ? Adversaries.withBody(frame, new byte[32]) : frame);
        Report report = Runs.attacked(THREE, 2, adversary);
        assertThat(report.violations()).isEmpty();
        assertThat(Runs.cheated(report, 1, FIRST).culprits()).isEmpty();
        assertThat(Runs.cheated(report, 3, FIRST).culprits()).isEmpty();
    }

    @Test
    void namesTheSenderOfAFrameThatIsAddressedWrongly() {
        assertCulprit("0.4", THREE, Adversaries.editing(FIRST, "1.1", f -> Adversaries.addressed(f, 3, f.receiver())));
        assertCulprit("0.4", THREE, Adversaries.editing(FIRST, "1.1", f -> Adversaries.addressed(f, 2, 2)));
    }

    @Test
    void endsTheConversationWithAPeerThatFloodsSessionsWhichNobodyOpened() {
        AtomicInteger count = new AtomicInteger();
        Adversary adversary = (outgoing, random) -> {
            List<byte[]> sent = new ArrayList<>();
            if (outgoing.channel().equals(FIRST) && outgoing.number() == 4 && count.getAndIncrement() == 0) {
                Frame frame = decoded(outgoing.frame());
                byte[] id = new byte[32];
                for (int i = 0; i <= Multiplexer.MAX_WAITING_FRAMES; i++) {
                    random.nextBytes(id);
                    sent.add(new Frame(
                                    frame.kind(),
                                    frame.root(),
                                    SessionId.of(id),
                                    frame.sender(),
                                    frame.receiver(),
                                    0,
                                    frame.echo(),
                                    "1.1",
                                    new byte[0])
                            .encode());
                }
            }
            sent.add(outgoing.frame());
            return sent;
        };
        Report report = Runs.attacked(THREE, 2, adversary);
        assertThat(report.violations()).isEmpty();
        assertThat(Runs.cheated(report, 1, FIRST).step()).isEqualTo("0.5");
        assertThat(Runs.cheated(report, 1, FIRST).culprits()).isEmpty();
    }

    @Test
    void namesTheSenderOfAnotherStepThanIsDue() {
        assertCulprit("0.6", THREE, Adversaries.editing(FIRST, "1.1", f -> renamed(f, f.kind(), "1.9")));
        assertCulprit("0.6", THREE, Adversaries.editing(FIRST, "1.1", f -> renamed(f, Frame.Kind.PRIVATE, f.step())));
    }

    @Test
    void namesTheOnlyPeerThatClaimsOtherBroadcasts() {
        Adversary adversary =
                Adversaries.editing(FIRST, "1.2", frame -> Adversaries.with(frame, new byte[32], frame.body()));
        assertCulprit("0.7", TWO, adversary);
        assertNobody("0.7", THREE, adversary);
    }

    @Test
    void aBroadcastToldDifferentlyIsFoundByAllInTheNextStep() {
        Adversary adversary = Adversaries.editing(
                FIRST, "1.1", frame -> frame.receiver() == 3 ? Adversaries.withBody(frame, new byte[8]) : frame);
        Report report = Runs.attacked(THREE, 2, adversary);
        assertThat(report.violations()).isEmpty();
        for (int honest : List.of(1, 3)) {
            assertThat(Runs.cheated(report, honest, FIRST).step()).isEqualTo("0.7");
            assertThat(Runs.cheated(report, honest, FIRST).culprits()).isEmpty();
        }
    }

    @Test
    void namesTheSenderOfAMessageOfTheWrongLength() {
        assertCulprit("0.8", THREE, Adversaries.editing(FIRST, "1.1", f -> Adversaries.withBody(f, new byte[7])));
        assertCulprit("0.8", THREE, Adversaries.editing(FIRST, "1.1", f -> Adversaries.withBody(f, new byte[9])));
    }

    @Test
    void aPeerThatOnlyRepeatsItselfIsSilent() {
        Adversary adversary = (outgoing, random) -> {
            if (outgoing.channel().equals(FIRST)
                    && decoded(outgoing.frame()).step().equals("1.1")) {
                List<byte[]> many = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    many.add(outgoing.frame());
                }
                return many;
            }
            return List.of(outgoing.frame());
        };
        Report report = Runs.attacked(TWO, 2, adversary);
        assertThat(report.violations()).isEmpty();
        assertThat(report.outcomes())
                .anyMatch(outcome -> outcome.party() == 1 && outcome.result() instanceof Result.MetSilence);
    }

    private static Adversary foreign(String step) {
        return Adversaries.editing(
                FIRST,
                step,
                frame -> new Frame(
                        frame.kind(),
                        SessionId.of(new byte[32]),
                        frame.child(),
                        frame.sender(),
                        frame.receiver(),
                        frame.sequence(),
                        frame.echo(),
                        frame.step(),
                        frame.body()));
    }

    private interface Change {
        byte[] of(byte[] frame);
    }

    private static Adversary onStep(String step, Change change) {
        return (outgoing, random) -> List.of(
                outgoing.channel().equals(FIRST)
                                && decoded(outgoing.frame()).step().equals(step)
                        ? change.of(outgoing.frame())
                        : outgoing.frame());
    }

    private static Frame decoded(byte[] frame) {
        try {
            return Frame.decode(frame);
        } catch (org.keymoot.protocol.message.Malformed e) {
            throw new AssertionError(e);
        }
    }

    private static Frame renamed(Frame frame, Frame.Kind kind, String step) {
        return new Frame(
                kind,
                frame.root(),
                frame.child(),
                frame.sender(),
                frame.receiver(),
                frame.sequence(),
                frame.echo(),
                step,
                frame.body());
    }

    private static void assertCulprit(String step, Options options, Adversary adversary) {
        Report report = Runs.attacked(options, 2, adversary);
        assertThat(report.violations()).as(report.text()).isEmpty();
        Cheated cheated = Runs.cheated(report, 1, FIRST);
        assertThat(cheated.step()).as(report.text()).isEqualTo(step);
        assertThat(cheated.culprits()).as(report.text()).containsExactly(2);
    }

    private static void assertNobody(String step, Options options, Adversary adversary) {
        Report report = Runs.attacked(options, 2, adversary);
        assertThat(report.violations()).as(report.text()).isEmpty();
        Cheated cheated = Runs.cheated(report, 1, FIRST);
        assertThat(cheated.step()).as(report.text()).isEqualTo(step);
        assertThat(cheated.culprits()).as(report.text()).isEmpty();
    }
}

package org.keymoot.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.keymoot.api.gateway.v1.StatusAnswer;
import org.keymoot.api.gateway.v1.StatusRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// One screen: each party, the margin over the threshold, and the heads of the audit chains.
@Command(
        name = "status",
        description = "Show each party and the margin over the threshold.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot status",
            "  keymoot status --json | jq .margin",
            "",
        })
final class StatusCommand extends BaseCommand {
    @Mixin
    ClusterOption which = new ClusterOption();

    /// What one party said, or why it said nothing.
    private record Line(int party, @Nullable StatusAnswer answer, String problem) {
        boolean up() {
            return answer != null;
        }

        String text(java.util.function.Function<StatusAnswer, Object> part) {
            return answer == null ? "-" : String.valueOf(part.apply(answer));
        }
    }

    @Override
    public Integer call() throws Exception {
        OperatedCluster cluster = which.cluster();
        List<Line> lines = ask(cluster);
        int up = (int) lines.stream().filter(Line::up).count();
        int margin = up - cluster.reconstructionThreshold();
        output.result(out(), json(cluster, lines, up, margin), () -> text(cluster, lines, up, margin));
        return (margin < 0 ? ExitCode.NOT_ENOUGH_PARTIES : ExitCode.OK).code();
    }

    private static List<Line> ask(OperatedCluster cluster) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Line>> asked = new ArrayList<>();
            for (int party : cluster.partyIndices()) {
                asked.add(threads.submit(() -> askOne(cluster, party)));
            }
            List<Line> lines = new ArrayList<>();
            for (Future<Line> line : asked) {
                lines.add(line.get());
            }
            return lines;
        }
    }

    private static Line askOne(OperatedCluster cluster, int party) {
        try (OperatorClient client = cluster.connect(party)) {
            return new Line(party, client.calls().status(StatusRequest.getDefaultInstance()), "");
        } catch (StatusRuntimeException e) {
            return new Line(party, null, OperatorClient.reason(e));
        }
    }

    private static String text(OperatedCluster cluster, List<Line> lines, int up, int margin) {
        String table = AsciiTable.builder()
                .border(AsciiTable.NO_BORDERS)
                .data(
                        lines,
                        List.of(
                                column("PARTY", HorizontalAlign.LEFT, line -> Integer.toString(line.party())),
                                column(
                                        "STATE",
                                        HorizontalAlign.LEFT,
                                        line -> line.up() ? state(line.answer()) : "down: " + line.problem()),
                                column(
                                        "VERSION",
                                        HorizontalAlign.LEFT,
                                        line -> line.text(StatusAnswer::getSoftwareVersion)),
                                column("EPOCH", HorizontalAlign.RIGHT, line -> line.text(StatusAnswer::getEpoch)),
                                column("LAG", HorizontalAlign.RIGHT, line -> line.text(StatusAnswer::getLag)),
                                column("KEYS", HorizontalAlign.RIGHT, line -> line.text(StatusAnswer::getKeys)),
                                column(
                                        "STOCK",
                                        HorizontalAlign.RIGHT,
                                        line -> line.text(StatusAnswer::getPresignatures)),
                                column(
                                        "AUDIT HEAD",
                                        HorizontalAlign.LEFT,
                                        line -> line.text(answer ->
                                                answer.getAuditSequence() + " " + head(answer.getAuditHead())))))
                .asString()
                .lines()
                .map(String::stripTrailing)
                .reduce("", (all, next) -> all + next + "\n");
        String verdict;
        if (margin < 0) {
            verdict = "%d of %d parties up: signing needs %d more"
                    .formatted(up, cluster.parties().size(), -margin);
        } else if (margin == 0) {
            verdict = "%d of %d parties up, margin 0: the next failure stops signing"
                    .formatted(up, cluster.parties().size());
        } else {
            verdict = "%d of %d parties up, margin %d over the threshold of %d"
                    .formatted(up, cluster.parties().size(), margin, cluster.reconstructionThreshold());
        }
        return table + "\n" + verdict;
    }

    private static String state(@Nullable StatusAnswer answer) {
        if (answer == null) {
            return "down";
        }
        if (!answer.getRecovering().isEmpty()) {
            return "up, recovering: waits for "
                    + String.join(
                            ", ",
                            answer.getAwaitedList().stream()
                                    .map(String::valueOf)
                                    .toList());
        }
        if (answer.getQuarantinedPairsCount() > 0) {
            return "up, quarantined with " + String.join(", ", answer.getQuarantinedPairsList());
        }
        long missing =
                answer.getPeersList().stream().filter(peer -> !peer.getLinked()).count();
        return missing == 0 ? "up" : "up, %d %s missing".formatted(missing, missing == 1 ? "peer" : "peers");
    }

    private static com.github.freva.asciitable.ColumnData<Line> column(
            String header, HorizontalAlign align, java.util.function.Function<Line, String> part) {
        return new Column().header(header).headerAlign(align).dataAlign(align).with(part::apply);
    }

    private static String head(ByteString hash) {
        String hex = HexFormat.of().formatHex(hash.toByteArray());
        return hex.substring(0, Math.min(12, hex.length()));
    }

    private static Map<String, Object> json(OperatedCluster cluster, List<Line> lines, int up, int margin) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("clusterId", cluster.clusterId());
        all.put("parties", cluster.parties().size());
        all.put("reconstructionThreshold", cluster.reconstructionThreshold());
        all.put("up", up);
        all.put("margin", margin);
        all.put("party", lines.stream().map(StatusCommand::json).toList());
        return all;
    }

    private static Map<String, Object> json(Line line) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("party", line.party());
        one.put("up", line.up());
        StatusAnswer answer = line.answer();
        if (answer == null) {
            one.put("problem", line.problem());
            return one;
        }
        one.put("version", answer.getSoftwareVersion());
        one.put("epoch", answer.getEpoch());
        one.put("lag", answer.getLag());
        one.put("keys", answer.getKeys());
        one.put("presignatures", answer.getPresignatures());
        one.put("auditSequence", answer.getAuditSequence());
        one.put("auditHead", HexFormat.of().formatHex(answer.getAuditHead().toByteArray()));
        if (!answer.getRecovering().isEmpty()) {
            one.put("recovering", answer.getRecovering());
            one.put("awaited", List.copyOf(answer.getAwaitedList()));
        }
        one.put("quarantinedPairs", List.copyOf(answer.getQuarantinedPairsList()));
        one.put(
                "certificateEnds",
                Instant.ofEpochSecond(answer.getCertificateNotAfter()).toString());
        one.put(
                "clockSkewMillis",
                Duration.between(Instant.now(), Instant.ofEpochMilli(answer.getClockMillis()))
                        .toMillis());
        one.put(
                "peers",
                answer.getPeersList().stream()
                        .map(peer -> Map.of(
                                "party", peer.getParty(), "linked", peer.getLinked(), "refusal", peer.getRefusal()))
                        .toList());
        return one;
    }
}

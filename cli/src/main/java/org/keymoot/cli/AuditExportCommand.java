package org.keymoot.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.keymoot.platform.audit.AuditRecord;
import org.keymoot.platform.disk.PrivateFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/// Writes what the parties recorded in a form that tools for AWS read, once every chain holds.
@Command(
        name = "export",
        description = "Check the parties' audit chains and write their records as AWS CloudTrail events.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot audit export --out events.json.gz          one event for each call",
            "  keymoot audit export --since 2026-11-01 --party 2  as party 2 alone tells it",
            "  keymoot audit export --format chain                every record as it is, one a line",
            "",
            "Exit code 7 when a chain does not hold, or when parties tell different things of one request.",
            "",
        })
final class AuditExportCommand extends BaseCommand {
    private static final JsonMapper JSON = JsonMapper.shared();

    /// What is written.
    enum Format {
        cloudtrail,
        chain
    }

    @Mixin
    ClusterOption which = new ClusterOption();

    @Option(
            names = "--format",
            paramLabel = "NAME",
            description = "cloudtrail (default): events of requests; chain: all records, one JSON object a line.")
    Format format = Format.cloudtrail;

    @Option(
            names = "--party",
            paramLabel = "N",
            description = "Only this party's chain; may be given more than once (default: all parties).")
    List<Integer> parties = new ArrayList<>();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Leave out what is older: a date, or an instant such as 2026-11-22T21:00:00Z.")
    @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Leave out what is not older than this.")
    @Nullable String until;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write to this new file, which only you may read; compressed when its name ends with .gz"
                    + " (default: standard output).")
    @Nullable Path file;

    @Option(names = "--overwrite", description = "Replace the file of --out when it exists.")
    boolean overwrite;

    @Override
    public Integer call() throws IOException {
        Instant from = instant(since, Instant.EPOCH);
        Instant to = instant(until, Instant.MAX);
        if (file != null && !overwrite && Files.exists(file)) {
            throw new CliFailure(ExitCode.CONFLICT, file + " exists", "name a new file, or add --overwrite");
        }
        OperatedCluster cluster = which.cluster();
        AuditChains chains = AuditChains.fetch(cluster, parties.isEmpty() ? cluster.partyIndices() : parties);
        if (!chains.faults().isEmpty()) {
            throw new CliFailure(
                    ExitCode.INTEGRITY,
                    "nothing is exported, because a chain does not hold: " + String.join("; ", chains.faults()),
                    "run `keymoot audit verify`, keep that party's directory as evidence, and export the others with --party");
        }
        if (chains.records().isEmpty()) {
            throw new CliFailure(
                    ExitCode.NOT_ENOUGH_PARTIES,
                    "no party could be reached: " + String.join("; ", chains.unreachable()),
                    "run `keymoot status`");
        }
        chains.unreachable().forEach(line -> tell("left out, " + line));
        int count;
        List<String> contradictions = List.of();
        switch (format) {
            case cloudtrail -> {
                CloudTrailEvents found = CloudTrailEvents.of(chains.records(), from, to);
                contradictions = found.contradictions();
                count = found.events().size();
                write(JSON.writeValueAsString(Map.of("Records", found.events())) + "\n");
            }
            case chain -> {
                List<String> lines = lines(chains.records(), from, to);
                count = lines.size();
                write(String.join("", lines));
            }
            default -> throw new IllegalStateException("no such format");
        }
        if (file != null) {
            tell("%d records written to %s".formatted(count, file));
        }
        contradictions.forEach(line -> tell("FAULT " + line));
        if (!contradictions.isEmpty()) {
            return ExitCode.INTEGRITY.code();
        }
        return (chains.unreachable().isEmpty() ? ExitCode.OK : ExitCode.NOT_ENOUGH_PARTIES).code();
    }

    private static List<String> lines(Map<Integer, List<AuditRecord>> chains, Instant from, Instant to) {
        List<String> lines = new ArrayList<>();
        chains.forEach((party, records) -> {
            for (AuditRecord record : records) {
                Instant at = Instant.parse(record.content().path("at").asString());
                if (!at.isBefore(from) && at.isBefore(to)) {
                    Map<String, Object> line = new LinkedHashMap<>();
                    line.put("party", party);
                    line.put("hash", HexFormat.of().formatHex(record.hash()));
                    line.put("record", record.content());
                    lines.add(JSON.writeValueAsString(line) + "\n");
                }
            }
        });
        return lines;
    }

    private void write(String text) throws IOException {
        if (file == null) {
            out().print(text);
            out().flush();
            return;
        }
        write(file, text, overwrite);
    }

    /// Writes a file for its owner alone: it tells who did what.
    static void write(Path file, String text, boolean overwrite) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = file.toString().endsWith(".gz") ? new GZIPOutputStream(bytes) : bytes) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        ByteBuffer content = ByteBuffer.wrap(bytes.toByteArray());
        if (overwrite) {
            PrivateFiles.replace(file, content);
        } else {
            PrivateFiles.create(file, content);
        }
    }

    private static Instant instant(@Nullable String text, Instant otherwise) {
        if (text == null) {
            return otherwise;
        }
        try {
            return text.contains("T")
                    ? Instant.parse(text)
                    : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeParseException e) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "'%s' is neither a date nor an instant".formatted(text),
                    "write it as 2026-11-22 or 2026-11-22T21:00:00Z",
                    e);
        }
    }
}

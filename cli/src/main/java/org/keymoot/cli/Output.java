package org.keymoot.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine.Option;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// How a command shows its result: text for people or one JSON document for programs. Mixed into every command.
///
/// It keeps true: with `--json` standard output holds exactly one JSON object, whose members are only ever added to.
public final class Output {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    @Option(names = "--json", description = "Print the result as one JSON object.")
    boolean json;

    /// Prints `data` as JSON when asked to, the lazily made `text` otherwise.
    public void result(PrintWriter out, Map<String, ?> data, Supplier<String> text) {
        out.println(json ? toJson(data) : text.get());
        out.flush();
    }

    public static String toJson(Object value) {
        return JSON.writeValueAsString(value);
    }
}

package org.keymoot.testkit.faults;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Looks for bytes in the memory of a running process, as root or its own user may.
final class ProcessMemory {
    private static final int STEP = 1 << 20;
    /// A heap of 256 MB lies below this with plain compressed pointers, and nothing else of a JVM does.
    private static final long HEAP_END = 1L << 32;

    private ProcessMemory() {}

    /// Where a needle was found.
    record Hit(String needle, long address, String region) {
        boolean inJavaHeap() {
            return address < HEAP_END;
        }

        @Override
        public String toString() {
            return "%s at %x (%s)".formatted(needle, address, inJavaHeap() ? "Java heap" : region);
        }
    }

    /// Every place in readable memory that holds one of the needles, by name.
    static List<Hit> find(long pid, Map<String, byte[]> needles) throws IOException {
        List<Hit> hits = new ArrayList<>();
        Map<String, byte[]> sorted = new TreeMap<>(needles);
        int longest = sorted.values().stream().mapToInt(n -> n.length).max().orElseThrow();
        byte[] window = new byte[STEP + longest];
        try (RandomAccessFile memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "maps"))) {
                String[] fields = line.split("\\s+", 6);
                String region = fields.length > 5 ? fields[5].strip() : "anonymous";
                if (!fields[1].startsWith("rw") || region.startsWith("[v")) {
                    continue;
                }
                String[] range = fields[0].split("-");
                long start = Long.parseUnsignedLong(range[0], 16);
                long end = Long.parseUnsignedLong(range[1], 16);
                for (long at = start; at < end; at += STEP) {
                    int length = (int) Math.min(window.length, end - at);
                    if (read(memory, at, window, length)) {
                        search(window, length, at, region, sorted, hits);
                    }
                }
            }
        }
        return hits;
    }

    /// Both ways in which a JVM keeps ASCII text.
    static Map<String, byte[]> textNeedles(String name, String text) {
        return Map.of(
                name + " as bytes", text.getBytes(StandardCharsets.US_ASCII),
                name + " as UTF-16", text.getBytes(StandardCharsets.UTF_16LE));
    }

    private static boolean read(RandomAccessFile memory, long at, byte[] window, int length) {
        try {
            memory.seek(at);
            memory.readFully(window, 0, length);
            return true;
        } catch (IOException e) {
            // A page that is reserved but not there, or gone since.
            return false;
        }
    }

    private static void search(
            byte[] window, int length, long base, String region, Map<String, byte[]> needles, List<Hit> hits) {
        needles.forEach((name, needle) -> {
            // A needle that begins in the overlap is found in the next window.
            int last = Math.min(length - needle.length, STEP - 1);
            for (int i = 0; i <= last; i++) {
                if (window[i] == needle[0] && matches(window, i, needle)) {
                    hits.add(new Hit(name, base + i, region));
                }
            }
        });
    }

    private static boolean matches(byte[] window, int at, byte[] needle) {
        for (int i = 1; i < needle.length; i++) {
            if (window[at + i] != needle[i]) {
                return false;
            }
        }
        return true;
    }
}

package org.keymoot.party;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.keymoot.access.Principal;
import org.keymoot.party.store.CredentialStore;
import org.keymoot.platform.disk.PrivateFiles;

/// Takes clients' access keys over from a private file.
///
/// Each line has the access key id, the secret access key, the principal's ARN and `active` or `inactive`, with single
/// spaces between. Empty lines and lines that begin with `#` are passed over.
final class AccessKeys {
    private static final int MAX_FILE_BYTES = 1 << 20;
    private static final int SECRET_CHARACTERS_MIN = 16;

    private AccessKeys() {}

    /// Returns how many were taken over.
    ///
    /// @throws IOException naming the line that is wrong, never its content
    static int load(Path file, CredentialStore store) throws IOException {
        byte[] content = PrivateFiles.read(file);
        try {
            if (content.length > MAX_FILE_BYTES) {
                throw new IOException("%s is larger than %d bytes".formatted(file, MAX_FILE_BYTES));
            }
            int taken = 0;
            int line = 1;
            for (int start = 0; start < content.length; line++) {
                int end = start;
                while (end < content.length && content[end] != '\n') {
                    end++;
                }
                taken += take(file, line, content, start, end, store) ? 1 : 0;
                start = end + 1;
            }
            return taken;
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private static boolean take(Path file, int line, byte[] content, int start, int end, CredentialStore store)
            throws IOException {
        if (start == end || content[start] == '#') {
            return false;
        }
        int[] spaces = new int[3];
        int found = 0;
        for (int i = start; i < end; i++) {
            if (content[i] == ' ') {
                if (found == 3) {
                    throw malformed(file, line);
                }
                spaces[found++] = i;
            }
        }
        if (found != 3 || spaces[1] - spaces[0] - 1 < SECRET_CHARACTERS_MIN) {
            throw malformed(file, line);
        }
        String id = text(content, start, spaces[0]);
        String arn = text(content, spaces[1] + 1, spaces[2]);
        String state = text(content, spaces[2] + 1, end);
        String[] parts = arn.split(":", -1);
        if (!id.matches("[A-Z0-9]{16,128}") || parts.length < 6 || !state.matches("active|inactive")) {
            throw malformed(file, line);
        }
        Principal principal;
        try {
            principal = new Principal(parts[4], arn);
        } catch (IllegalArgumentException e) {
            throw new IOException("%s line %d: %s".formatted(file, line, e.getMessage()), e);
        }
        byte[] secret = Arrays.copyOfRange(content, spaces[0] + 1, spaces[1]);
        store.put(id, principal, state.equals("active"), secret);
        return true;
    }

    private static IOException malformed(Path file, int line) {
        return new IOException(
                "%s line %d: expected `<access key id> <secret access key> <principal's ARN> active|inactive`"
                        .formatted(file, line));
    }

    private static String text(byte[] content, int from, int to) {
        return new String(content, from, to - from, StandardCharsets.US_ASCII);
    }
}

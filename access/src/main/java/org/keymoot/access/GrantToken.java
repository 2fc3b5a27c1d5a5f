package org.keymoot.access;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.keymoot.access.sigv4.CanonicalRequest;

/// A grant token: it names a grant exactly, so that a party which has not heard of the grant yet knows what to ask its
/// peers for. It is no secret and lends no permission; the grant it names does, to its grantee.
///
/// @param key register of the key
record GrantToken(RegisterName key, String grantId) {
    /// Tokens that one request may carry.
    static final int MAXIMUM_COUNT = 10;

    static final int MAXIMUM_LENGTH = 8192;

    private static final int CHECK_LENGTH = 16;
    private static final Pattern SHAPE =
            Pattern.compile("grant1 ([0-9]{12}) ([a-z0-9-]{1,64}) ([a-z0-9-]{1,64}) ([0-9a-f]{64}) [0-9a-f]{16} ");

    RegisterName grant() {
        return GrantRecord.register(key, grantId);
    }

    /// The text for clients.
    ///
    /// @param request digest of the request that is answered, so that every answer has a token of its own
    String text(String request) {
        String content = "grant1 " + key.account() + " " + key.region() + " " + key.last() + " " + grantId + " "
                + request.substring(0, 16) + " ";
        String whole = content + check(content);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(whole.getBytes(StandardCharsets.US_ASCII));
    }

    /// @throws AwsException when the text was never a token of this service
    static GrantToken parse(String text) {
        String whole;
        try {
            whole = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.US_ASCII);
        } catch (IllegalArgumentException e) {
            throw invalid();
        }
        int end = whole.length() - CHECK_LENGTH;
        if (end < 0) {
            throw invalid();
        }
        String content = whole.substring(0, end);
        Matcher matcher = SHAPE.matcher(content);
        if (!matcher.matches() || !check(content).equals(whole.substring(end))) {
            throw invalid();
        }
        return new GrantToken(RegisterName.key(matcher.group(1), matcher.group(2), matcher.group(3)), matcher.group(4));
    }

    static AwsException invalid() {
        return Call.refuse("InvalidGrantTokenException", "The grant token is not valid.");
    }

    /// Tells a token that was cut or mistyped from one that names a grant of long ago.
    private static String check(String content) {
        return CanonicalRequest.sha256Hex(("keymoot grant token\n" + content).getBytes(StandardCharsets.US_ASCII))
                .substring(0, CHECK_LENGTH);
    }
}

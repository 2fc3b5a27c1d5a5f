package org.keymoot.access.sigv4;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.keymoot.access.SignedRequest.Header;

/// The canonical form of a request and the string that is signed, as Signature Version 4 defines them.
///
/// It keeps true: the form is a function of the characters on the wire, and every character of the method, path,
/// query, signed headers and body changes it, except where the standard says that it must not (order of query
/// parameters, runs of spaces in header values, dot segments of a normalised path).
public final class CanonicalRequest {
    public static final String ALGORITHM = "AWS4-HMAC-SHA256";

    private static final HexFormat UPPER = HexFormat.of().withUpperCase();

    /// RFC 3986 section 2.3: letters, digits and four marks stay as they are.
    private static final BitSet UNRESERVED = new BitSet(256);

    static {
        UNRESERVED.set('A', 'Z' + 1);
        UNRESERVED.set('a', 'z' + 1);
        UNRESERVED.set('0', '9' + 1);
        "-_.~".chars().forEach(UNRESERVED::set);
    }

    private CanonicalRequest() {}

    /// The canonical request.
    ///
    /// @param target path and query as on the request line
    /// @param signedHeaders lower-case names in ascending order; each must be among `headers`
    /// @param payloadHash hex SHA-256 of the body, or what stands for it
    /// @param normalizePath true for every service but S3: dot segments and repeated slashes are removed
    /// @param leaveOut query parameters that are not covered, such as X-Amz-Signature
    /// @throws MalformedRequestException when the query has a broken percent escape or a signed header is absent
    public static String of(
            String method,
            String target,
            List<Header> headers,
            List<String> signedHeaders,
            String payloadHash,
            boolean normalizePath,
            Set<String> leaveOut)
            throws MalformedRequestException {
        if (!target.startsWith("/")) {
            throw new MalformedRequestException("the request target does not begin with a slash");
        }
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        String query = question < 0 ? "" : target.substring(question + 1);
        StringBuilder out = new StringBuilder(512);
        out.append(method).append('\n');
        out.append(canonicalPath(path, normalizePath)).append('\n');
        out.append(canonicalQuery(query, leaveOut)).append('\n');
        for (String name : signedHeaders) {
            out.append(name).append(':').append(canonicalValues(name, headers)).append('\n');
        }
        out.append('\n').append(String.join(";", signedHeaders)).append('\n').append(payloadHash);
        return out.toString();
    }

    /// The string that is signed.
    ///
    /// @param timestamp as in X-Amz-Date, such as `20150830T123600Z`
    public static String stringToSign(String timestamp, CredentialScope scope, String canonicalRequest) {
        return stringToSign(Scheme.SHARED_SECRET, timestamp, scope, canonicalRequest);
    }

    /// The string that is signed by this scheme.
    public static String stringToSign(Scheme scheme, String timestamp, CredentialScope scope, String canonicalRequest) {
        String hash = sha256Hex(canonicalRequest.getBytes(StandardCharsets.UTF_8));
        return scheme.algorithm() + "\n" + timestamp + "\n" + scheme.scope(scope) + "\n" + hash;
    }

    public static String sha256Hex(byte[] data) {
        return HexFormat.of().formatHex(sha256(data));
    }

    public static byte[] sha256(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// The parameters of a query string with their escapes undone, in the order of the request.
    static List<Parameter> parameters(String query) throws MalformedRequestException {
        List<Parameter> parameters = new ArrayList<>();
        for (String pair : query.split("&")) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                parameters.add(new Parameter(decode(name), decode(value)));
            }
        }
        return parameters;
    }

    record Parameter(String name, String value) {}

    private static String canonicalPath(String path, boolean normalize) {
        return encode(normalize ? removeDotSegments(path) : path, true);
    }

    private static String removeDotSegments(String path) {
        Deque<String> kept = new ArrayDeque<>();
        for (String segment : path.split("/")) {
            switch (segment) {
                case "", "." -> {}
                case ".." -> kept.pollLast();
                default -> kept.addLast(segment);
            }
        }
        String joined = "/" + String.join("/", kept);
        return path.endsWith("/") && !kept.isEmpty() ? joined + "/" : joined;
    }

    private static String canonicalQuery(String query, Set<String> leaveOut) throws MalformedRequestException {
        List<Parameter> encoded = new ArrayList<>();
        for (Parameter parameter : parameters(query)) {
            if (!leaveOut.contains(parameter.name())) {
                encoded.add(new Parameter(encode(parameter.name(), false), encode(parameter.value(), false)));
            }
        }
        encoded.sort(Comparator.comparing(Parameter::name).thenComparing(Parameter::value));
        StringBuilder out = new StringBuilder();
        for (Parameter parameter : encoded) {
            out.append(out.isEmpty() ? "" : "&")
                    .append(parameter.name())
                    .append('=')
                    .append(parameter.value());
        }
        return out.toString();
    }

    private static String canonicalValues(String name, List<Header> headers) throws MalformedRequestException {
        StringBuilder out = null;
        for (Header header : headers) {
            if (header.name().toLowerCase(Locale.ROOT).equals(name)) {
                out = out == null ? new StringBuilder() : out.append(',');
                appendCollapsed(out, header.value());
            }
        }
        if (out == null) {
            throw new MalformedRequestException("the signed header '" + name + "' is not in the request");
        }
        return out.toString();
    }

    /// Trims, and writes each run of white space as one space.
    private static void appendCollapsed(StringBuilder out, String value) {
        boolean gap = false;
        boolean begun = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                gap = begun;
            } else {
                if (gap) {
                    out.append(' ');
                    gap = false;
                }
                out.append(c);
                begun = true;
            }
        }
    }

    private static String encode(String text, boolean keepSlash) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (UNRESERVED.get(c) || (keepSlash && c == '/')) {
                out.append(c);
            } else {
                out.append('%').append(UPPER.toHexDigits(b));
            }
        }
        return out.toString();
    }

    private static String decode(String text) throws MalformedRequestException {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] raw = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(raw.length);
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] != '%') {
                out.write(raw[i]);
            } else if (i + 2 < raw.length && HexFormat.isHexDigit(raw[i + 1]) && HexFormat.isHexDigit(raw[i + 2])) {
                out.write(HexFormat.fromHexDigit(raw[i + 1]) << 4 | HexFormat.fromHexDigit(raw[i + 2]));
                i += 2;
            } else {
                throw new MalformedRequestException("the query has a broken percent escape");
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(out.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedRequestException("the query is not valid UTF-8");
        }
    }
}

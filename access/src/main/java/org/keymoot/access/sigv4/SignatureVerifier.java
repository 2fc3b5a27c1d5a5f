package org.keymoot.access.sigv4;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.access.AwsException;
import org.keymoot.access.Credential;
import org.keymoot.access.CredentialLookup;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.sigv4.CanonicalRequest.Parameter;
import org.keymoot.crypto.group.Point;

/// Verifies AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256 signatures, in the Authorization header or in a presigned
/// query.
///
/// It keeps true: what it accepts was signed with the access key's secret, or with the private key of which it
/// has the public one, for this service, within the window, and covers the method, the path and query, the
/// host, every `x-amz-` header and the body; no header that the signature or the action depends on occurs
/// twice.
public final class SignatureVerifier {
    /// How far the client's clock may be from ours.
    public static final Duration MAXIMUM_SKEW = Duration.ofMinutes(5);
    /// Longest life of a presigned request.
    public static final Duration MAXIMUM_PRESIGNED_LIFE = Duration.ofDays(7);
    /// How old a signature may be by which something is changed. Whoever gets hold of a presigned request may
    /// send it as often as it lives, and so undo what was done since.
    public static final Duration CHANGES_WITHIN = Duration.ofMinutes(15);
    /// How long after it was first taken a request that changes something may be taken again: for its life, from
    /// as long before its time as a clock may be off, by the times that two parties give it, which may differ from
    /// those of a third by as much each.
    public static final Duration REPLAYABLE = CHANGES_WITHIN.plus(MAXIMUM_SKEW.multipliedBy(3));
    /// Most header names that a signature may list.
    public static final int MAXIMUM_SIGNED_HEADERS = 100;

    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);
    private static final Pattern ACCESS_KEY_ID = Pattern.compile("[A-Za-z0-9]{1,128}");
    private static final Pattern DATE = Pattern.compile("[0-9]{8}");
    private static final Pattern REGION = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
    private static final Pattern MAC = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern ECDSA =
            Pattern.compile("([0-9a-f]{2}){8," + AsymmetricKey.MAXIMUM_SIGNATURE_BYTES + "}");
    /// One Region of a set, which may have a star.
    private static final Pattern SET_REGION = Pattern.compile("(?=.{1,64}$)[a-z0-9-]*\\*?[a-z0-9-]*");
    private static final int MAXIMUM_SET_REGIONS = 50;
    /// Longest host name, and one more for the colon and the port.
    private static final int MAXIMUM_HOST = 253 + 6;
    /// The host names of AWS's endpoints, of which the second label is the Region. A repeated group takes all that it
    /// can, since the matcher would go one call deeper for each repetition that it might have to give back.
    private static final Pattern REGIONAL_HOST =
            Pattern.compile("[a-z0-9-]++\\.([a-z]{2}(?:-[a-z]++)++-[0-9]{1,2})\\..++");
    private static final String REGION_SET = "x-amz-region-set";
    private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9a-z-]{1,256}");
    private static final Set<String> SINGLE_HEADERS =
            Set.of("authorization", "host", "content-type", "content-length", "date");
    private static final String AMZ = "x-amz-";
    private static final String SIGNATURE_PARAMETER = "X-Amz-Signature";

    private final String service;

    /// @param service that the credential scope must name, such as `kms`
    public SignatureVerifier(String service) {
        this.service = service;
    }

    /// Tells who signed the request.
    ///
    /// @throws AwsException in AWS's words when nobody known did, or not now, or not all of it
    public Authenticated verify(SignedRequest request, CredentialLookup credentials, Instant now) {
        try {
            Map<String, String> headers = unambiguousHeaders(request);
            Claim claim = claim(request, headers);
            claim = claim.in(region(claim, headers));
            checkScope(claim);
            Instant signedAt = checkTime(claim, now);
            checkCoverage(claim, headers);
            String token = claim.securityToken();
            Credential credential = token == null
                    ? credentials.credential(claim.accessKeyId())
                    : credentials.session(claim.accessKeyId(), token, now);
            if (credential == null || !credential.active()) {
                throw refuse("UnrecognizedClientException", "The security token included in the request is invalid.");
            }
            String stringToSign = checkSignature(request, claim, headers, credential);
            String account = credential.principal().account();
            return new Authenticated(
                    credential.principal(),
                    claim.accessKeyId(),
                    claim.scope(),
                    digest(account, claim, stringToSign),
                    signedAt,
                    credential.session());
        } catch (MalformedRequestException e) {
            throw refuse("IncompleteSignatureException", "The request cannot be verified: " + e.getMessage() + ".");
        }
    }

    /// What the client says it signed.
    ///
    /// @param regionSet empty unless the scheme has one
    private record Claim(
            Scheme scheme,
            String regionSet,
            String accessKeyId,
            CredentialScope scope,
            String terminator,
            String timestamp,
            @Nullable Duration presignedLife,
            List<String> signedHeaders,
            String signature,
            @Nullable String securityToken) {

        /// The same in a Region that the scope does not name.
        Claim in(String region) {
            CredentialScope regional = new CredentialScope(scope.date(), region, scope.service());
            return new Claim(
                    scheme,
                    regionSet,
                    accessKeyId,
                    regional,
                    terminator,
                    timestamp,
                    presignedLife,
                    signedHeaders,
                    signature,
                    securityToken);
        }
    }

    /// The headers by lower-case name; of those that must not repeat, each occurs once.
    private static Map<String, String> unambiguousHeaders(SignedRequest request) throws MalformedRequestException {
        Map<String, String> headers = new LinkedHashMap<>();
        for (SignedRequest.Header header : request.headers()) {
            String name = header.name().toLowerCase(Locale.ROOT);
            boolean repeated = headers.putIfAbsent(name, header.value()) != null;
            if (repeated && (name.startsWith(AMZ) || SINGLE_HEADERS.contains(name))) {
                throw new MalformedRequestException("the header '" + name + "' occurs more than once");
            }
        }
        return headers;
    }

    private static Claim claim(SignedRequest request, Map<String, String> headers) throws MalformedRequestException {
        int question = request.target().indexOf('?');
        String query = question < 0 ? "" : request.target().substring(question + 1);
        Map<String, String> presigned = new LinkedHashMap<>();
        for (Parameter parameter : CanonicalRequest.parameters(query)) {
            String name = parameter.name().toLowerCase(Locale.ROOT);
            if (name.startsWith(AMZ) && presigned.put(name, parameter.value()) != null) {
                throw new MalformedRequestException("the query parameter '" + name + "' occurs more than once");
            }
        }
        String authorization = headers.get("authorization");
        if (authorization != null && presigned.containsKey("x-amz-algorithm")) {
            throw new MalformedRequestException("it is signed both in a header and in the query");
        }
        if (authorization != null) {
            return headerClaim(authorization, headers);
        }
        if (presigned.containsKey("x-amz-algorithm")) {
            return queryClaim(presigned);
        }
        throw refuse("MissingAuthenticationTokenException", "Request is missing Authentication Token");
    }

    private static Claim headerClaim(String authorization, Map<String, String> headers)
            throws MalformedRequestException {
        int space = authorization.indexOf(' ');
        String algorithm = space < 0 ? authorization : authorization.substring(0, space);
        Scheme scheme = Scheme.of(algorithm);
        if (scheme == null) {
            throw refuse(
                    "IncompleteSignatureException",
                    "Unsupported AWS 'algorithm': '" + shown(algorithm)
                            + "', expected AWS4-HMAC-SHA256 or AWS4-ECDSA-P256-SHA256.");
        }
        Map<String, String> parts = new LinkedHashMap<>();
        for (String part : authorization
                .substring(Math.min(space + 1, authorization.length()))
                .split(",")) {
            String pair = part.strip();
            int equals = pair.indexOf('=');
            if (equals < 0) {
                throw refuse(
                        "IncompleteSignatureException",
                        "'" + shown(pair)
                                + "' not a valid key=value pair (missing equal-sign) in Authorization header.");
            }
            if (parts.put(pair.substring(0, equals), pair.substring(equals + 1)) != null) {
                throw new MalformedRequestException("the Authorization header repeats a parameter");
            }
        }
        StringBuilder missing = new StringBuilder();
        for (String name : List.of("Credential", "Signature", "SignedHeaders")) {
            if (!parts.containsKey(name)) {
                missing.append("Authorization header requires '").append(name).append("' parameter. ");
            }
        }
        if (!missing.isEmpty()) {
            throw refuse("IncompleteSignatureException", missing.toString().strip());
        }
        if (parts.size() > 3) {
            throw new MalformedRequestException("the Authorization header has an unknown parameter");
        }
        String timestamp = headers.get("x-amz-date");
        if (timestamp == null) {
            throw refuse(
                    "IncompleteSignatureException",
                    "Authorization header requires existence of a 'X-Amz-Date' header.");
        }
        return claim(
                scheme,
                regionSet(scheme, headers.get(REGION_SET), "Authorization header requires existence of a"),
                part(parts, "Credential"),
                part(parts, "SignedHeaders"),
                part(parts, "Signature"),
                timestamp,
                null,
                headers.get("x-amz-security-token"));
    }

    private static Claim queryClaim(Map<String, String> query) throws MalformedRequestException {
        Scheme scheme = Scheme.of(part(query, "x-amz-algorithm"));
        if (scheme == null) {
            throw refuse(
                    "IncompleteSignatureException",
                    "X-Amz-Algorithm must be AWS4-HMAC-SHA256 or AWS4-ECDSA-P256-SHA256.");
        }
        StringBuilder missing = new StringBuilder();
        for (String name : List.of("Credential", "Signature", "SignedHeaders", "Date", "Expires")) {
            if (!query.containsKey(AMZ + name.toLowerCase(Locale.ROOT))) {
                missing.append("AWS query-string parameters must include 'X-Amz-")
                        .append(name)
                        .append("'. ");
            }
        }
        if (!missing.isEmpty()) {
            throw refuse("IncompleteSignatureException", missing.toString().strip());
        }
        String expires = part(query, "x-amz-expires");
        long seconds = expires.matches("[0-9]{1,7}") ? Long.parseLong(expires) : 0;
        if (seconds < 1 || seconds > MAXIMUM_PRESIGNED_LIFE.toSeconds()) {
            throw refuse(
                    "IncompleteSignatureException",
                    "X-Amz-Expires must be between 1 and " + MAXIMUM_PRESIGNED_LIFE.toSeconds() + " seconds.");
        }
        return claim(
                scheme,
                regionSet(scheme, query.get(REGION_SET), "AWS query-string parameters must include"),
                part(query, "x-amz-credential"),
                part(query, "x-amz-signedheaders"),
                part(query, "x-amz-signature"),
                part(query, "x-amz-date"),
                Duration.ofSeconds(seconds),
                query.get("x-amz-security-token"));
    }

    private static String regionSet(Scheme scheme, @Nullable String given, String demand) {
        if (scheme == Scheme.SHARED_SECRET) {
            return "";
        }
        if (given == null || given.isBlank()) {
            throw refuse("IncompleteSignatureException", demand + " 'X-Amz-Region-Set'.");
        }
        return given;
    }

    private static Claim claim(
            Scheme scheme,
            String regionSet,
            String credential,
            String signedHeaders,
            String signature,
            String timestamp,
            @Nullable Duration life,
            @Nullable String securityToken)
            throws MalformedRequestException {
        String[] scope = credential.split("/", -1);
        int parts = scheme.credentialParts();
        if (scope.length != parts) {
            String example =
                    scheme == Scheme.SHARED_SECRET ? "keyid/date/region/service/term" : "keyid/date/service/term";
            throw refuse(
                    "IncompleteSignatureException",
                    "Credential must have exactly " + parts + " slash-delimited elements, e.g. " + example + ", got '"
                            + shown(credential) + "'");
        }
        if (!ACCESS_KEY_ID.matcher(scope[0]).matches()) {
            throw refuse("UnrecognizedClientException", "The security token included in the request is invalid.");
        }
        if (!(scheme == Scheme.SHARED_SECRET ? MAC : ECDSA).matcher(signature).matches()) {
            throw mismatch();
        }
        String[] names = signedHeaders.split(";", -1);
        if (names.length > MAXIMUM_SIGNED_HEADERS) {
            throw new MalformedRequestException(
                    "more than " + MAXIMUM_SIGNED_HEADERS + " headers are listed as signed");
        }
        for (int i = 0; i < names.length; i++) {
            if (!HEADER_NAME.matcher(names[i]).matches() || (i > 0 && names[i - 1].compareTo(names[i]) >= 0)) {
                throw new MalformedRequestException("SignedHeaders must be lower-case names in ascending order");
            }
        }
        CredentialScope parsed =
                new CredentialScope(scope[1], scheme == Scheme.SHARED_SECRET ? scope[2] : "", scope[parts - 2]);
        return new Claim(
                scheme,
                regionSet,
                scope[0],
                parsed,
                scope[parts - 1],
                timestamp,
                life,
                List.of(names),
                signature,
                securityToken);
    }

    /// The Region that a request acts in. One that is signed for a set of Regions acts in the one that its host names,
    /// which must be in the set; where the host names none, the set must be a single Region.
    private static String region(Claim claim, Map<String, String> headers) {
        if (claim.scheme() == Scheme.SHARED_SECRET) {
            return claim.scope().region();
        }
        List<String> regions =
                Stream.of(claim.regionSet().split(",", -1)).map(String::strip).toList();
        if (regions.size() > MAXIMUM_SET_REGIONS
                || !regions.stream()
                        .allMatch(region -> SET_REGION.matcher(region).matches())) {
            throw refuse(
                    "InvalidSignatureException",
                    "X-Amz-Region-Set must be a list of Regions, got '" + shown(claim.regionSet()) + "'.");
        }
        String host = Objects.requireNonNullElse(headers.get("host"), "");
        if (host.length() > MAXIMUM_HOST) {
            throw refuse(
                    "InvalidSignatureException",
                    "'Host' must have at most " + MAXIMUM_HOST + " characters, got '" + shown(host) + "'.");
        }
        Matcher regional = REGIONAL_HOST.matcher(host.toLowerCase(Locale.ROOT));
        if (regional.matches()) {
            String region = regional.group(1);
            if (regions.stream().noneMatch(pattern -> covers(pattern, region))) {
                throw refuse(
                        "InvalidSignatureException",
                        "Credential should be scoped to a valid region, not '" + shown(claim.regionSet()) + "'.");
            }
            return region;
        }
        if (regions.size() > 1 || regions.getFirst().contains("*")) {
            throw refuse(
                    "InvalidSignatureException",
                    "X-Amz-Region-Set must be one Region where the host name tells none, got '"
                            + shown(claim.regionSet()) + "'.");
        }
        return regions.getFirst();
    }

    private static boolean covers(String pattern, String region) {
        int star = pattern.indexOf('*');
        return star < 0
                ? pattern.equals(region)
                : region.length() >= pattern.length() - 1
                        && region.startsWith(pattern.substring(0, star))
                        && region.endsWith(pattern.substring(star + 1));
    }

    private void checkScope(Claim claim) {
        CredentialScope scope = claim.scope();
        StringBuilder faults = new StringBuilder();
        if (!REGION.matcher(scope.region()).matches()) {
            faults.append("Credential should be scoped to a valid region. ");
        }
        if (!scope.service().equals(service)) {
            faults.append("Credential should be scoped to correct service: '")
                    .append(service)
                    .append("'. ");
        }
        if (!claim.terminator().equals(CredentialScope.TERMINATOR)) {
            faults.append("Credential should be scoped with a valid terminator: 'aws4_request'. ");
        }
        String day = claim.timestamp().length() < 8 ? "" : claim.timestamp().substring(0, 8);
        if (!DATE.matcher(scope.date()).matches() || !scope.date().equals(day)) {
            faults.append("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '")
                    .append(shown(scope.date()))
                    .append("' != '")
                    .append(shown(day))
                    .append("', from '")
                    .append(shown(claim.timestamp()))
                    .append("'. ");
        }
        if (!faults.isEmpty()) {
            throw refuse("InvalidSignatureException", faults.toString().strip());
        }
    }

    /// @return when it was signed
    private static Instant checkTime(Claim claim, Instant now) {
        Instant signed;
        try {
            signed = LocalDateTime.parse(claim.timestamp(), TIMESTAMP).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            throw refuse(
                    "IncompleteSignatureException",
                    "Date must be in ISO-8601 'basic format'. Got '" + shown(claim.timestamp())
                            + "'. See http://en.wikipedia.org/wiki/ISO_8601");
        }
        Instant latest = now.plus(MAXIMUM_SKEW);
        if (signed.isAfter(latest)) {
            throw refuse(
                    "InvalidSignatureException",
                    "Signature not yet current: " + claim.timestamp() + " is still later than " + format(latest) + " ("
                            + format(now) + " + 5 min.)");
        }
        Duration life = claim.presignedLife() == null ? MAXIMUM_SKEW : claim.presignedLife();
        Instant earliest = now.minus(life);
        if (signed.isBefore(earliest)) {
            String span = claim.presignedLife() == null ? "5 min.)" : life.toSeconds() + " sec.)";
            throw refuse(
                    "InvalidSignatureException",
                    "Signature expired: " + claim.timestamp() + " is now earlier than " + format(earliest) + " ("
                            + format(now) + " - " + span);
        }
        return signed;
    }

    private static void checkCoverage(Claim claim, Map<String, String> headers) {
        if (!claim.signedHeaders().contains("host")) {
            throw refuse(
                    "InvalidSignatureException",
                    "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
        }
        for (String name : headers.keySet()) {
            if (name.startsWith(AMZ) && !claim.signedHeaders().contains(name)) {
                throw refuse(
                        "InvalidSignatureException",
                        "'" + shown(name) + "' must be a 'SignedHeader' in the AWS Authorization.");
            }
        }
    }

    /// The body's true hash always enters the canonical request, so a client that declares its payload unsigned,
    /// or sends another hash than the body's, does not match.
    ///
    /// @return the string that is signed
    private static String checkSignature(
            SignedRequest request, Claim claim, Map<String, String> headers, Credential credential)
            throws MalformedRequestException {
        String payloadHash = CanonicalRequest.sha256Hex(request.body());
        String declared = headers.get("x-amz-content-sha256");
        if (declared != null && !declared.equals(payloadHash)) {
            throw refuse(
                    "InvalidSignatureException",
                    declared.equals("UNSIGNED-PAYLOAD") || declared.startsWith("STREAMING-")
                            ? "The payload must be signed: X-Amz-Content-SHA256 '" + shown(declared)
                                    + "' is not accepted by this service."
                            : "The provided X-Amz-Content-SHA256 header does not match what was computed.");
        }
        for (String name : claim.signedHeaders()) {
            if (!headers.containsKey(name)) {
                throw mismatch();
            }
        }
        Set<String> leaveOut = claim.presignedLife() == null ? Set.of() : Set.of(SIGNATURE_PARAMETER);
        String canonical = CanonicalRequest.of(
                request.method(),
                request.target(),
                request.headers(),
                claim.signedHeaders(),
                payloadHash,
                true,
                leaveOut);
        String stringToSign =
                CanonicalRequest.stringToSign(claim.scheme(), claim.timestamp(), claim.scope(), canonical);
        byte[] signed = stringToSign.getBytes(StandardCharsets.UTF_8);
        byte[] signature = HexFormat.of().parseHex(claim.signature());
        Point publicKey = credential.publicKey();
        boolean valid = switch (claim.scheme()) {
            case SHARED_SECRET -> {
                if (publicKey != null) {
                    throw otherScheme(Scheme.PUBLIC_KEY);
                }
                yield MessageDigest.isEqual(credential.sign(claim.scope(), signed), signature);
            }
            case PUBLIC_KEY -> {
                if (publicKey == null) {
                    throw otherScheme(Scheme.SHARED_SECRET);
                }
                yield AsymmetricKey.verifies(publicKey, signed, signature);
            }
        };
        if (!valid) {
            throw mismatch();
        }
        return stringToSign;
    }

    private static AwsException otherScheme(Scheme scheme) {
        return refuse(
                "InvalidSignatureException",
                "Requests with this access key are signed with " + scheme.algorithm() + ", which it was made for.");
    }

    /// What a MAC signs has one signature; what a private key signs has many, and anybody can make a second from the
    /// first. So the one is named by its signature and the other by what is signed.
    private static String digest(String account, Claim claim, String stringToSign) {
        String text = switch (claim.scheme()) {
            case SHARED_SECRET ->
                "keymoot request\n" + account + "\n" + claim.scope().region() + "\n" + claim.signature();
            case PUBLIC_KEY ->
                "keymoot request by public key\n" + account + "\n" + claim.accessKeyId() + "\n" + stringToSign;
        };
        return CanonicalRequest.sha256Hex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static AwsException mismatch() {
        return refuse(
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret"
                        + " Access Key and signing method. Consult the service documentation for details.");
    }

    private static AwsException refuse(String type, String message) {
        return new AwsException(AwsError.of(type, message));
    }

    private static String format(Instant instant) {
        return TIMESTAMP.format(instant.atOffset(ZoneOffset.UTC));
    }

    private static String part(Map<String, String> parts, String name) {
        return Objects.requireNonNull(parts.get(name));
    }

    /// A piece of the request, cut to a length that is fit for a message.
    private static String shown(String text) {
        return text.length() <= 128 ? text : text.substring(0, 128) + "…";
    }
}

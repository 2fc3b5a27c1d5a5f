package org.keymoot.access;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.iam.IamAction;
import org.keymoot.access.iam.StsAction;
import org.keymoot.access.iam.Xml;

/// The AWS services that answer at one endpoint, each in its own protocol: KMS in JSON 1.1, IAM and STS in the Query
/// protocol, whose questions are forms and whose answers are XML.
///
/// It keeps true: which service is asked follows from the request alone, so that the endpoint and each party shape
/// their answers alike; a caller that cannot be told for any service gets KMS's shape.
public enum Service {
    KMS("kms", "", "", "application/x-amz-json-1.1"),
    IAM("iam", "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/", "text/xml"),
    STS("sts", "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/", "text/xml");

    /// The content type of a question in the Query protocol.
    public static final String FORM = "application/x-www-form-urlencoded";

    /// How the message begins that tells that the token of an identity provider is over, which is not the end of a
    /// session: STS keeps the name of that error.
    public static final String EXPIRED_IDENTITY = "Token expired: ";

    /// The one question that clients ask without a signature: the token in it says who asks.
    private static final Pattern UNSIGNED_QUESTION = Pattern.compile("(?:^|&)Action=AssumeRoleWithWebIdentity(?:&|$)");

    /// The errors that every service has, by the name that the JSON services give them.
    private static final Map<String, AwsError> SHARED_ERRORS = Map.ofEntries(
            shared("UnrecognizedClientException", 403, "InvalidClientTokenId"),
            shared("InvalidSignatureException", 403, "SignatureDoesNotMatch"),
            shared("IncompleteSignatureException", 400, "IncompleteSignature"),
            shared("MissingAuthenticationTokenException", 403, "MissingAuthenticationToken"),
            shared("ExpiredTokenException", 403, "ExpiredToken"),
            shared("AccessDeniedException", 403, "AccessDenied"),
            shared("ThrottlingException", 400, "Throttling"),
            shared("ValidationException", 400, "ValidationError"),
            shared("SerializationException", 400, "MalformedInput"),
            shared("UnknownOperationException", 400, "InvalidAction"),
            shared("RequestEntityTooLargeException", 413, "RequestEntityTooLarge"),
            shared("RequestTimeoutException", 408, "RequestTimeout"),
            shared("DependencyTimeoutException", 503, "ServiceUnavailable"),
            shared("KMSInternalException", 500, "ServiceFailure"));

    private final String prefix;
    private final String version;
    private final String namespace;
    private final String contentType;

    Service(String prefix, String version, String namespace, String contentType) {
        this.prefix = prefix;
        this.version = version;
        this.namespace = namespace;
        this.contentType = contentType;
    }

    private static Map.Entry<String, AwsError> shared(String json, int status, String query) {
        return Map.entry(json, new AwsError(status, query, null));
    }

    /// The service that a request is for, by the scope of its signature, and where it has none by its content type.
    public static Service of(SignedRequest request) {
        int question = request.target().indexOf('?');
        return of(
                first(request, "authorization"),
                question < 0 ? "" : request.target().substring(question + 1),
                first(request, "content-type"));
    }

    /// The same, from the parts of a request.
    ///
    /// @param query what follows the question mark of its target
    public static Service of(@Nullable String authorization, String query, @Nullable String contentType) {
        String scope = authorization != null
                ? between(authorization, "Credential=", ',')
                : between(query, "X-Amz-Credential=", '&').replace("%2F", "/").replace("%2f", "/");
        String[] parts = scope.split("/", -1);
        // Key id, date, Region, service, terminator; a scope of SigV4A names no Region.
        if (parts.length == 5 || parts.length == 4) {
            String named = parts[parts.length - 2].strip();
            for (Service service : values()) {
                if (service.prefix.equals(named)) {
                    return service;
                }
            }
        }
        return isForm(contentType) ? STS : KMS;
    }

    /// Whether this is the content type of a form.
    public static boolean isForm(@Nullable String contentType) {
        return contentType != null
                && contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(FORM);
    }

    /// Whether a form is a question that needs no signature, because a token in it says who asks. What it does need the
    /// parties decide.
    ///
    /// @param target path and query
    public static boolean needsNoSignature(String target, @Nullable String contentType, byte[] body) {
        return target.equals("/")
                && isForm(contentType)
                && UNSIGNED_QUESTION
                        .matcher(new String(body, StandardCharsets.ISO_8859_1))
                        .find();
    }

    /// Whether a request has no signature and needs none.
    public static boolean isUnsigned(SignedRequest request) {
        return request.header("authorization").isEmpty()
                && needsNoSignature(request.target(), first(request, "content-type"), request.body());
    }

    private static @Nullable String first(SignedRequest request, String header) {
        var values = request.header(header);
        return values.isEmpty() ? null : values.getFirst();
    }

    private static String between(String text, String start, char end) {
        int from = text.indexOf(start);
        if (from < 0) {
            return "";
        }
        int to = text.indexOf(end, from);
        return text.substring(from + start.length(), to < 0 ? text.length() : to);
    }

    /// The service's name in credential scopes and in policies.
    public String prefix() {
        return prefix;
    }

    /// The version of the API that requests name; empty for a service whose requests name none.
    public String version() {
        return version;
    }

    /// The content type of every answer.
    public String contentType() {
        return contentType;
    }

    /// The action of this name; null when the service has none.
    public @Nullable ServiceAction action(String name) {
        return switch (this) {
            case KMS -> Action.find(name);
            case IAM -> IamAction.find(name);
            case STS -> StsAction.find(name);
        };
    }

    /// The body of an answer.
    ///
    /// @param result what the decision says: JSON, or the content of the result element, empty for a void result
    public String success(@Nullable ServiceAction action, String result, String requestId) {
        return switch (this) {
            case KMS -> result;
            case IAM, STS -> {
                boolean element = !result.isEmpty() || (action != null && action.hasEmptyResult());
                yield Xml.answer(namespace, action == null ? "" : action.aws(), element ? result : null, requestId);
            }
        };
    }

    /// The error as this service says it.
    public AwsError inItsWords(AwsError error) {
        return switch (this) {
            case KMS -> error;
            case IAM, STS -> {
                String message = error.message();
                boolean identity = message != null && message.startsWith(EXPIRED_IDENTITY);
                AwsError shared = identity ? null : SHARED_ERRORS.get(error.type());
                yield shared == null ? error : new AwsError(shared.status(), shared.type(), error.message());
            }
        };
    }

    /// The body of a refusal.
    public String failure(AwsError error, String requestId) {
        return switch (this) {
            case KMS -> error.json();
            case IAM, STS -> Xml.error(namespace, inItsWords(error), requestId);
        };
    }
}

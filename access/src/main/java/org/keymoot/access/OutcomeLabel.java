package org.keymoot.access;

import java.util.Set;

/// The word for what came of a request, for figures.
///
/// It keeps true: there are as many words as this file names, whatever clients and parties send.
public final class OutcomeLabel {
    public static final String SUCCESS = "success";
    /// No policy or grant allows it, or one denies it.
    public static final String DENIED = "denied";
    /// Policies allow it, and the sign rules of the key do not.
    public static final String PREVENTED = "prevented";
    public static final String THROTTLED = "throttled";
    /// Too few parties, or a fault of ours.
    public static final String UNAVAILABLE = "unavailable";
    /// An error that has no word of its own.
    public static final String OTHER = "other";

    /// The label of what names no known action.
    public static final String UNKNOWN_ACTION = "Unknown";

    private static final Set<String> ERRORS = Set.of(
            "AlreadyExistsException",
            "ConflictException",
            "DeleteConflict",
            "DisabledException",
            "DryRunOperationException",
            "DuplicateRequest",
            "EntityAlreadyExists",
            "EntityTemporarilyUnmodifiable",
            "ExpiredImportTokenException",
            "ExpiredToken",
            "ExpiredTokenException",
            "IDPCommunicationError",
            "IDPRejectedClaim",
            "IncompleteSignature",
            "IncompleteSignatureException",
            "IncorrectKeyException",
            "IncorrectKeyMaterialException",
            "InvalidAction",
            "InvalidAliasNameException",
            "InvalidArnException",
            "InvalidAuthorizationMessageException",
            "InvalidCiphertextException",
            "InvalidClientTokenId",
            "InvalidGrantIdException",
            "InvalidGrantTokenException",
            "InvalidIdentityToken",
            "InvalidImportTokenException",
            "InvalidInput",
            "InvalidKeyUsageException",
            "InvalidMarkerException",
            "InvalidParameterValue",
            "InvalidSignatureException",
            "KMSInvalidMacException",
            "KMSInvalidSignatureException",
            "KMSInvalidStateException",
            "LimitExceeded",
            "LimitExceededException",
            "MalformedInput",
            "MalformedPolicyDocument",
            "MalformedPolicyDocumentException",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "NoSuchEntity",
            "NotAuthorizedException",
            "NotFoundException",
            "OpenIdIdpCommunicationError",
            "PackedPolicyTooLarge",
            "PolicyEvaluation",
            "RegionDisabledException",
            "RequestEntityTooLarge",
            "RequestEntityTooLargeException",
            "RequestTimeout",
            "RequestTimeoutException",
            "SerializationException",
            "SignatureDoesNotMatch",
            "TagException",
            "UnknownOperationException",
            "UnmodifiableEntity",
            "UnrecognizedClientException",
            "UnsupportedOperationException",
            "ValidationError",
            "ValidationException");

    private OutcomeLabel() {}

    /// @param errorType as AWS names it, in either protocol; empty for success
    public static String of(String errorType) {
        return switch (errorType) {
            case "" -> SUCCESS;
            case "AccessDenied", "AccessDeniedException" -> DENIED;
            case "SignRulesException" -> PREVENTED;
            case "Throttling", "ThrottlingException" -> THROTTLED;
            case "DependencyTimeoutException", "KMSInternalException", "ServiceFailure", "ServiceUnavailable" ->
                UNAVAILABLE;
            default -> ERRORS.contains(errorType) ? errorType : OTHER;
        };
    }
}

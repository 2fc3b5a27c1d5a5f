package org.keymoot.access;

import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.CanonicalJson;

/// A refusal in AWS's words.
///
/// It keeps true: the type is the name that SDKs map to an exception class, and the text never carries a secret or
/// a stack trace.
///
/// @param message null for the errors that AWS sends without one
public record AwsError(int status, String type, @Nullable String message) {
    public AwsError {
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("an error has an HTTP status of 400 to 599, found " + status);
        }
    }

    /// The usual case: the caller's fault, HTTP 400.
    public static AwsError of(String type, @Nullable String message) {
        return new AwsError(400, type, message);
    }

    public static AwsError validation(String message) {
        return of("ValidationException", message);
    }

    public static AwsError serialization(String message) {
        return of("SerializationException", message);
    }

    public static AwsError throttled() {
        return of(
                "ThrottlingException",
                "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.");
    }

    /// Too few parties, or a fault of ours: SDKs retry.
    public static AwsError internal(String message) {
        return new AwsError(500, "KMSInternalException", message);
    }

    /// A party or peer did not answer in time: SDKs retry.
    public static AwsError dependencyTimeout(String message) {
        return new AwsError(503, "DependencyTimeoutException", message);
    }

    /// The body of the HTTP answer.
    public String json() {
        return CanonicalJson.error(type, message);
    }
}

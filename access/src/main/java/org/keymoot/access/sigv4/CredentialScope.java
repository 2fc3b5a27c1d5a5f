package org.keymoot.access.sigv4;

/// Where and when a signature is valid: `20150830/us-east-1/kms/aws4_request`.
///
/// @param date eight digits, UTC
public record CredentialScope(String date, String region, String service) {
    public static final String TERMINATOR = "aws4_request";

    public String text() {
        return date + "/" + region + "/" + service + "/" + TERMINATOR;
    }
}

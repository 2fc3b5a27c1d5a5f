package org.keymoot.testkit.clients;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/// One of AWS's clients, used by the names of AWS's model. Blobs are Base64 in both directions.
interface AwsClient extends AutoCloseable {
    /// What came of a call.
    sealed interface Outcome {
        record Answered(JsonNode output) implements Outcome {}

        record Refused(String code, String message) implements Outcome {}

        /// The client's release does not know the operation.
        record Unknown() implements Outcome {}
    }

    Outcome call(String service, String operation, Map<String, ?> input) throws Exception;
}

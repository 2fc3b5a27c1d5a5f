package org.keymoot.access;

/// What a client is told once the evaluations that its request needs are known.
public sealed interface EvaluatedAnswer {
    /// The action succeeded.
    record Success(String json) implements EvaluatedAnswer {
        /// Without the answer, which may hold a plaintext.
        @Override
        public String toString() {
            return "Success[%d characters]".formatted(json.length());
        }
    }

    /// The outputs show that the request cannot be met, as a ciphertext whose tag does not fit.
    record Failure(AwsError error) implements EvaluatedAnswer {}
}

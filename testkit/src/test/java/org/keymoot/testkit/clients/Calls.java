package org.keymoot.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ServiceAction;
import tools.jackson.databind.JsonNode;

/// The calls of one client, which notes the actions whose answers somebody has looked at.
///
/// It keeps true: an action counts as covered only by an assertion on its answer.
final class Calls {
    private final AwsClient client;
    private final Set<ServiceAction> checked = new java.util.LinkedHashSet<>();
    private final Set<String> unknown = new TreeSet<>();

    Calls(AwsClient client) {
        this.client = client;
    }

    /// Actions of which an answer was checked.
    Set<ServiceAction> checked() {
        return checked;
    }

    /// Operations that the client's release does not know.
    Set<String> unknown() {
        return unknown;
    }

    /// @param pairs names and values of the input's members
    Answer call(ServiceAction action, Object... pairs) throws Exception {
        Map<String, Object> input = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            input.put((String) pairs[i], pairs[i + 1]);
        }
        AwsClient.Outcome outcome = client.call(action.service().prefix(), action.aws(), input);
        if (outcome instanceof AwsClient.Outcome.Unknown) {
            unknown.add(action.aws());
        }
        return new Answer(action, outcome);
    }

    /// What came of one call.
    final class Answer {
        private final ServiceAction action;
        private final AwsClient.Outcome outcome;

        Answer(ServiceAction action, AwsClient.Outcome outcome) {
            this.action = action;
            this.outcome = outcome;
        }

        /// Null when the client does not know the operation.
        private @Nullable JsonNode output() {
            return switch (outcome) {
                case AwsClient.Outcome.Answered answered -> {
                    checked.add(action);
                    yield answered.output();
                }
                case AwsClient.Outcome.Refused refused ->
                    throw new AssertionError(
                            "%s was refused: %s %s".formatted(action.aws(), refused.code(), refused.message()));
                case AwsClient.Outcome.Unknown unknown -> null;
            };
        }

        /// The text at this place, which must be there.
        String text(String pointer) {
            JsonNode output = output();
            if (output == null) {
                return "";
            }
            assertThat(output.at(pointer).asString(""))
                    .as("%s%s in %s", action.aws(), pointer, output)
                    .isNotEmpty();
            return output.at(pointer).asString();
        }

        Answer is(String pointer, Object expected) {
            JsonNode output = output();
            if (output != null) {
                assertThat(output.at(pointer).asString(""))
                        .as("%s%s in %s", action.aws(), pointer, output)
                        .isEqualTo(String.valueOf(expected));
            }
            return this;
        }

        /// The answer has this text somewhere.
        Answer has(String text) {
            JsonNode output = output();
            if (output != null) {
                assertThat(output.toString()).as(action.aws()).contains(text);
            }
            return this;
        }

        Answer hasNot(String text) {
            JsonNode output = output();
            if (output != null) {
                assertThat(output.toString()).as(action.aws()).doesNotContain(text);
            }
            return this;
        }

        /// There is a list with so many elements; a client may leave an empty one out.
        Answer counts(String pointer, int size) {
            JsonNode output = output();
            if (output != null) {
                assertThat(output.at(pointer).size())
                        .as("%s%s in %s", action.aws(), pointer, output)
                        .isEqualTo(size);
            }
            return this;
        }

        /// The answer says nothing beyond that it was done.
        void isDone() {
            JsonNode output = output();
            if (output != null) {
                assertThat(output.size()).as("%s: %s", action.aws(), output).isZero();
            }
        }

        void isRefused(String code) {
            switch (outcome) {
                case AwsClient.Outcome.Refused refused -> {
                    assertThat(refused.code())
                            .as("%s: %s", action.aws(), refused.message())
                            .isEqualTo(code);
                    checked.add(action);
                }
                case AwsClient.Outcome.Answered answered ->
                    throw new AssertionError("%s answered %s".formatted(action.aws(), answered.output()));
                case AwsClient.Outcome.Unknown unknown -> {}
            }
        }
    }
}

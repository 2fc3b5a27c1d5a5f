package org.keymoot.party.operations;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.keymoot.access.AwsError;
import org.keymoot.access.Service;
import org.keymoot.access.iam.IamAction;
import org.keymoot.api.gateway.v1.ClientAnswer;

/// No answer is so long that the message with it ends the stream on which other requests wait.
class ReplyTest {
    private static final int ENDPOINT_READS = 4 << 20;

    private static ClientAnswer answer(Service service, Reply reply) {
        return reply.bounded().shaped(service, service == Service.IAM ? IamAction.LIST_ROLES : null, "id");
    }

    @Test
    void anAnswerThatIsTooLongIsARefusalThatSaysWhatToDo() {
        String most = "é".repeat(Reply.MAX_BODY_BYTES / 2);
        ClientAnswer whole = answer(Service.IAM, Reply.ok(most));
        assertThat(whole.getStatus()).isEqualTo(200);
        assertThat(whole.getSerializedSize()).isLessThan(ENDPOINT_READS);
        ClientAnswer refused = answer(Service.IAM, Reply.ok(most + "x"));
        assertThat(refused.getStatus()).isEqualTo(400);
        assertThat(refused.getErrorType()).isEqualTo("ValidationError");
        assertThat(refused.getBody().toStringUtf8()).contains("Ask for fewer items at a time");
        assertThat(refused.getTryAnother()).isFalse();
    }

    @Test
    void anErrorKeepsItsTypeHoweverLongItsText() {
        String most = "\u0001".repeat(8 << 20);
        for (Service service : Service.values()) {
            ClientAnswer refused = answer(service, Reply.error(new AwsError(400, "Malformed", most), true));
            assertThat(refused.getErrorType()).isEqualTo("Malformed");
            assertThat(refused.getTryAnother()).isTrue();
            assertThat(refused.getSerializedSize()).isLessThan(ENDPOINT_READS);
        }
    }

    @Test
    void whatIsAnsweredIsNotWrittenByAccident() {
        assertThat(Reply.ok("planted").toString()).doesNotContain("planted");
    }
}

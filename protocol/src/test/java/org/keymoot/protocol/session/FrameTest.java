package org.keymoot.protocol.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.protocol.message.CodecFuzz;
import org.keymoot.protocol.message.Malformed;

class FrameTest {
    private final SeededRandom random = new SeededRandom(1);

    @Test
    void damagedFramesAreRefusedOrReadExactly() {
        CodecFuzz.run(
                1,
                5000,
                input -> Frame.decode(input).encode(),
                frame(null, new byte[0]).encode(),
                frame(SessionId.of(random.bytes(32)), random.bytes(100)).encode());
    }

    @Test
    void aFrameLargerThanTheLimitIsRefusedBeforeItIsRead() {
        assertThatThrownBy(() -> Frame.decode(new byte[Frame.MAX_BYTES + 1]))
                .isInstanceOf(Malformed.class)
                .hasMessageContaining("more than");
    }

    @Test
    void theHeaderOfAChildsFrameIsSmall() {
        int header = frame(SessionId.of(random.bytes(32)), new byte[0]).encode().length;
        assertThat(header).isLessThanOrEqualTo(113);
    }

    private Frame frame(@Nullable SessionId child, byte[] body) {
        return new Frame(
                Frame.Kind.PRIVATE, SessionId.of(random.bytes(32)), child, 1, 2, 7, random.bytes(32), "1.2", body);
    }
}

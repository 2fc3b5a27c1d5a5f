package org.keymoot.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AccessLogTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger("org.keymoot.access");
    private final ListAppender<ILoggingEvent> written = new ListAppender<>();

    @BeforeEach
    void listen() {
        written.start();
        logger.setAdditive(false);
        logger.addAppender(written);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(written);
        logger.setAdditive(true);
    }

    @Test
    void everyLineIsWrittenWhenItHasClosedAlsoOnesBeyondItsRoom() {
        List<String> ids =
                IntStream.range(0, 10_000).mapToObj(Integer::toString).toList();
        try (AccessLog log = new AccessLog("test")) {
            ids.forEach(id -> log.add(new AccessLog.Line(id, "POST", "/", 200, 10, 20, 30, "127.0.0.1")));
        }
        assertThat(written.list).extracting(event -> value(event, "request")).containsExactlyInAnyOrderElementsOf(ids);
        assertThat(written.list).allSatisfy(event -> {
            assertThat(value(event, "listener")).isEqualTo("test");
            assertThat(value(event, "micros")).isEqualTo("30");
        });
    }

    private static String value(ILoggingEvent event, String key) {
        return event.getKeyValuePairs().stream()
                .filter(pair -> pair.key.equals(key))
                .map(pair -> String.valueOf(pair.value))
                .findFirst()
                .orElseThrow(() -> new AssertionError(key + " is missing"));
    }
}

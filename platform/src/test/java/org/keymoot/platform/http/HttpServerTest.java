package org.keymoot.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Speaks to the listener byte by byte over real sockets.
class HttpServerTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    /// Keeps what it was asked, and shapes refusals so that a test can tell them.
    private static final class Keeping implements HttpHandler {
        private final BlockingQueue<Exchange> seen = new ArrayBlockingQueue<>(100);

        @Override
        public HttpAnswer handle(Exchange exchange) {
            seen.add(exchange);
            return HttpAnswer.text(200, "ok").with("X-Own", "yes");
        }

        @Override
        public HttpAnswer refuse(int status, String reason, String id) {
            return HttpAnswer.json(status, ("{\"refused\":\"" + reason + "\"}").getBytes(StandardCharsets.UTF_8));
        }

        Exchange next() throws InterruptedException {
            Exchange exchange = seen.poll(5, TimeUnit.SECONDS);
            if (exchange == null) {
                throw new AssertionError("no request came");
            }
            return exchange;
        }
    }

    @Test
    void showsTheRequestExactlyAsItCame() throws Exception {
        Keeping handler = new Keeping();
        try (HttpServer server = HttpServer.start(HttpOptions.plain("test", ANY_PORT), handler)) {
            String answer = exchange(server, """
                    POST /a//b/../%2e%2F%7E;p=1/é?x=%41&x=b+c&empty HTTP/1.1
                    Host: Example.COM:80
                    X-Amz-Target: TrentService.Sign
                    Content-Type: Text/Plain;charset=UTF-8
                    X-Twice: one
                    X-Other: o
                    x-twice:   two   three\s
                    Accept-Encoding: gzip
                    Content-Length: 5
                    Connection: close

                    \u0000bo\rd""");
            assertThat(answer)
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .endsWith("ok\n")
                    .contains("X-Own: yes");
            Exchange seen = handler.next();
            assertThat(seen.method()).isEqualTo("POST");
            assertThat(seen.target()).isEqualTo("/a//b/../%2e%2F%7E;p=1/é?x=%41&x=b+c&empty");
            assertThat(seen.path()).isEqualTo("/a//b/../%2e%2F%7E;p=1/é");
            assertThat(seen.query()).isEqualTo("x=%41&x=b+c&empty");
            assertThat(seen.headers())
                    .containsExactly(
                            new Header("Host", "Example.COM:80"),
                            new Header("X-Amz-Target", "TrentService.Sign"),
                            new Header("Content-Type", "Text/Plain;charset=UTF-8"),
                            new Header("X-Twice", "one"),
                            new Header("X-Other", "o"),
                            new Header("x-twice", "two   three"),
                            new Header("Accept-Encoding", "gzip"),
                            new Header("Content-Length", "5"),
                            new Header("Connection", "close"));
            assertThat(seen.body()).containsExactly(0, 'b', 'o', '\r', 'd');
        }
    }

    @Test
    void answersMalformedRequestsInTheWordsOfTheHandlerAndTellsNothingOfItself() throws Exception {
        Keeping handler = new Keeping();
        try (HttpServer server = HttpServer.start(HttpOptions.plain("test", ANY_PORT), handler)) {
            for (String bad : new String[] {
                "GET / HTTP/1.1\n\n", // no host
                "G@T / HTTP/1.1\nHost: a\n\n",
                "GET / HTTP/9.9\nHost: a\n\n",
                "GET / HTTP/1.1\nHost: a\nBad Header: x\n\n",
                "POST / HTTP/1.1\nHost: a\nContent-Length: 3\nContent-Length: 4\n\nabcd",
                "POST / HTTP/1.1\nHost: a\nContent-Length: -3\n\nabcd",
                "POST / HTTP/1.1\nHost: a\nContent-Length: 3\nTransfer-Encoding: chunked\n\n0\n\n",
                "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\nzz\nabc\n",
                "GET / HTTP/1.1\nHost: a\nX: " + "y".repeat(40_000) + "\n\n",
                "GET /" + "y".repeat(40_000) + " HTTP/1.1\nHost: a\n\n",
                "\u0016\u0003\u0001\u0002\u0000 TLS hello\n\n",
            }) {
                String answer = exchange(server, bad);
                assertThat(answer)
                        .as(bad.length() > 100 ? bad.substring(0, 50) : bad)
                        .matches("(?s)HTTP/1.1 4\\d\\d .*")
                        .contains("{\"refused\":")
                        .contains("application/json")
                        .doesNotContainIgnoringCase("jetty")
                        .doesNotContain("Server:", "Exception", "\tat ");
            }
            assertThat(handler.seen).isEmpty();
        }
    }

    @Test
    void refusesABodyOneByteOverTheLimitHoweverItIsFramed() throws Exception {
        Keeping handler = new Keeping();
        HttpOptions options = HttpOptions.plain("test", ANY_PORT).withMaximumBodyBytes(10);
        try (HttpServer server = HttpServer.start(options, handler)) {
            assertThat(exchange(server, post("Content-Length: 10\n\n0123456789")))
                    .contains("200 OK");
            assertThat(exchange(server, post("Content-Length: 11\n\n0123456789A")))
                    .contains("413 ", "10 bytes allowed");
            // Ten gigabytes that never come: refused by the announcement alone.
            assertThat(exchange(server, post("Content-Length: 10737418240\n\nx")))
                    .contains("413 ");
            String chunked = "Transfer-Encoding: chunked\n\n5\n01234\n5\n56789\n0\n\n";
            assertThat(exchange(server, post(chunked))).contains("200 OK");
            String lying = "Transfer-Encoding: chunked\n\n5\n01234\n6\n56789A\n0\n\n";
            assertThat(exchange(server, post(lying))).contains("413 ");
            assertThat(handler.seen).hasSize(2);
        }
    }

    @Test
    void closesConnectionsThatTrickleTheirHeadOrBody() throws Exception {
        Keeping handler = new Keeping();
        HttpOptions options = HttpOptions.plain("test", ANY_PORT)
                .withTimeouts(
                        Duration.ofSeconds(20), Duration.ofMillis(600), Duration.ofMillis(600), Duration.ofSeconds(1));
        try (HttpServer server = HttpServer.start(options, handler)) {
            assertThat(trickle(server, "GET / HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(100)))
                    .isLessThan(Duration.ofSeconds(5));
            assertThat(trickle(server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n" + "y".repeat(400)))
                    .isLessThan(Duration.ofSeconds(10));
            assertThat(handler.seen).isEmpty();
        }
    }

    /// Sends the first 60 bytes at once and then one each 50 ms, until the other end closes; returns how long that
    /// took.
    private static Duration trickle(HttpServer server, String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        long start = System.nanoTime();
        try (Socket socket = connect(server)) {
            socket.setSoTimeout(1);
            OutputStream out = socket.getOutputStream();
            out.write(bytes, 0, 60);
            for (int i = 60; i < bytes.length; i++) {
                out.write(bytes[i]);
                try {
                    if (socket.getInputStream().read() < 0) {
                        break;
                    }
                } catch (java.net.SocketTimeoutException e) {
                    Thread.sleep(50);
                }
            }
        } catch (IOException e) {
            // A reset is a close as well.
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Test
    void refusesWhatIsTooManyAtOnceAndFinishesWhatItBeganWhenItCloses() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        HttpHandler slow = exchange -> {
            inside.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return HttpAnswer.text(200, "finished");
        };
        HttpServer server = HttpServer.start(HttpOptions.plain("test", ANY_PORT).withConcurrency(10, 1), slow);
        BlockingQueue<String> first = new ArrayBlockingQueue<>(1);
        Thread client = Thread.ofVirtual().start(() -> {
            try {
                first.add(exchange(server, "GET / HTTP/1.1\nHost: a\nConnection: close\n\n"));
            } catch (IOException e) {
                first.add(e.toString());
            }
        });
        assertThat(inside.await(5, TimeUnit.SECONDS)).isTrue();
        String twoOnOneConnection = "GET / HTTP/1.1\nHost: a\n\nGET / HTTP/1.1\nHost: a\nConnection: close\n\n";
        assertThat(exchange(server, twoOnOneConnection))
                .as("a client that is turned away need not connect anew")
                .containsPattern("(?s)503 .*Retry-After: 1.*503 ");
        Thread closer = Thread.ofVirtual().start(server::close);
        Thread.sleep(200);
        release.countDown();
        assertThat(first.poll(5, TimeUnit.SECONDS)).contains("200 OK", "finished");
        client.join();
        closer.join();
    }

    @Test
    void keepsStackTracesToItself() throws Exception {
        HttpHandler broken = exchange -> {
            throw new IllegalStateException("secret detail");
        };
        try (HttpServer server = HttpServer.start(HttpOptions.plain("test", ANY_PORT), broken)) {
            assertThat(exchange(server, "GET / HTTP/1.1\nHost: a\nConnection: close\n\n"))
                    .contains("500 ", "X-Request-Id: ")
                    .doesNotContain("secret detail", "IllegalState");
        }
    }

    @Test
    void routesByMethodAndTemplateWithoutDecoding() throws Exception {
        Router router = new Router()
                .route(
                        "GET",
                        "/v1/keys/{id}",
                        e -> HttpAnswer.text(200, "key " + e.pathParameters().get("id")))
                .route("POST", "/v1/keys", e -> HttpAnswer.text(201, "made"));
        try (HttpServer server = HttpServer.start(HttpOptions.plain("test", ANY_PORT), router)) {
            assertThat(get(server, "/v1/keys/a%2Fb")).contains("200 OK", "key a%2Fb");
            assertThat(get(server, "/v1/keys")).contains("405 ", "Allow: POST");
            assertThat(get(server, "/v1//keys/a")).contains("404 ");
            assertThat(get(server, "/v1/keys/")).contains("404 ");
        }
    }

    private static String get(HttpServer server, String path) throws IOException {
        return exchange(server, "GET " + path + " HTTP/1.1\nHost: a\nConnection: close\n\n");
    }

    private static String post(String rest) {
        return "POST / HTTP/1.1\nHost: a\nConnection: close\n" + rest;
    }

    private static Socket connect(HttpServer server) throws IOException {
        Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    /// Sends `request`, its line breaks made those of HTTP, and returns all that comes until the other end closes.
    private static String exchange(HttpServer server, String request) throws IOException {
        try (Socket socket = connect(server)) {
            OutputStream out = socket.getOutputStream();
            out.write(request.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
            StringBuilder answer = new StringBuilder();
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[4096];
            try {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    answer.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                // The other end may reset a connection whose request it did not read to the end.
                assertThat(answer).as("answer before the reset").isNotEmpty();
            }
            return answer.toString();
        }
    }
}

package org.keymoot.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.keymoot.bench.KmsConnection.Account;
import org.keymoot.bench.KmsConnection.Answer;
import tools.jackson.databind.json.JsonMapper;

/// Sends one request over and over, each time signed anew.
///
/// It keeps true: what is counted as an answer was a success; all else is counted by its type and status. A request
/// that is due at a rate is timed from when it was due, so a driver that falls behind hides nothing.
final class LoadDriver {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final long LONE_PAUSE_MILLIS = 5;

    private final Account account;
    private final String action;
    private final String request;

    /// @param request the body
    LoadDriver(Account account, String action, String request) {
        this.account = account;
        this.action = action;
        this.request = request;
    }

    /// What came of requests.
    ///
    /// @param errors how many answers there were of each other kind
    /// @param troubleEnds when the last request was due that failed or was slow, in nanoseconds from the start;
    ///     0 when there was none
    record Result(double seconds, Latencies latencies, Map<String, Integer> errors, long troubleEnds) {
        double perSecond() {
            return latencies.count() / seconds;
        }
    }

    /// Counts from several threads.
    private static final class Tally {
        private final Latencies latencies = new Latencies();
        private final Map<String, Integer> errors = new TreeMap<>();
        private long troubleEnds;

        synchronized void add(Tally other) {
            latencies.addAll(other.latencies);
            other.errors.forEach((type, count) -> errors.merge(type, count, Integer::sum));
            troubleEnds = Math.max(troubleEnds, other.troubleEnds);
        }

        void failed(String type, long due) {
            errors.merge(type, 1, Integer::sum);
            troubleEnds = Math.max(troubleEnds, due);
        }

        Result result(long start) {
            return new Result((System.nanoTime() - start) / 1e9, latencies, errors, troubleEnds);
        }
    }

    /// Each of `connections` asks again as soon as it has its answer.
    Result closedLoop(int connections, int seconds) throws InterruptedException {
        Tally all = new Tally();
        AtomicBoolean stop = new AtomicBoolean();
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                Tally own = new Tally();
                try (KmsConnection connection = new KmsConnection(account)) {
                    while (!stop.get()) {
                        one(connection, own, System.nanoTime(), 0, Long.MAX_VALUE);
                    }
                } catch (IOException e) {
                    own.failed(String.valueOf(e.getMessage()), 0);
                }
                all.add(own);
            }));
        }
        Thread.sleep(1000L * seconds);
        stop.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        return all.result(start);
    }

    /// One request after the other, with a pause between.
    Result alone(int requests) throws IOException, InterruptedException {
        Tally tally = new Tally();
        long start = System.nanoTime();
        try (KmsConnection connection = new KmsConnection(account)) {
            for (int i = 0; i < requests; i++) {
                one(connection, tally, System.nanoTime(), 0, Long.MAX_VALUE);
                Thread.sleep(LONE_PAUSE_MILLIS);
            }
        }
        return tally.result(start);
    }

    /// `requests` that are due at a steady rate, however soon they are answered, as long as one of `connections` is
    /// free.
    ///
    /// @param slowNanos a request that takes longer counts as trouble
    Result openLoop(int connections, double perSecond, int requests, long slowNanos) throws InterruptedException {
        Tally all = new Tally();
        AtomicInteger next = new AtomicInteger();
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                Tally own = new Tally();
                dueOnes(own, next, start, perSecond, requests, slowNanos);
                all.add(own);
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return all.result(start);
    }

    /// Takes one due request after the other; a connection that the endpoint closed is made anew.
    private void dueOnes(Tally tally, AtomicInteger next, long start, double perSecond, int requests, long slowNanos) {
        int number = next.getAndIncrement();
        while (number < requests) {
            long due = (long) (number * 1e9 / perSecond);
            try (KmsConnection connection = new KmsConnection(account)) {
                while (number < requests) {
                    due = (long) (number * 1e9 / perSecond);
                    long early = start + due - System.nanoTime();
                    if (early > 0) {
                        LockSupport.parkNanos(early);
                    }
                    one(connection, tally, start + due, due, slowNanos);
                    number = next.getAndIncrement();
                }
            } catch (IOException e) {
                tally.failed(String.valueOf(e.getMessage()), due);
                number = next.getAndIncrement();
            }
        }
    }

    private void one(KmsConnection connection, Tally tally, long since, long due, long slowNanos) throws IOException {
        Answer answer = connection.call(action, request);
        long taken = Math.max(0, System.nanoTime() - since);
        if (answer.status() == 200) {
            tally.latencies.add(taken);
            if (taken > slowNanos) {
                tally.troubleEnds = Math.max(tally.troubleEnds, due);
            }
        } else {
            String type = JSON.readTree(answer.body()).path("__type").asString("");
            tally.failed(type + " " + answer.status(), due);
        }
    }
}

package org.keymoot.control.ca;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;

/// The code that lets one node in once: 80 random bits as `7K3M-0QXZ-9TRA-B2CD`.
///
/// It keeps true: it is accepted at most once, before its end, and not at all after too many wrong guesses.
/// Comparing takes the same time wherever a guess differs.
final class OneTimeCode {
    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int CHARACTERS = 16;
    private static final int GROUP = 4;
    private static final int MAXIMUM_WRONG_GUESSES = 5;

    private final String text;
    private final Instant end;
    private final InstantSource clock;
    private int wrongGuesses;
    private boolean spent;

    /// How a guess fares.
    enum Verdict {
        ACCEPTED(""),
        WRONG("the code is wrong; copy it again from where 'keymoot ca admit' showed it"),
        SPENT("the code was used already; ask for a new invitation"),
        EXPIRED("the code has expired; ask for a new invitation"),
        LOCKED("too many wrong codes were tried; ask for a new invitation");

        private final String advice;

        Verdict(String advice) {
            this.advice = advice;
        }

        String advice() {
            return advice;
        }
    }

    OneTimeCode(Instant end, InstantSource clock, SecureRandom random) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < CHARACTERS; i++) {
            letters.append(i > 0 && i % GROUP == 0 ? "-" : "")
                    .append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        this.text = letters.toString();
        this.end = end;
        this.clock = clock;
    }

    String text() {
        return text;
    }

    /// Tries a guess and, when it is right, spends the code.
    synchronized Verdict spend(String guess) {
        if (wrongGuesses >= MAXIMUM_WRONG_GUESSES) {
            return Verdict.LOCKED;
        }
        if (!MessageDigest.isEqual(bytes(text), bytes(guess))) {
            wrongGuesses++;
            return Verdict.WRONG;
        }
        if (spent) {
            return Verdict.SPENT;
        }
        if (clock.instant().isAfter(end)) {
            return Verdict.EXPIRED;
        }
        spent = true;
        return Verdict.ACCEPTED;
    }

    @Override
    public String toString() {
        return "[redacted]";
    }

    private static byte[] bytes(String code) {
        return code.replaceAll("[ -]", "").toUpperCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
    }
}

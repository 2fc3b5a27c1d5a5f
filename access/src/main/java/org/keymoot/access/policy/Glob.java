package org.keymoot.access.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A text of a policy with wildcards and policy variables, ready to be matched.
///
/// It keeps true: what a variable stands for is taken literally, so a `*` in a tag or an encryption context matches
/// a `*` and nothing else. A variable that the request gives no single value makes a pattern that matches nothing; one
/// whose name is ambiguous makes a pattern of which nobody can tell, as [#isUnclear] says.
/// Matching takes time in proportion to the product of both lengths at most, and is counted.
final class Glob {
    /// Any characters, also none.
    private static final int ANY = -1;
    /// One character.
    private static final int ONE = -2;

    private static final int COUNTED_AT_ONCE = 4096;

    private final List<Piece> pieces;
    /// The whole pattern when it has no variables, otherwise null.
    private final int @Nullable [] fixed;
    /// The whole text when it has neither variables nor wildcards, otherwise null.
    private final @Nullable String literal;

    private Glob(List<Piece> pieces) {
        this.pieces = List.copyOf(pieces);
        boolean variable = pieces.stream().anyMatch(Variable.class::isInstance);
        this.fixed = variable ? null : expand(new RequestValues());
        this.literal = fixed == null || Arrays.stream(fixed).anyMatch(symbol -> symbol < 0) ? null : text(fixed);
    }

    private sealed interface Piece {}

    private static final class Symbols implements Piece {
        private final int[] symbols;

        Symbols(int[] symbols) {
            this.symbols = symbols;
        }
    }

    private record Variable(String name, @Nullable String otherwise) implements Piece {}

    /// Which characters of a text are more than themselves.
    ///
    /// @param wildcards `*` and `?`
    /// @param variables `${…}`
    record Syntax(boolean wildcards, boolean variables) {}

    /// @throws MalformedPolicyException when a variable is not well-formed
    static Glob compile(String text, Syntax syntax) throws MalformedPolicyException {
        List<Piece> pieces = new ArrayList<>();
        int[] run = new int[text.length()];
        int length = 0;
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (syntax.variables() && c == '$' && text.startsWith("${", i)) {
                int end = endOfVariable(text, i + 2);
                String inside = text.substring(i + 2, end);
                if (inside.length() == 1 && "*?$".contains(inside)) {
                    run[length++] = inside.charAt(0);
                } else {
                    pieces.add(new Symbols(Arrays.copyOf(run, length)));
                    length = 0;
                    pieces.add(variable(inside));
                }
                i = end + 1;
            } else {
                run[length++] = !syntax.wildcards() ? c : c == '*' ? ANY : c == '?' ? ONE : c;
                i++;
            }
        }
        pieces.add(new Symbols(Arrays.copyOf(run, length)));
        return new Glob(pieces);
    }

    private static int endOfVariable(String text, int from) throws MalformedPolicyException {
        boolean quoted = false;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\'') {
                quoted = !quoted;
            } else if (c == '}' && !quoted) {
                return i;
            }
        }
        throw MalformedPolicyException.legacy();
    }

    private static Variable variable(String inside) throws MalformedPolicyException {
        int comma = inside.indexOf(',');
        String name = (comma < 0 ? inside : inside.substring(0, comma)).strip();
        if (name.isEmpty() || name.indexOf('\'') >= 0 || name.contains("${")) {
            throw MalformedPolicyException.legacy();
        }
        if (comma < 0) {
            return new Variable(name, null);
        }
        String otherwise = inside.substring(comma + 1).strip();
        boolean quoted = otherwise.length() >= 2
                && otherwise.startsWith("'")
                && otherwise.indexOf('\'', 1) == otherwise.length() - 1;
        if (!quoted) {
            throw MalformedPolicyException.legacy();
        }
        return new Variable(name, otherwise.substring(1, otherwise.length() - 1));
    }

    /// Whether it cannot be told what this matches, since one of its variables could be either of two.
    boolean isUnclear(RequestValues values) {
        if (fixed != null) {
            return false;
        }
        for (Piece piece : pieces) {
            if (piece instanceof Variable variable && values.isAmbiguous(variable.name())) {
                return true;
            }
        }
        return false;
    }

    boolean matches(String text, RequestValues values) {
        if (literal != null) {
            return literal.equals(text);
        }
        int[] pattern = fixed != null ? fixed : expand(values);
        return pattern != null && matches(pattern, 0, pattern.length, text, values);
    }

    boolean matchesIgnoringCase(String text, RequestValues values) {
        if (literal != null) {
            return Text.equalsIgnoreCase(literal, text);
        }
        int[] pattern = fixed != null ? fixed : expand(values);
        return pattern != null && Text.equalsIgnoreCase(text(pattern), text);
    }

    /// Matches each of the six parts of an ARN by itself, so that no wildcard reaches over a colon except in the last.
    boolean matchesArn(String arn, RequestValues values) {
        int[] pattern = fixed != null ? fixed : expand(values);
        if (pattern == null) {
            return false;
        }
        String[] parts = arn.split(":", 6);
        if (parts.length < 6) {
            return false;
        }
        int from = 0;
        for (int part = 0; part < 6; part++) {
            int to = part == 5 ? pattern.length : colon(pattern, from);
            if (to < 0 || !matches(pattern, from, to, parts[part], values)) {
                return false;
            }
            from = to + 1;
        }
        return true;
    }

    /// Whether the pattern has the six parts of an ARN, as far as can be told without the variables' values.
    boolean mayBeArn() {
        if (fixed == null) {
            return true;
        }
        int from = 0;
        for (int part = 0; part < 5; part++) {
            int colon = colon(fixed, from);
            if (colon < 0) {
                return false;
            }
            from = colon + 1;
        }
        return true;
    }

    private static int colon(int[] pattern, int from) {
        for (int i = from; i < pattern.length; i++) {
            if (pattern[i] == ':') {
                return i;
            }
        }
        return -1;
    }

    /// @return null when a variable has no value
    private int @Nullable [] expand(RequestValues values) {
        int[] out = new int[64];
        int length = 0;
        for (Piece piece : pieces) {
            int[] next;
            switch (piece) {
                case Symbols symbols -> next = symbols.symbols;
                case Variable variable -> {
                    String value = value(variable, values);
                    if (value == null) {
                        return null;
                    }
                    next = value.chars().toArray();
                }
            }
            if (length + next.length > out.length) {
                out = Arrays.copyOf(out, Math.max(out.length * 2, length + next.length));
            }
            System.arraycopy(next, 0, out, length, next.length);
            length += next.length;
        }
        return Arrays.copyOf(out, length);
    }

    private static @Nullable String value(Variable variable, RequestValues values) {
        List<String> found = values.get(variable.name());
        return found != null && found.size() == 1 ? found.getFirst() : variable.otherwise();
    }

    private static String text(int[] literals) {
        StringBuilder text = new StringBuilder(literals.length);
        for (int symbol : literals) {
            text.append((char) symbol);
        }
        return text.toString();
    }

    private static boolean matches(int[] pattern, int from, int to, String text, RequestValues values) {
        int p = from;
        int t = 0;
        int star = -1;
        int resume = 0;
        int steps = 0;
        while (t < text.length()) {
            if (++steps == COUNTED_AT_ONCE) {
                values.spend(steps);
                steps = 0;
            }
            if (p < to && pattern[p] == ANY) {
                star = p++;
                resume = t;
                if (p == to) {
                    return true;
                }
            } else if (p < to && pattern[p] == text.charAt(t)) {
                p++;
                t++;
            } else if (p < to && pattern[p] == ONE) {
                p++;
                t += Character.charCount(text.codePointAt(t));
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        values.spend(steps);
        while (p < to && pattern[p] == ANY) {
            p++;
        }
        return p == to;
    }
}

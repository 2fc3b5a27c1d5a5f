package org.keymoot.access.policy;

/// Comparing texts without regard to case, the same at every party and for every locale.
final class Text {
    /// Most characters of a client's text in a message.
    private static final int MAXIMUM_SHOWN = 256;

    private Text() {}

    /// Lowers A to Z and nothing else: no other letter may turn into an ASCII one.
    static String lowerAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                return lowerFrom(text, i);
            }
        }
        return text;
    }

    private static String lowerFrom(String text, int first) {
        char[] lowered = text.toCharArray();
        for (int i = first; i < lowered.length; i++) {
            lowered[i] = lower(lowered[i]);
        }
        return new String(lowered);
    }

    /// Compares letter by letter without regard to case. An ASCII letter equals ASCII letters only, so the Kelvin
    /// sign is no `k` and the dotless `ı` no `i`, although Unicode's case folding says so.
    static boolean equalsIgnoreCase(String one, String other) {
        if (one.length() != other.length()) {
            return false;
        }
        for (int i = 0; i < one.length(); i++) {
            char a = one.charAt(i);
            char b = other.charAt(i);
            boolean ascii = a < 0x80 || b < 0x80;
            if (a != b && (ascii ? lower(a) != lower(b) : fold(a) != fold(b))) {
                return false;
            }
        }
        return true;
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
    }

    private static char fold(char c) {
        return Character.toLowerCase(Character.toUpperCase(c));
    }

    /// A text from a client in a message: bounded.
    static String shown(String text) {
        return text.length() <= MAXIMUM_SHOWN ? text : text.substring(0, MAXIMUM_SHOWN) + "…";
    }
}

package org.keymoot.access.policy;

/// Comparing texts without regard to case, the same at every party and for every locale.
final class Text {
    private Text() {}

    /// Lowers A to Z and nothing else: no other letter may turn into an ASCII one.
    static String lowerAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                char[] lowered = text.toCharArray();
                for (int j = i; j < lowered.length; j++) {
                    if (lowered[j] >= 'A' && lowered[j] <= 'Z') {
                        lowered[j] += 32;
                    }
                }
                return new String(lowered);
            }
        }
        return text;
    }
}

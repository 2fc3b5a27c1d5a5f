package org.keymoot.platform.tls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Locale;

/// A hash that people compare by eye or by voice: 100 bits as five groups of four letters and digits, such as
/// `7K3M-0QXZ-9TRA-B2CD-E5FG`.
///
/// To pass for another, an attacker needs a second preimage of 100 bits, which no one can search for. The
/// alphabet leaves out I, L, O and U; what people type is read without regard to case, spaces and hyphens, and
/// I, L and O as the digits that they resemble.
///
/// @param text the canonical spelling
public record Fingerprint(String text) {
    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int CHARACTERS = 20;
    private static final int GROUP = 4;
    private static final int BITS_PER_CHARACTER = 5;

    public Fingerprint {
        if (!text.equals(canonical(text))) {
            throw new IllegalArgumentException("'%s' is not a fingerprint in its canonical spelling".formatted(text));
        }
    }

    /// The fingerprint of a certificate: of the whole of it, signature included.
    public static Fingerprint of(X509Certificate certificate) {
        try {
            return ofBytes(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("the certificate has no encoding", e);
        }
    }

    /// The fingerprint of a public key: of its SubjectPublicKeyInfo.
    public static Fingerprint of(PublicKey key) {
        return ofBytes(key.getEncoded());
    }

    /// Reads what a person typed.
    ///
    /// @throws IllegalArgumentException when it cannot be a fingerprint
    public static Fingerprint parse(String typed) {
        return new Fingerprint(canonical(typed));
    }

    @Override
    public String toString() {
        return text;
    }

    private static Fingerprint ofBytes(byte[] content) {
        byte[] hash;
        try {
            hash = MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < CHARACTERS; i++) {
            int value = 0;
            for (int bit = i * BITS_PER_CHARACTER; bit < (i + 1) * BITS_PER_CHARACTER; bit++) {
                value = value << 1 | hash[bit / Byte.SIZE] >> (Byte.SIZE - 1 - bit % Byte.SIZE) & 1;
            }
            letters.append(ALPHABET.charAt(value));
        }
        return new Fingerprint(grouped(letters));
    }

    private static String canonical(String typed) {
        StringBuilder letters = new StringBuilder();
        for (char c : typed.toUpperCase(Locale.ROOT).toCharArray()) {
            char read = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
            if (ALPHABET.indexOf(read) >= 0) {
                letters.append(read);
            } else if (read != '-' && read != ' ' && read != ':') {
                throw notOne();
            }
        }
        if (letters.length() != CHARACTERS) {
            throw notOne();
        }
        return grouped(letters);
    }

    private static IllegalArgumentException notOne() {
        return new IllegalArgumentException(
                "a fingerprint has five groups of four letters or digits, such as 7K3M-0QXZ-9TRA-B2CD-E5FG");
    }

    private static String grouped(CharSequence letters) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < letters.length(); i++) {
            text.append(i > 0 && i % GROUP == 0 ? "-" : "").append(letters.charAt(i));
        }
        return text.toString();
    }
}

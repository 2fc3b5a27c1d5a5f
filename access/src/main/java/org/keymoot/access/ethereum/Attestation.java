package org.keymoot.access.ethereum;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.keymoot.crypto.keccak.Keccak256;

/// What the attesting agents of an Optics bridge sign.
///
/// It keeps true: each digest is bound to the home chain's domain, and is that of a personal message, so none is a
/// transaction's.
public sealed interface Attestation {
    /// The home chain's number in the bridge's own numbering, 32 bits.
    long homeDomain();

    /// The 32 bytes that are signed.
    byte[] digest();

    /// An updater's statement that the home's root moved on: double updates are slashed.
    ///
    /// @param previousRoot 64 lower-case hexadecimal digits
    /// @param newRoot likewise
    record Update(long homeDomain, String previousRoot, String newRoot) implements Attestation {
        public Update {
            requireDomain(homeDomain);
            requireWord(previousRoot);
            requireWord(newRoot);
        }

        @Override
        public byte[] digest() {
            return PersonalMessage.digest(Keccak256.hash(
                    domainHash(homeDomain), Attestation.bytes(previousRoot), Attestation.bytes(newRoot)));
        }
    }

    /// A watcher's statement that an updater failed.
    ///
    /// @param updater the updater's identifier, 64 lower-case hexadecimal digits: its address after twelve
    ///     zero bytes
    record Failure(long homeDomain, String updater) implements Attestation {
        public Failure {
            requireDomain(homeDomain);
            requireWord(updater);
        }

        @Override
        public byte[] digest() {
            return PersonalMessage.digest(
                    Keccak256.hash(domainHash(homeDomain), domain(homeDomain), Attestation.bytes(updater)));
        }
    }

    /// keccak256(domain ‖ "OPTICS").
    static byte[] domainHash(long domain) {
        return Keccak256.hash(domain(domain), "OPTICS".getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] domain(long domain) {
        return ByteBuffer.allocate(4).putInt((int) domain).array();
    }

    private static byte[] bytes(String word) {
        return java.util.HexFormat.of().parseHex(word);
    }

    private static void requireDomain(long domain) {
        if (domain < 0 || domain > 0xffff_ffffL) {
            throw new IllegalArgumentException("a domain has 32 bits, found " + domain);
        }
    }

    private static void requireWord(String word) {
        if (!Word.SHAPE.matcher(word).matches()) {
            throw new IllegalArgumentException("a root or identifier is 64 lower-case hexadecimal digits");
        }
    }

    /// 32 bytes in text.
    final class Word {
        static final Pattern SHAPE = Pattern.compile("[0-9a-f]{64}");

        private Word() {}
    }
}

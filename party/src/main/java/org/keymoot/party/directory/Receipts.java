package org.keymoot.party.directory;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.Set;
import org.keymoot.api.directory.v1.CommittedEntry;
import org.keymoot.api.directory.v1.Entry;
import org.keymoot.api.directory.v1.Receipt;

/// Signs and checks receipts: a party's statement, under the key of its certificate, that it accepted an entry at a
/// ballot.
///
/// It keeps true: a committed entry is believed only with valid receipts of a whole commit quorum for the same
/// entry and ballot, so a single party can bring another up to date without being trusted.
final class Receipts {
    private static final byte[] TAG = "keymoot/directory/receipt/v1".getBytes(StandardCharsets.US_ASCII);
    private static final String ALGORITHM = "SHA256withECDSA";

    private final int self;
    private final PartyCertificates certificates;
    private final byte[] ownCertificate;
    private final byte[] ownFingerprint;
    private final CommitQuorum quorum;
    private final RegisterStore store;

    Receipts(int self, PartyCertificates certificates, CommitQuorum quorum, RegisterStore store) {
        this.self = self;
        this.certificates = certificates;
        this.quorum = quorum;
        this.store = store;
        try {
            this.ownCertificate = certificates.own().getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("this party's certificate cannot be encoded", e);
        }
        this.ownFingerprint = sha256().digest(ownCertificate);
        store.keepCertificate(ownFingerprint, ownCertificate);
    }

    int self() {
        return self;
    }

    Receipt sign(Entry entry, long ballot) {
        try {
            return Receipt.newBuilder()
                    .setParty(self)
                    .setBallot(ballot)
                    .setCertificateFingerprint(ByteString.copyFrom(ownFingerprint))
                    .setSignature(ByteString.copyFrom(certificates.sign(statement(entry, ballot, self))))
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this party's key cannot sign a receipt", e);
        }
    }

    /// Whether this party's receipt is among those of a committed entry.
    boolean isOwnIn(CommittedEntry committed) {
        return committed.getReceiptsList().stream().anyMatch(receipt -> receipt.getParty() == self);
    }

    ByteString ownCertificate() {
        return ByteString.copyFrom(ownCertificate);
    }

    /// Checks that `committed` was accepted by a commit quorum.
    ///
    /// @throws TransitionCheck.Refused naming the first receipt that fails, or how many are missing
    void checkCommitted(CommittedEntry committed) throws TransitionCheck.Refused {
        for (ByteString der : committed.getCertificatesList()) {
            remember(der, committed.getEntry());
        }
        Set<Integer> signers = new HashSet<>();
        for (Receipt receipt : committed.getReceiptsList()) {
            if (receipt.getBallot() != committed.getBallot()) {
                throw new TransitionCheck.Refused("the receipt of party %d for %s is for another ballot"
                        .formatted(receipt.getParty(), name(committed.getEntry())));
            }
            check(receipt, committed.getEntry());
            signers.add(receipt.getParty());
        }
        if (signers.size() < quorum.size()) {
            throw new TransitionCheck.Refused("%s has receipts of %d parties, %d are needed"
                    .formatted(name(committed.getEntry()), signers.size(), quorum.size()));
        }
    }

    /// Checks what `party` gave as its own receipt, at `ballot`.
    void checkOwn(int party, long ballot, Receipt receipt, ByteString der, Entry entry) throws TransitionCheck.Refused {
        if (receipt.getParty() != party || receipt.getBallot() != ballot) {
            throw new TransitionCheck.Refused("it is no receipt of party %d at that ballot".formatted(party));
        }
        checkWithCertificate(receipt, der, entry);
    }

    /// Checks a receipt that came with its signer's certificate.
    void checkWithCertificate(Receipt receipt, ByteString der, Entry entry) throws TransitionCheck.Refused {
        remember(der, entry);
        check(receipt, entry);
    }

    private void remember(ByteString der, Entry entry) throws TransitionCheck.Refused {
        byte[] fingerprint = sha256().digest(der.toByteArray());
        if (store.certificate(fingerprint) != null) {
            return;
        }
        try {
            certificates.party(parse(der.toByteArray()));
        } catch (GeneralSecurityException e) {
            throw new TransitionCheck.Refused(
                    "a certificate sent with %s is not of this cluster: %s".formatted(name(entry), e.getMessage()));
        }
        store.keepCertificate(fingerprint, der.toByteArray());
    }

    private static X509Certificate parse(byte[] der) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    /// @throws TransitionCheck.Refused when the receipt is not the named party's word on `entry`
    private void check(Receipt receipt, Entry entry) throws TransitionCheck.Refused {
        try {
            byte[] der = store.certificate(receipt.getCertificateFingerprint().toByteArray());
            if (der == null) {
                throw new TransitionCheck.Refused("the certificate behind the receipt of party %d for %s is unknown"
                        .formatted(receipt.getParty(), name(entry)));
            }
            X509Certificate signer = parse(der);
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(signer.getPublicKey());
            signature.update(statement(entry, receipt.getBallot(), receipt.getParty()));
            if (certificates.party(signer) != receipt.getParty()
                    || !signature.verify(receipt.getSignature().toByteArray())) {
                throw new TransitionCheck.Refused("the receipt of party %d for %s is not signed by it"
                        .formatted(receipt.getParty(), name(entry)));
            }
        } catch (GeneralSecurityException e) {
            throw new TransitionCheck.Refused("the receipt of party %d for %s cannot be checked: %s"
                    .formatted(receipt.getParty(), name(entry), e.getMessage()));
        }
    }

    private static String name(Entry entry) {
        return entry.getName() + " version " + entry.getVersion();
    }

    /// What is signed: tag, party, ballot, and the entry's parts, each of variable length with its length before it.
    private static byte[] statement(Entry entry, long ballot, int party) {
        MessageDigest digest = sha256();
        digest.update(TAG);
        digest.update(ByteBuffer.allocate(28)
                .putInt(party)
                .putLong(ballot)
                .putLong(entry.getVersion())
                .putLong(entry.getName().length())
                .flip());
        digest.update(entry.getNameBytes().asReadOnlyByteBuffer());
        byte[] command = entry.getCommand().toByteArray();
        digest.update(ByteBuffer.allocate(8).putLong(entry.getValue().size()).flip());
        digest.update(entry.getValue().asReadOnlyByteBuffer());
        digest.update(ByteBuffer.allocate(8).putLong(command.length).flip());
        digest.update(command);
        return digest.digest();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

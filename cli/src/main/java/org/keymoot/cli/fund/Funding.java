package org.keymoot.cli.fund;

import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.Hex;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.SignedTransaction;
import org.keymoot.access.ethereum.Transaction;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;
import org.keymoot.cli.ethereum.EthereumNode;
import org.keymoot.cli.ethereum.EthereumSigner;
import org.keymoot.cli.ethereum.RpcRefusal;

/// Carries out the payments of a journal.
///
/// It keeps true: what is sent was written down before; a payment gets another nonce only when its first transaction
/// can no longer be carried out and a person asked for it, or when the node refused it before anyone else could see it.
public final class Funding {
    private static final int MAX_SENDS = 4;
    private static final int MAX_NONCES = 8;

    private final EthereumNode node;
    private final EthereumSigner signer;
    private final Journal journal;
    private final @Nullable String leaseHolder;
    private final Duration patience;
    private final Consumer<String> progress;

    /// @param leaseHolder null where the endpoint has no nonce leases
    /// @param patience how long to wait for receipts
    public Funding(
            EthereumNode node,
            EthereumSigner signer,
            Journal journal,
            @Nullable String leaseHolder,
            Duration patience,
            Consumer<String> progress) {
        this.node = node;
        this.signer = signer;
        this.journal = journal;
        this.leaseHolder = leaseHolder;
        this.patience = patience;
        this.progress = progress;
    }

    /// Sends what is open and waits for receipts.
    ///
    /// @param bump whether what waits in the chain's pool is signed again with a higher fee
    public void run(boolean bump) throws IOException {
        settle();
        resend(bump);
        for (int i = 0; i < payments().size(); i++) {
            if (payments().get(i).state() == Payment.State.PLANNED) {
                pay(i);
            }
        }
        awaitReceipts();
    }

    /// Takes up payments whose nonce was taken by others, as a person has decided.
    public void payAgain() throws IOException {
        for (int i = 0; i < payments().size(); i++) {
            if (payments().get(i).state() == Payment.State.DISPLACED) {
                journal.put(i, payments().get(i).again());
            }
        }
    }

    private List<Payment> payments() {
        return journal.payments();
    }

    /// Looks at what an earlier run signed: what is in a block is done, and lower nonces come first.
    private void settle() throws IOException {
        BigInteger mined = node.transactionCount(signer.address(), "latest");
        for (int i = 0; i < payments().size(); i++) {
            Payment payment = payments().get(i);
            if (payment.state() == Payment.State.DISPLACED) {
                settleByReceipt(i);
            }
            if (payment.state() != Payment.State.SIGNED) {
                continue;
            }
            if (!settleByReceipt(i) && Objects.requireNonNull(payment.nonce()).compareTo(mined) < 0) {
                // The count and the receipts are two questions; the block may have come between them.
                if (!settleByReceipt(i)) {
                    journal.put(i, payment.in(Payment.State.DISPLACED));
                    progress.accept("the payment to %s was displaced: another transaction has the nonce %s"
                            .formatted(payment.to(), payment.nonce()));
                }
            }
        }
    }

    private boolean settleByReceipt(int index) throws IOException {
        Payment payment = payments().get(index);
        for (Payment.Attempt attempt : payment.attempts()) {
            EthereumNode.Receipt receipt = node.receipt(attempt.hash());
            if (receipt != null) {
                boolean paid = receipt.success();
                journal.put(index, payment.in(paid ? Payment.State.PAID : Payment.State.FAILED));
                progress.accept("%s %s ether to %s %s in block %s, transaction %s"
                        .formatted(
                                payment.name(),
                                org.keymoot.cli.ethereum.Amounts.ether(payment.amount()),
                                payment.to(),
                                paid ? "paid" : "failed",
                                receipt.block(),
                                attempt.hash()));
                return true;
            }
        }
        return false;
    }

    /// Gives the node again what it may have lost, so that no later nonce waits for a gap.
    private void resend(boolean bump) throws IOException {
        for (int i = 0; i < payments().size(); i++) {
            Payment payment = payments().get(i);
            if (payment.state() != Payment.State.SIGNED) {
                continue;
            }
            Payment.Attempt newest = payment.attempts().getLast();
            if (bump) {
                newest = bumped(i, newest);
            }
            if (!node.knows(newest.hash())) {
                progress.accept("sending the payment to %s again, nonce %s".formatted(payment.to(), payment.nonce()));
                Sent sent = send(i, newest);
                if (sent == Sent.NONCE_TAKEN) {
                    // What waits under this nonce is not ours; ours may yet be carried out if it is dropped.
                    throw nonceTaken(payment);
                }
            }
        }
    }

    private Payment.Attempt bumped(int index, Payment.Attempt newest) throws IOException {
        Payment payment = payments().get(index);
        Transaction old = decode(newest).transaction();
        Transaction.Fee offered = node.fee();
        Transaction.Fee fee = switch (old.fee()) {
            case Transaction.Legacy legacy ->
                new Transaction.Legacy(raised(legacy.gasPrice()).max(offered.mostPerGas()));
            case Transaction.Listed listed ->
                new Transaction.Listed(raised(listed.gasPrice()).max(offered.mostPerGas()));
            case Transaction.Dynamic dynamic ->
                new Transaction.Dynamic(
                        raised(dynamic.maxPriorityFeePerGas()),
                        raised(dynamic.maxFeePerGas()).max(offered.mostPerGas()));
        };
        return sign(index, Objects.requireNonNull(payment.nonce()), fee, old.gasLimit());
    }

    /// An eighth more, which pools ask of a replacement.
    private static BigInteger raised(BigInteger price) {
        return price.multiply(BigInteger.valueOf(9))
                .divide(BigInteger.valueOf(8))
                .add(BigInteger.ONE);
    }

    private void pay(int index) throws IOException {
        Payment payment = payments().get(index);
        BigInteger gas = node.estimateGas(signer.address(), payment.to(), payment.amount());
        BigInteger nonce = nextNonce();
        for (int i = 0; i < MAX_NONCES; i++) {
            Payment.Attempt attempt = sign(index, nonce, node.fee(), gas);
            switch (send(index, attempt)) {
                case TAKEN -> {
                    return;
                }
                case NONCE_TAKEN -> {
                    if (node.knows(attempt.hash())) {
                        return;
                    }
                    // The node refused it and no other has seen it, so it can be given up for another nonce.
                    progress.accept("the nonce %s is in use by others; taking another"
                            .formatted(payments().get(index).nonce()));
                    journal.put(index, payment);
                    nonce = nextNonce().max(nonce.add(BigInteger.ONE));
                }
            }
        }
        throw nonceTaken(payment);
    }

    private BigInteger nextNonce() {
        BigInteger next = node.transactionCount(signer.address(), "pending");
        for (Payment payment : payments()) {
            if (payment.state() == Payment.State.SIGNED && payment.nonce() != null) {
                next = next.max(payment.nonce().add(BigInteger.ONE));
            }
        }
        return next;
    }

    /// Signs and writes down.
    private Payment.Attempt sign(int index, BigInteger nonce, Transaction.Fee fee, BigInteger gas) throws IOException {
        Payment payment = payments().get(index);
        Transaction transaction =
                new Transaction(journal.chainId(), nonce, fee, gas, payment.to(), payment.amount(), "", List.of());
        SignedTransaction signed = signer.sign(transaction, leaseHolder);
        Payment.Attempt attempt = new Payment.Attempt(Hex.of(signed.hash()), Hex.of(signed.encode()));
        journal.put(index, payment.signed(nonce, attempt));
        return attempt;
    }

    private enum Sent {
        TAKEN,
        NONCE_TAKEN
    }

    private Sent send(int index, Payment.Attempt attempt) throws IOException {
        Payment payment = payments().get(index);
        IOException lost = null;
        for (int i = 0; i < MAX_SENDS; i++) {
            try {
                node.send(decode(attempt).encode());
                progress.accept("sent %s: %s ether to %s, nonce %s"
                        .formatted(
                                attempt.hash(),
                                org.keymoot.cli.ethereum.Amounts.ether(payment.amount()),
                                payment.to(),
                                payment.nonce()));
                return Sent.TAKEN;
            } catch (RpcRefusal e) {
                String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
                if (message.contains("already known")
                        || message.contains("already imported")
                        || node.knows(attempt.hash())) {
                    return Sent.TAKEN;
                }
                // After a lost answer the node may have had it and passed it on, so it cannot be given up.
                if (lost == null && (message.contains("nonce too low") || message.contains("underpriced"))) {
                    return Sent.NONCE_TAKEN;
                }
                throw new CliFailure(
                        ExitCode.CONFLICT,
                        "the node refused the payment to %s: %s".formatted(payment.to(), e.getMessage()),
                        "remove the cause, then run it again: the journal goes on where this stopped",
                        e);
            } catch (IOException e) {
                lost = e;
            }
        }
        throw new CliFailure(
                ExitCode.RETRY_LATER,
                "it is not known whether the node took the payment to %s: %s".formatted(payment.to(), lost),
                "run it again: the same signed transaction is sent again, which cannot pay twice");
    }

    private static SignedTransaction decode(Payment.Attempt attempt) {
        try {
            return SignedTransaction.decode(Hex.bytes(attempt.raw()));
        } catch (InvalidEthereumData e) {
            throw new CliFailure(
                    ExitCode.INTEGRITY,
                    "the journal holds a damaged transaction: " + e.getMessage(),
                    "see at a block explorer what became of " + attempt.hash(),
                    e);
        }
    }

    private void awaitReceipts() throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (payments().stream().anyMatch(payment -> payment.state() == Payment.State.SIGNED)) {
            settle();
            if (System.nanoTime() - deadline > 0) {
                return;
            }
            try {
                Thread.sleep(250);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static CliFailure nonceTaken(Payment payment) {
        return new CliFailure(
                ExitCode.CONFLICT,
                "another process sends transactions from this key: the nonce of the payment to %s is taken"
                        .formatted(payment.to()),
                "stop the other process, then run it again; --bump replaces what waits under the same nonce");
    }
}

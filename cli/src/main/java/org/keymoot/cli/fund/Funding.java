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
import org.keymoot.cli.aws.AwsCallFailure;
import org.keymoot.cli.ethereum.Amounts;
import org.keymoot.cli.ethereum.EthereumNode;
import org.keymoot.cli.ethereum.EthereumSigner;
import org.keymoot.cli.ethereum.RpcRefusal;

/// Carries out the payments of a journal.
///
/// It keeps true: what is sent was written down before and is never forgotten; a payment gets another nonce
/// only when the first one is used up on the chain by another transaction and a person asked for it. A node's
/// refusal alone proves nothing: what it was given may have reached others.
public final class Funding {
    private static final int MAX_SENDS = 4;

    private final EthereumNode node;
    private final EthereumSigner signer;
    private final Journal journal;
    private final @Nullable NonceLease lease;
    private final Duration patience;
    private final Consumer<String> progress;

    /// @param lease null where the endpoint has no nonce leases
    /// @param patience how long to wait for receipts
    public Funding(
            EthereumNode node,
            EthereumSigner signer,
            Journal journal,
            @Nullable NonceLease lease,
            Duration patience,
            Consumer<String> progress) {
        this.node = node;
        this.signer = signer;
        this.journal = journal;
        this.lease = lease;
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
        settle();
        BigInteger mined = node.transactionCount(signer.address(), "latest");
        for (int i = 0; i < payments().size(); i++) {
            Payment payment = payments().get(i);
            if (payment.state() == Payment.State.DISPLACED) {
                if (Objects.requireNonNull(payment.nonce()).compareTo(mined) >= 0) {
                    throw nonceTaken(payment);
                }
                journal.put(i, payment.again());
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
            if (payment.state() == Payment.State.DISPLACED || payment.state() == Payment.State.PLANNED) {
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
        for (Payment.Attempt attempt : payment.everSigned()) {
            EthereumNode.Receipt receipt = node.receipt(attempt.hash());
            if (receipt != null) {
                boolean paid = receipt.success();
                journal.put(index, payment.in(paid ? Payment.State.PAID : Payment.State.FAILED));
                progress.accept("%s %s ether to %s %s in block %s, transaction %s"
                        .formatted(
                                payment.name(),
                                Amounts.ether(payment.amount()),
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
                give(i, newest);
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
        give(index, sign(index, nextNonce(), node.fee(), gas));
    }

    /// Sends what is signed. Where the nonce is used up by another transaction, the payment is displaced; where another
    /// waits under it, either may yet be carried out, and the run ends.
    private void give(int index, Payment.Attempt attempt) throws IOException {
        if (send(index, attempt) == Sent.NONCE_TAKEN) {
            settle();
            if (payments().get(index).state() == Payment.State.SIGNED) {
                throw nonceTaken(payments().get(index));
            }
        }
    }

    private BigInteger nextNonce() {
        BigInteger next = node.transactionCount(signer.address(), "pending");
        for (Payment payment : payments()) {
            if (payment.nonce() != null) {
                next = next.max(payment.nonce().add(BigInteger.ONE));
            }
        }
        return next;
    }

    /// Signs and writes down.
    private Payment.Attempt sign(int index, BigInteger nonce, Transaction.Fee fee, BigInteger gas) throws IOException {
        Payment payment = payments().get(index);
        if (lease != null) {
            lease.keep();
        }
        Transaction transaction =
                new Transaction(journal.chainId(), nonce, fee, gas, payment.to(), payment.amount(), "", List.of());
        SignedTransaction signed = signer.sign(transaction, lease == null ? null : lease.holder());
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
                        .formatted(attempt.hash(), Amounts.ether(payment.amount()), payment.to(), payment.nonce()));
                return Sent.TAKEN;
            } catch (RpcRefusal e) {
                String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
                if (message.contains("already known")
                        || message.contains("already imported")
                        || node.knows(attempt.hash())) {
                    return Sent.TAKEN;
                }
                if (message.contains("nonce too low") || message.contains("replacement transaction underpriced")) {
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
            keepLease();
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

    /// While nothing is left to sign, a lease that cannot be renewed is no reason to stop looking for receipts.
    private void keepLease() {
        if (lease != null) {
            try {
                lease.keep();
            } catch (AwsCallFailure | CliFailure e) {
                progress.accept("warning: the nonce lease was not renewed: " + e.getMessage());
            }
        }
    }

    private static CliFailure nonceTaken(Payment payment) {
        return new CliFailure(
                ExitCode.RETRY_LATER,
                "the node says that another transaction of the key has the nonce %s, which is signed for the payment to %s"
                        .formatted(payment.nonce(), payment.to()),
                "either may yet be carried out: stop what else sends from the key, wait until one of them is in a block,"
                        + " then run it again; --bump replaces what waits under the nonce");
    }
}

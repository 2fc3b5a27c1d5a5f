package org.keymoot.cli.fund;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;
import org.keymoot.cli.aws.AwsCallFailure;
import org.keymoot.cli.aws.KmsClient;

/// A key's nonces on a chain, held for as long as a run lasts.
///
/// It keeps true: giving the lease back never hides how the run ended.
public final class NonceLease implements AutoCloseable {
    private static final Duration LENGTH = Duration.ofHours(1);
    private static final Duration RENEWED_AFTER = Duration.ofMinutes(20);

    private final KmsClient kms;
    private final String keyArn;
    private final BigInteger chainId;
    private final String holder;
    private final InstantSource clock;
    private final Consumer<String> progress;
    private Instant renewed;

    private NonceLease(
            KmsClient kms,
            String keyArn,
            BigInteger chainId,
            String holder,
            InstantSource clock,
            Consumer<String> progress) {
        this.kms = kms;
        this.keyArn = keyArn;
        this.chainId = chainId;
        this.holder = holder;
        this.clock = clock;
        this.progress = progress;
        this.renewed = clock.instant();
    }

    /// Takes the nonces for a holder, who may have them already.
    ///
    /// @param next the chain's next nonce
    /// @return null where the endpoint is one that has no leases
    public static @Nullable NonceLease take(
            KmsClient kms,
            String keyArn,
            BigInteger chainId,
            String holder,
            BigInteger next,
            InstantSource clock,
            Consumer<String> progress) {
        NonceLease lease = new NonceLease(kms, keyArn, chainId, holder, clock, progress);
        try {
            lease.acquire(next);
            return lease;
        } catch (AwsCallFailure e) {
            if (e.is("AlreadyExistsException")) {
                throw new CliFailure(
                        ExitCode.CONFLICT,
                        "another process uses this key on this chain: " + e.getMessage(),
                        "stop it, or wait until its lease ends; two senders would take each other's nonces."
                                + " `keymoot eth lease` shows the lease, and ends one whose holder is gone",
                        e);
            }
            if (e.is("UnknownOperationException") || e.is("UnsupportedOperationException")) {
                progress.accept(
                        "warning: this endpoint has no nonce leases; let nothing else send from this key meanwhile");
                return null;
            }
            throw e;
        }
    }

    String holder() {
        return holder;
    }

    /// Renews the lease in good time, so that a long wait does not lose it.
    void keep() {
        if (Duration.between(renewed, clock.instant()).compareTo(RENEWED_AFTER) > 0) {
            acquire(null);
            renewed = clock.instant();
        }
    }

    private void acquire(@Nullable BigInteger next) {
        Map<String, Object> request = request();
        request.put("DurationSeconds", LENGTH.toSeconds());
        if (next != null) {
            request.put("NextNonce", next.toString());
        }
        kms.keymoot("AcquireNonceLease", request);
    }

    private Map<String, Object> request() {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("KeyId", keyArn);
        request.put("ChainId", chainId.toString());
        request.put("Holder", holder);
        return request;
    }

    @Override
    public void close() {
        try {
            kms.keymoot("ReleaseNonceLease", request());
        } catch (AwsCallFailure | CliFailure e) {
            progress.accept("warning: the nonce lease was not given back, and ends by itself within the hour: "
                    + e.getMessage()
                    + "; to end it now: keymoot eth lease %s --chain-id %s --release --holder %s"
                            .formatted(keyArn, chainId, holder));
        }
    }
}

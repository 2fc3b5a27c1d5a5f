package org.keymoot.bench;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.ot.CheckFailedException;
import org.keymoot.crypto.ot.ExtensionContext;
import org.keymoot.crypto.ot.ExtensionReceiverSeed;
import org.keymoot.crypto.ot.ExtensionReceiverSetup;
import org.keymoot.crypto.ot.ExtensionSenderSeed;
import org.keymoot.crypto.ot.ExtensionSenderSetup;
import org.keymoot.crypto.ot.SetupContext;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.vole.RvoleReceiver;
import org.keymoot.crypto.vole.RvoleReply;
import org.keymoot.crypto.vole.RvoleRequest;
import org.keymoot.crypto.vole.RvoleSender;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// The oblivious transfers and the multiplication. A party's work for one counterparty and signature is
/// `multiplicationOfBothRoles`, as each runs one half of two multiplications; its work for the set-up of a pair
/// is `setupOfBothRoles`, for the same reason. The methods named `control…` are the platform's hash on one
/// block and BouncyCastle's single-key signature.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(1)
public class OtBenchmark {
    private static final SetupContext SETUP = new SetupContext(new byte[32], 1, PartyIndex.of(1), PartyIndex.of(2));

    @Param({"SECP256K1", "P256"})
    public GroupId id;

    private final Random random = new Random(3);
    private final RandomSource source = this::fill;
    private ScalarField field;
    private SecretScope scope;
    private ExtensionSenderSeed sender;
    private ExtensionReceiverSeed receiver;
    private List<SecretScalar> inputs;
    private RvoleReceiver waiting;
    private RvoleRequest request;
    private MessageDigest controlHash;
    private ECDSASigner controlSigner;
    private int index;

    @Setup(Level.Trial)
    public void setUp() throws CheckFailedException, InvalidEncodingException, NoSuchAlgorithmException {
        field = ScalarField.of(id);
        scope = new SecretScope();
        try (ExtensionSenderSetup setup = ExtensionSenderSetup.start(SETUP, source)) {
            ExtensionReceiverSetup.Result answer = ExtensionReceiverSetup.respond(SETUP, setup.request(), source);
            receiver = answer.seed();
            sender = setup.finish(answer.reply());
        }
        inputs = List.of(field.random(scope, source), field.random(scope, source));
        waiting = RvoleReceiver.start(context(-1), receiver, field, source);
        request = waiting.request();
        controlHash = MessageDigest.getInstance("SHA-256");
        controlSigner = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
        controlSigner.init(
                true,
                new ECPrivateKeyParameters(
                        BigInteger.TEN.pow(70),
                        new ECDomainParameters(
                                CustomNamedCurves.getByName(id == GroupId.P256 ? "secp256r1" : "secp256k1"))));
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        waiting.close();
        sender.close();
        receiver.close();
        scope.close();
    }

    @Benchmark
    public int setupOfBothRoles() throws CheckFailedException, InvalidEncodingException {
        try (ExtensionSenderSetup setup = ExtensionSenderSetup.start(SETUP, source)) {
            ExtensionReceiverSetup.Result answer = ExtensionReceiverSetup.respond(SETUP, setup.request(), source);
            answer.seed().close();
            setup.finish(answer.reply()).close();
            return answer.reply().trees().length;
        }
    }

    @Benchmark
    public int multiplicationOfBothRoles() throws CheckFailedException, InvalidEncodingException {
        ExtensionContext context = context(index++);
        try (SecretScope local = new SecretScope();
                RvoleReceiver run = RvoleReceiver.start(context, receiver, field, source)) {
            RvoleSender.Result result = RvoleSender.respond(context, sender, run.request(), inputs, source, local);
            return run.finish(result.reply(), local).size();
        }
    }

    @Benchmark
    public RvoleRequest receiverStarts() {
        try (RvoleReceiver run = RvoleReceiver.start(context(index++), receiver, field, source)) {
            return run.request();
        }
    }

    @Benchmark
    public RvoleReply senderResponds() throws CheckFailedException {
        try (SecretScope local = new SecretScope()) {
            return RvoleSender.respond(context(-1), sender, request, inputs, source, local)
                    .reply();
        }
    }

    @Benchmark
    public byte[] controlHashOfOneBlock() {
        return controlHash.digest(new byte[55]);
    }

    @Benchmark
    public BigInteger[] controlSingleKeySignature() {
        return controlSigner.generateSignature(new byte[32]);
    }

    private static ExtensionContext context(int index) {
        return new ExtensionContext(
                SETUP, new byte[16], ByteBuffer.allocate(32).putInt(index).array(), 0);
    }

    private void fill(MemorySegment target) {
        byte[] bytes = new byte[(int) target.byteSize()];
        random.nextBytes(bytes);
        target.copyFrom(MemorySegment.ofArray(bytes));
    }
}

package org.keymoot.bench;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Credential;
import org.keymoot.access.Decision;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.Kms;
import org.keymoot.access.Principal;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RegisterWrite;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.sigv4.CanonicalRequest;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.access.sigv4.MalformedRequestException;
import org.keymoot.access.sigv4.SigningKey;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.secret.SecretBytes;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Deciding about one request as each party does: the signature, the input, the key, the permission and the state. The
/// control is the one HMAC and the two hashes that no verifier of such a signature can do without.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(1)
public class DecisionBenchmark {
    private static final String ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE";
    private static final String ACCOUNT = "123456789012";
    private static final String REGION = "us-east-1";
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final String STAMP = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
            .withZone(ZoneOffset.UTC)
            .format(NOW);
    private static final CredentialScope SCOPE = new CredentialScope(STAMP.substring(0, 8), REGION, "kms");

    private final Directory directory = new Directory();
    private @Nullable SignedRequest describeKey;
    private @Nullable SignedRequest sign;

    @Setup
    public void makeKey() throws MalformedRequestException {
        SignedRequest request =
                request("CreateKey", "{\"KeySpec\":\"ECC_NIST_EDWARDS25519\",\"KeyUsage\":\"SIGN_VERIFY\"}");
        if (!(Kms.decide(request, directory, NOW) instanceof Decision.MakeKey make)) {
            throw new IllegalStateException("the account's root may make keys");
        }
        RegisterWrite write = make.write(Group.of(GroupId.ED25519).generator());
        directory.registers.put(write.name(), write.value());
        String key = "{\"KeyId\":\"" + write.name().last() + "\"";
        describeKey = request("DescribeKey", key + "}");
        sign = request(
                "Sign",
                key + ",\"Message\":\"AAAA\",\"MessageType\":\"RAW\",\"SigningAlgorithm\":\"ED25519_SHA_512\"}");
        if (!(describeKey() instanceof Decision.Answer) || !(sign() instanceof Decision.SignWith)) {
            throw new IllegalStateException("the account's root may use the key");
        }
    }

    @Benchmark
    public Decision describeKey() {
        return Kms.decide(Objects.requireNonNull(describeKey), directory, NOW);
    }

    @Benchmark
    public Decision sign() {
        return Kms.decide(Objects.requireNonNull(sign), directory, NOW);
    }

    @Benchmark
    public byte[] control() {
        byte[] body =
                CanonicalRequest.sha256(Objects.requireNonNull(describeKey).body());
        return directory.credential.sign(SCOPE, CanonicalRequest.sha256(body));
    }

    private SignedRequest request(String action, String json) throws MalformedRequestException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        List<SignedRequest.Header> headers = new ArrayList<>(List.of(
                new SignedRequest.Header("Host", "127.0.0.1:7600"),
                new SignedRequest.Header("Content-Type", "application/x-amz-json-1.1"),
                new SignedRequest.Header("X-Amz-Date", STAMP),
                new SignedRequest.Header("X-Amz-Target", "TrentService." + action),
                new SignedRequest.Header("Content-Length", Integer.toString(body.length))));
        List<String> signed = List.of("content-type", "host", "x-amz-date", "x-amz-target");
        String canonical =
                CanonicalRequest.of("POST", "/", headers, signed, CanonicalRequest.sha256Hex(body), true, Set.of());
        byte[] toSign = CanonicalRequest.stringToSign(STAMP, SCOPE, canonical).getBytes(StandardCharsets.UTF_8);
        headers.add(new SignedRequest.Header(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=" + ACCESS_KEY_ID + "/" + SCOPE.text() + ", SignedHeaders="
                        + String.join(";", signed) + ", Signature="
                        + HexFormat.of().formatHex(directory.credential.sign(SCOPE, toSign))));
        return new SignedRequest("POST", "/", headers, body, "127.0.0.1");
    }

    /// A party's registers, as it remembers them.
    private static final class Directory implements DirectoryView {
        private final Map<RegisterName, RegisterValue> registers = new HashMap<>();
        private final Root credential = new Root();

        @Override
        public @Nullable RegisterValue read(RegisterName name) {
            return registers.get(name);
        }

        @Override
        public List<Entry> list(String prefix, String after, int limit) {
            return List.of();
        }

        @Override
        public int parties() {
            return 3;
        }

        @Override
        public int reconstructionThreshold() {
            return 2;
        }

        @Override
        public @Nullable Credential credential(String accessKeyId) {
            return accessKeyId.equals(ACCESS_KEY_ID) ? credential : null;
        }
    }

    /// The account's root, whose key for the scope is derived already.
    private static final class Root implements Credential {
        private final SecretBytes key;

        Root() {
            byte[] secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".getBytes(StandardCharsets.US_ASCII);
            try (SecretBytes bytes = SecretBytes.copyOf(MemorySegment.ofArray(secret))) {
                this.key = SigningKey.derive(bytes, SCOPE);
            }
        }

        @Override
        public Principal principal() {
            return Principal.root(ACCOUNT);
        }

        @Override
        public boolean active() {
            return true;
        }

        @Override
        public byte[] sign(CredentialScope scope, byte[] stringToSign) {
            return SigningKey.mac(key, stringToSign);
        }
    }
}

package org.keymoot.party;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.keymoot.access.Service;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.access.sigv4.SigningKey;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.api.gateway.v1.GatewayGrpc;
import org.keymoot.api.gateway.v1.Header;
import org.keymoot.api.gateway.v1.OperatorGrpc;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.party.mesh.TestAuthority;
import org.keymoot.party.store.NodeStore;
import org.keymoot.party.store.Owner;
import org.keymoot.platform.config.HostPort;
import org.keymoot.platform.disk.PrivateFiles;
import org.keymoot.platform.seal.KeyRing;
import org.keymoot.platform.seal.Sealer;
import org.keymoot.platform.tls.ClusterTls;
import org.keymoot.platform.tls.ClusterTrust;
import org.keymoot.platform.tls.NodeIdentity;
import org.keymoot.platform.tls.SpiffeId;
import org.keymoot.protocol.pairsetup.PairQuarantined;

/// Whole parties in one process, with a client that signs its requests as AWS clients do.
final class NodeCluster implements AutoCloseable {
    static final String CLUSTER = "test";
    static final String ACCOUNT = "123456789012";
    static final String REGION = "us-east-1";
    private static final String ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE";
    /// An identity that is not the account's root, so that it needs a permission.
    static final String ALICE = "arn:aws:iam::" + ACCOUNT + ":user/alice";

    private static final String ACCESS_KEY_OF_ALICE = "AKIAALICE7EXAMPLE";
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Path folder;
    private final int parties;
    private final int threshold;
    private final int stock;
    private final TestAuthority authority = new TestAuthority();
    private final List<HostPort> addresses = new ArrayList<>();
    private final Map<Integer, PartyNode> nodes = new ConcurrentHashMap<>();
    private final Map<ChannelTo, ManagedChannel> channels = new ConcurrentHashMap<>();
    private final ClusterTls endpoint;
    private final ClusterTls operator;
    private final AtomicInteger requests = new AtomicInteger();

    /// How far the parties' clocks, and the client's, are ahead of this machine's.
    volatile Duration ahead = Duration.ZERO;

    /// How far single parties' clocks are ahead of that.
    final Map<Integer, Duration> aheadOfOthers = new ConcurrentHashMap<>();

    /// What single parties' decisions about requests fail with, when they look at the clock.
    final Map<Integer, Error> faults = new ConcurrentHashMap<>();

    /// What happens to the frames between the parties.
    volatile Wiretap.Tap tap = Wiretap.Tap.NONE;

    final InstantSource clock = () -> Instant.now().plus(ahead);

    NodeCluster(Path folder, int parties, int threshold, int stock) throws Exception {
        this.folder = folder;
        this.parties = parties;
        this.threshold = threshold;
        this.stock = stock;
        for (int port : freePorts(parties)) {
            addresses.add(new HostPort("127.0.0.1", port));
        }
        for (int party = 1; party <= parties; party++) {
            Path home = PrivateFiles.createDirectory(folder.resolve("party-" + party));
            authority.write(home, SpiffeId.party(CLUSTER, party).toString());
            PrivateFiles.create(
                    home.resolve("access-keys"),
                    ByteBuffer.wrap("# for tests\n%s %s arn:aws:iam::%s:root active\n%s %s %s active\n"
                            .formatted(ACCESS_KEY, SECRET, ACCOUNT, ACCESS_KEY_OF_ALICE, SECRET, ALICE)
                            .getBytes(US_ASCII)));
        }
        endpoint = tls("endpoint", SpiffeId.endpoint(CLUSTER, "kms"));
        operator = tls("operator", SpiffeId.operator(CLUSTER, "alice"));
        for (int party = 1; party <= parties; party++) {
            start(party);
        }
        awaitLinks();
    }

    PartyConfig config(int party) {
        Path home = folder.resolve("party-" + party);
        return new PartyConfig(
                CLUSTER,
                party,
                IntStream.rangeClosed(1, parties)
                        .mapToObj(p -> new PartyConfig.Peer(p, addresses.get(p - 1)))
                        .toList(),
                threshold,
                1,
                addresses.get(party - 1),
                new HostPort("127.0.0.1", 0),
                home.resolve("data"),
                new PartyConfig.Tls(
                        home.resolve("certificate.pem"), home.resolve("key.pem"), home.resolve("roots.pem")),
                home.resolve("seal-key"),
                Optional.of(home.resolve("access-keys")),
                stock,
                PartyConfig.Mode.PRODUCTION);
    }

    void start(int party) throws IOException {
        nodes.put(
                party,
                PartyNode.start(
                        config(party),
                        () -> clockOf(party),
                        (what, cause) -> {
                            throw new AssertionError(what, cause);
                        },
                        network -> new Wiretap(party, network, () -> tap)));
    }

    private Instant clockOf(int party) {
        Error fault = faults.get(party);
        if (fault != null
                && StackWalker.getInstance()
                        .walk(frames ->
                                frames.anyMatch(frame -> frame.getClassName().endsWith("operations.Judge")))) {
            throw fault;
        }
        return clock.instant().plus(aheadOfOthers.getOrDefault(party, Duration.ZERO));
    }

    void stop(int party) {
        Objects.requireNonNull(nodes.remove(party)).close();
        // A channel to the next run of the party should not wait for its turn to dial again.
        channels.keySet().stream()
                .filter(key -> key.party() == party)
                .toList()
                .forEach(key -> Objects.requireNonNull(channels.remove(key)).shutdownNow());
    }

    /// The store of a party that is stopped.
    NodeStore store(int party) throws IOException {
        PartyConfig config = config(party);
        SecureRandom random = new SecureRandom();
        return NodeStore.open(
                config.data(),
                new Owner(CLUSTER, party, true),
                new Sealer(KeyRing.load(config.sealKey()), random),
                clock,
                random,
                (what, cause) -> {
                    throw new AssertionError(what, cause);
                });
    }

    PartyNode node(int party) {
        return Objects.requireNonNull(nodes.get(party));
    }

    /// Makes the cluster whole again: all parties up and linked, their clocks the same, every pair with a set-up.
    void heal() throws IOException {
        tap = Wiretap.Tap.NONE;
        aheadOfOthers.clear();
        faults.clear();
        for (int party = 1; party <= parties; party++) {
            if (!nodes.containsKey(party)) {
                start(party);
            }
        }
        awaitLinks();
        await(
                "set-ups of all pairs",
                () -> nodes.keySet().stream()
                        .allMatch(party ->
                                nodes.keySet().stream().allMatch(peer -> peer.equals(party) || isPaired(party, peer))));
    }

    private boolean isPaired(int party, int peer) {
        try {
            node(party).operations().pairs().get(peer);
            return true;
        } catch (PairQuarantined e) {
            return false;
        }
    }

    void awaitLinks() {
        await(
                "links",
                () -> nodes.values().stream()
                        .allMatch(node -> node.mesh().linked().size() == nodes.size() - 1));
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain for " + what);
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /// Sends a signed request through the gateway of one party, as an endpoint would.
    ///
    /// @param action of AWS, or a whole target
    ClientAnswer call(int party, String action, String json) {
        return GatewayGrpc.newBlockingStub(channel(party, endpoint)).execute(signed(action, json));
    }

    /// Like [#call], by one who waits so long for the answer.
    ClientAnswer callWithin(Duration time, int party, String action, String json) {
        return GatewayGrpc.newBlockingStub(channel(party, endpoint))
                .withDeadlineAfter(time.toMillis(), TimeUnit.MILLISECONDS)
                .execute(signed(action, json));
    }

    /// Credentials of a client.
    record Keys(String id, String secret) {}

    static final Keys ROOT = new Keys(ACCESS_KEY, SECRET);

    /// Asks IAM or STS.
    ///
    /// @param form what follows the action, in the form's encoding
    ClientAnswer ask(int party, Keys keys, Service service, String action, String form) {
        return GatewayGrpc.newBlockingStub(channel(party, endpoint))
                .execute(signed(
                        keys,
                        REGION,
                        service.prefix(),
                        Map.of("content-type", Service.FORM),
                        "Action=%s&Version=%s&%s".formatted(action, service.version(), form)));
    }

    /// Like [#call], in another Region.
    ClientAnswer callIn(String region, int party, String action, String json) {
        return GatewayGrpc.newBlockingStub(channel(party, endpoint)).execute(signed(ROOT, region, action, json));
    }

    /// Like [#call], signed by Alice.
    ClientAnswer callAsAlice(int party, String action, String json) {
        return GatewayGrpc.newBlockingStub(channel(party, endpoint))
                .execute(signed(new Keys(ACCESS_KEY_OF_ALICE, SECRET), REGION, action, json));
    }

    GatewayGrpc.GatewayBlockingStub gatewayAsOperator(int party) {
        return GatewayGrpc.newBlockingStub(channel(party, operator));
    }

    OperatorGrpc.OperatorBlockingStub operator(int party) {
        return OperatorGrpc.newBlockingStub(channel(party, operator));
    }

    OperatorGrpc.OperatorBlockingStub operatorAsEndpoint(int party) {
        return OperatorGrpc.newBlockingStub(channel(party, endpoint));
    }

    /// A request signed by Signature Version 4.
    ClientRequest signed(String action, String json) {
        return signed(ROOT, REGION, action, json);
    }

    private ClientRequest signed(Keys keys, String region, String action, String json) {
        return signed(
                keys,
                region,
                "kms",
                Map.of(
                        "content-type",
                        "application/x-amz-json-1.1",
                        "x-amz-target",
                        action.contains(".") ? action : "TrentService." + action),
                json);
    }

    private ClientRequest signed(Keys keys, String region, String service, Map<String, String> more, String content) {
        String stamp = STAMP.format(clock.instant());
        byte[] body = content.getBytes(UTF_8);
        TreeMap<String, String> headers = new TreeMap<>(more);
        headers.put("host", "localhost:4566");
        headers.put("x-amz-call", Integer.toString(requests.incrementAndGet()));
        headers.put("x-amz-date", stamp);
        String names = String.join(";", headers.keySet());
        String canonical = "POST\n/\n\n"
                + headers.entrySet().stream()
                        .map(h -> h.getKey() + ":" + h.getValue() + "\n")
                        .collect(Collectors.joining())
                + "\n" + names + "\n" + hex(body);
        CredentialScope scope = new CredentialScope(stamp.substring(0, 8), region, service);
        String toSign = "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope.text() + "\n" + hex(canonical.getBytes(UTF_8));
        String signature;
        try (SecretBytes secret = SecretBytes.copyOf(
                java.lang.foreign.MemorySegment.ofArray(keys.secret().getBytes(US_ASCII)))) {
            signature = HexFormat.of().formatHex(SigningKey.sign(secret, scope, toSign.getBytes(UTF_8)));
        }
        ClientRequest.Builder request = ClientRequest.newBuilder()
                .setMethod("POST")
                .setTarget("/")
                .setBody(ByteString.copyFrom(body))
                .setSourceAddress("127.0.0.1")
                .setRequestId("request-" + headers.get("x-amz-call"));
        headers.forEach((name, value) ->
                request.addHeaders(Header.newBuilder().setName(name).setValue(value)));
        return request.addHeaders(Header.newBuilder()
                        .setName("authorization")
                        .setValue("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
                                .formatted(keys.id(), scope.text(), names, signature)))
                .build();
    }

    @Override
    public void close() {
        List.copyOf(nodes.keySet()).forEach(this::stop);
    }

    private record ChannelTo(int party, ClusterTls as) {}

    private ManagedChannel channel(int party, ClusterTls as) {
        return channels.computeIfAbsent(new ChannelTo(party, as), this::dial);
    }

    private ManagedChannel dial(ChannelTo to) {
        try {
            return NettyChannelBuilder.forAddress(
                            "127.0.0.1", addresses.get(to.party() - 1).port())
                    .sslContext(to.as().grpcClient(SpiffeId.party(CLUSTER, to.party())))
                    .build();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private ClusterTls tls(String name, SpiffeId id) throws IOException {
        Path home = PrivateFiles.createDirectory(folder.resolve(name));
        authority.write(home, id.toString());
        NodeIdentity identity = NodeIdentity.load(home.resolve("certificate.pem"), home.resolve("key.pem"));
        return new ClusterTls(() -> identity, ClusterTrust.load(home.resolve("roots.pem"), Clock.systemUTC()));
    }

    private static String hex(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static int[] freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        int[] ports = new int[count];
        for (int i = 0; i < count; i++) {
            ServerSocket socket = new ServerSocket(0);
            sockets.add(socket);
            ports[i] = socket.getLocalPort();
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }
}

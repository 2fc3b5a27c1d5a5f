package org.keymoot.party.operations;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.keymoot.access.AwsError;
import org.keymoot.access.Decision;
import org.keymoot.access.Decision.ImportMaterial;
import org.keymoot.access.Decision.OfferImport;
import org.keymoot.access.KeyRecord;
import org.keymoot.access.NewImport;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.imported.ImportToken;
import org.keymoot.access.imported.ImportedKey;
import org.keymoot.access.imported.ShareSealing;
import org.keymoot.api.party.v1.MakeKeyInvitation;
import org.keymoot.api.party.v1.MakeWrappingKey;
import org.keymoot.api.party.v1.WrappingKey;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.FeldmanCommitment;
import org.keymoot.crypto.sharing.InvalidCommitmentException;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.party.directory.PartyCertificates;
import org.keymoot.party.mesh.Declined;
import org.keymoot.party.mesh.HostedSession;
import org.keymoot.party.mesh.Invitation;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.mesh.PeerRefused;
import org.keymoot.party.mesh.PeerUnavailable;
import org.keymoot.party.store.ImportKeyStore;
import org.keymoot.protocol.dealing.Dealing;
import org.keymoot.protocol.dkg.KeyPurpose;
import org.keymoot.protocol.dkg.ShareSink;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Environment;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.Silent;

/// Takes over keys that clients bring: makes wrapping keys for them, unwraps, and shares them among all parties.
///
/// It keeps true: a key is whole here only between its unwrapping and the end of its dealing, on record, and only at
/// the party that its owner wrapped it for; each party takes part only in what it read out of the client's own
/// request, and its share, checked against the commitment, is durable before it confirms; material counts once the
/// directory has committed it, which takes shares that all have confirmed.
final class Importing {
    private static final String METHOD = "import/wrapping-key";
    private static final String BAD_SHARE = "bad-share";
    private static final Duration TIME = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration COMPLAINTS_TIME = Duration.ofMillis(500);

    private final Mesh mesh;
    private final Judge judge;
    private final KeyShares shares;
    private final ImportKeyStore importKeys;
    private final PartyCertificates certificates;
    private final Environment environment;
    private final LongWork longWork;
    private final AuditTrail audit;
    private final SecureRandom random = new SecureRandom();

    Importing(
            Mesh mesh,
            Judge judge,
            KeyShares shares,
            ImportKeyStore importKeys,
            PartyCertificates certificates,
            Environment environment,
            LongWork longWork,
            AuditTrail audit) {
        this.mesh = mesh;
        this.judge = judge;
        this.shares = shares;
        this.importKeys = importKeys;
        this.certificates = certificates;
        this.environment = environment;
        this.longWork = longWork;
        this.audit = audit;
    }

    /// What the client brought cannot be taken.
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient AwsError error;

        Refused(AwsError error) {
            super(error.type(), null, false, false);
            this.error = error;
        }

        AwsError error() {
            return error;
        }
    }

    /// What every party holds a pending share of, and has said so.
    ///
    /// @param sharing as [org.keymoot.access.Imported#sharing]
    record Shared(Point publicKey, String sharing, String session) {}

    void start() {
        mesh.calls().serve(METHOD, this::makeWrappingKey);
        mesh.sessions().serve(Dealing.PROTOCOL, this::join);
    }

    int self() {
        return mesh.membership().self();
    }

    /// Makes a wrapping key, or has every party make one.
    List<OfferImport.WrappingKey> offer(
            SignedRequest request, Judge.Judgement judgement, OfferImport offer, Instant decidedAt)
            throws Unavailable, Refused {
        if (offer.algorithm().isForWholeKeys()) {
            return List.of(wrappingKey(offer));
        }
        KeyMaking.requireEveryone(mesh, offer.key().parties());
        byte[] question = MakeWrappingKey.newBuilder()
                .setRequest(ClientRequests.toWire(request))
                .addAllReliedOn(judgement.reliedOn())
                .setDecidedAtMillis(decidedAt.toEpochMilli())
                .build()
                .toByteArray();
        List<OfferImport.WrappingKey> keys = new ArrayList<>();
        for (int party : KeyMaking.everyone(offer.key())) {
            keys.add(party == self() ? wrappingKey(offer) : wrappingKeyOf(party, question));
        }
        return keys;
    }

    private OfferImport.WrappingKey wrappingKeyOf(int party, byte[] question) throws Unavailable {
        try {
            WrappingKey key = WrappingKey.parseFrom(mesh.calls().call(party, METHOD, question, PATIENCE));
            Optional<ImportToken> token = ImportToken.parse(key.getToken().toByteArray());
            if (token.isEmpty()
                    || token.get().party() != party
                    || key.getPublicKey().size() > ShareSealing.MAX_PUBLIC_BYTES) {
                throw new Unavailable("party %d made no wrapping key".formatted(party), false);
            }
            return new OfferImport.WrappingKey(
                    party,
                    token.get(),
                    key.getPublicKey().toByteArray(),
                    key.getCertificatesList().stream()
                            .map(ByteString::toByteArray)
                            .toList(),
                    key.getSignature().toByteArray());
        } catch (PeerUnavailable | PeerRefused | InvalidProtocolBufferException e) {
            throw new Unavailable(
                    "a split import needs a wrapping key of every party; party %d gave none: %s"
                            .formatted(party, e.getMessage()),
                    e instanceof PeerUnavailable);
        }
    }

    private byte[] makeWrappingKey(int fromParty, byte[] body) throws PeerRefused {
        MakeWrappingKey message;
        try {
            message = MakeWrappingKey.parseFrom(body);
        } catch (InvalidProtocolBufferException e) {
            throw new PeerRefused("malformed", "the message is malformed");
        }
        Instant decidedAt = Instant.ofEpochMilli(message.getDecidedAtMillis());
        if (!ClientRequests.isWithinLimits(message.getRequest()) || !judge.isNear(decidedAt)) {
            throw new PeerRefused("malformed", "the request is beyond its limits, or the clocks differ");
        }
        judge.catchUp(fromParty, message.getReliedOnList());
        Decision decision = judge.decide(ClientRequests.fromWire(message.getRequest()), decidedAt)
                .decision();
        if (!(decision instanceof OfferImport offer) || offer.algorithm().isForWholeKeys()) {
            String reason = decision instanceof Decision.Refused refused
                    ? refused.error().type()
                    : "the request asks this party for no wrapping key";
            audit.declines(decision.context(), METHOD, "", fromParty, reason);
            throw new PeerRefused("denied", reason);
        }
        audit.joins(offer.context(), METHOD, "", fromParty, List.of());
        try {
            OfferImport.WrappingKey key = wrappingKey(offer);
            return WrappingKey.newBuilder()
                    .setToken(ByteString.copyFrom(key.token().encode()))
                    .setPublicKey(ByteString.copyFrom(key.publicKey()))
                    .addAllCertificates(key.certificates().stream()
                            .map(ByteString::copyFrom)
                            .toList())
                    .setSignature(ByteString.copyFrom(key.signature()))
                    .build()
                    .toByteArray();
        } catch (Refused e) {
            throw new PeerRefused("busy", e.error().type());
        }
    }

    private OfferImport.WrappingKey wrappingKey(OfferImport offer) throws Refused {
        ShareSealing.Pair pair = offer.algorithm().isForWholeKeys()
                ? longWork.run(() -> rsa(offer.bits())).orElseThrow(() -> new Refused(AwsError.throttled()))
                : ShareSealing.generate(random);
        byte[] id = new byte[ImportToken.ID_BYTES];
        byte[] secret = new byte[ImportToken.SECRET_BYTES];
        random.nextBytes(id);
        random.nextBytes(secret);
        try {
            ImportToken token = ImportToken.issue(
                    self(), id, offer.algorithm(), offer.validTo(), offer.key().name(), secret);
            if (!importKeys.put(token, offer.key().name(), secret, pair.publicKey(), pair.privateKey())) {
                throw new Refused(AwsError.throttled());
            }
            byte[] signature = certificates.sign(ShareSealing.statement(
                    token.encode(),
                    pair.publicKey(),
                    offer.key().spec().name(),
                    offer.key().parties(),
                    offer.key().reconstructionThreshold()));
            List<byte[]> chain = new ArrayList<>();
            for (X509Certificate certificate : certificates.chain()) {
                chain.add(certificate.getEncoded());
            }
            return new OfferImport.WrappingKey(self(), token, pair.publicKey(), chain, signature);
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("this party's certificate cannot be encoded", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this party's key cannot sign", e);
        } finally {
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(pair.privateKey(), (byte) 0);
        }
    }

    private ShareSealing.Pair rsa(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4), random);
            KeyPair pair = generator.generateKeyPair();
            return new ShareSealing.Pair(
                    pair.getPublic().getEncoded(), pair.getPrivate().getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the platform makes RSA key pairs", e);
        }
    }

    /// Has all parties take over what the client brought.
    Shared lead(SignedRequest request, Judge.Judgement judgement, ImportMaterial brought, Instant decidedAt)
            throws Unavailable, Refused {
        KeyRecord key = brought.material().key();
        KeyMaking.requireEveryone(mesh, key.parties());
        byte[] invitation = KeyMaking.invitation(request, judgement, decidedAt);
        try (SecretScope scope = new SecretScope()) {
            return switch (brought.brought()) {
                case ImportMaterial.Whole whole -> {
                    SecretScalar secret = unwrapped(brought, whole, scope);
                    yield lead(brought, invitation, (hosted, session, sink) -> {
                        audit.whole(brought.context(), hosted.id());
                        return Dealing.deal(session, terms(brought), secret, sink);
                    });
                }
                case ImportMaterial.Split split -> {
                    OwnShare own = ownShare(brought, split, scope).orElseThrow(() -> refusal(List.of(self())));
                    AwsError unfit = brought.material().unfit(own.commitment().constantTerm());
                    if (unfit != null) {
                        throw new Refused(unfit);
                    }
                    yield lead(
                            brought,
                            invitation,
                            (hosted, session, sink) ->
                                    Dealing.take(session, terms(brought), own.commitment(), own.share(), sink));
                }
            };
        }
    }

    private interface Part {
        KeyShare run(HostedSession hosted, Session session, ShareSink sink) throws Cheated, Silent;
    }

    /// Takes this party's part to its end, where all have confirmed; the caller closes the share.
    private KeyShare run(Part part, HostedSession hosted, ImportMaterial brought) throws Cheated, Silent {
        KeyShares.Keeping keeping = shares.keeping(brought.material());
        KeyShare share = part.run(hosted, session(hosted, brought), keeping::pending);
        try {
            keeping.confirmed();
            return share;
        } catch (RuntimeException e) {
            share.close();
            throw e;
        }
    }

    private Shared lead(ImportMaterial brought, byte[] invitation, Part part) throws Unavailable, Refused {
        List<Integer> everyone = KeyMaking.everyone(brought.material().key());
        try (HostedSession hosted = mesh.sessions().open(Dealing.PROTOCOL, everyone, invitation, TIME)) {
            audit.joins(brought.context(), Dealing.PROTOCOL, hosted.id(), hosted.self(), hosted.parties());
            try (KeyShare share = run(part, hosted, brought)) {
                return new Shared(share.publicKey(), Dealing.sharingOf(share.publicShares()), hosted.id());
            } catch (Cheated e) {
                audit.cheated(Dealing.PROTOCOL, hosted.id(), e.step(), e.culprits(), String.valueOf(e.getMessage()));
                hosted.abandon("cheated", "a check failed");
                throw new Unavailable(
                        "the key was not imported: a check failed on what parties %s sent".formatted(e.culprits()),
                        false);
            } catch (Silent e) {
                Map<Integer, HostedSession.Refusal> refusals = refusals(hosted);
                hosted.abandon("silent", "others fell silent");
                List<Integer> complaining = complaining(refusals);
                if (!complaining.isEmpty()) {
                    throw refusal(complaining);
                }
                String told = KeyMaking.told(refusals);
                throw new Unavailable(
                        "the key was not imported, which needs every party: "
                                + (told.isEmpty() ? e.getMessage() : told),
                        told.isEmpty());
            }
        } catch (Silent e) {
            throw new Unavailable("the key was not imported, which needs every party: " + e.getMessage(), true);
        }
    }

    /// Why peers left. Who complains says so before others fall silent for it, but over another link.
    private static Map<Integer, HostedSession.Refusal> refusals(HostedSession hosted) {
        long deadline = System.nanoTime() + COMPLAINTS_TIME.toNanos();
        while (true) {
            Map<Integer, HostedSession.Refusal> refusals = hosted.refusals();
            if (!complaining(refusals).isEmpty() || System.nanoTime() > deadline) {
                return refusals;
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return refusals;
            }
        }
    }

    private static List<Integer> complaining(Map<Integer, HostedSession.Refusal> refusals) {
        return refusals.entrySet().stream()
                .filter(entry -> entry.getValue().code().equals(BAD_SHARE))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    private static Refused refusal(List<Integer> parties) {
        return new Refused(
                NewImport.incorrect("Nothing was imported: by the word of %s, its share is not encrypted for it"
                                .formatted(parties.size() == 1 ? "party " + parties.getFirst() : "parties " + parties)
                        + " with these parameters, or is not what the commitment says."));
    }

    /// The key itself, in memory that `scope` erases. The platform's ciphers leave it on the heap for a moment as well.
    private SecretScalar unwrapped(ImportMaterial brought, ImportMaterial.Whole whole, SecretScope scope)
            throws Refused {
        KeyRecord key = brought.material().key();
        byte[] material;
        try (ImportKeyStore.Opened opened = opened(whole.token(), key)) {
            RSAPrivateKey wrappingKey = (RSAPrivateKey)
                    KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(opened.privateKey()));
            material = whole.token()
                    .algorithm()
                    .unwrap(wrappingKey, whole.wrapped())
                    .orElseThrow(() -> new Refused(AwsError.of("InvalidCiphertextException", null)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a wrapping key of the store is damaged", e);
        }
        importKeys.used(whole.token());
        try {
            SecretScalar secret = ImportedKey.scalar(key.spec(), material, scope);
            AwsError unfit = brought.material().unfit(terms(brought).group().multiplyBase(secret));
            if (unfit != null) {
                throw new Refused(unfit);
            }
            return secret;
        } catch (ImportedKey.Unfit e) {
            throw new Refused(NewImport.incorrect(String.valueOf(e.getMessage())));
        } finally {
            Arrays.fill(material, (byte) 0);
        }
    }

    private ImportKeyStore.Opened opened(ImportToken token, KeyRecord key) throws Refused {
        return importKeys
                .open(token, key.name())
                .orElseThrow(() -> new Refused(AwsError.of(
                        "InvalidImportTokenException",
                        "The import token is not valid for this KMS key, or what it was made for is erased. Get new"
                                + " parameters for import.")));
    }

    /// A share that the key's owner made for this party, checked.
    private record OwnShare(FeldmanCommitment commitment, SecretScalar share) {}

    /// Empty when it does not open or does not fit.
    private Optional<OwnShare> ownShare(ImportMaterial brought, ImportMaterial.Split split, SecretScope scope) {
        KeyRecord key = brought.material().key();
        KeyTerms terms = terms(brought);
        ImportToken token = split.tokens().get(self() - 1);
        try (ImportKeyStore.Opened opened = opened(token, key)) {
            FeldmanCommitment commitment = FeldmanCommitment.decode(
                    terms.group(), new ReconstructionThreshold(key.reconstructionThreshold()), split.commitment());
            SecretBytes plain = scope.allocate(32);
            MemorySegment bytes = plain.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
            byte[] context = ShareSealing.context(token.encode(), split.commitment());
            ShareSealing.Pair pair = new ShareSealing.Pair(opened.publicKey(), opened.privateKey());
            if (!ShareSealing.open(pair, context, split.sealed().get(self() - 1), bytes)) {
                return Optional.empty();
            }
            importKeys.used(token);
            SecretScalar share = terms.group().scalars().decodeSecret(scope, bytes);
            return Dealing.isSound(terms, self(), commitment, share)
                    ? Optional.of(new OwnShare(commitment, share))
                    : Optional.empty();
        } catch (Refused | InvalidCommitmentException | InvalidEncodingException e) {
            return Optional.empty();
        }
    }

    private void join(Invitation invitation, HostedSession hosted) throws Declined, Silent {
        MakeKeyInvitation body = KeyMaking.read(invitation, hosted, judge);
        Instant decidedAt = Instant.ofEpochMilli(body.getDecidedAtMillis());
        Decision decision = judge.decideAsPeer(invitation, body.getRequest(), body.getReliedOnList(), decidedAt);
        if (!(decision instanceof ImportMaterial brought)) {
            throw judge.declines(decision, invitation, hosted, "the request imports nothing here");
        }
        if (!invitation.parties().equals(KeyMaking.everyone(brought.material().key()))) {
            throw new Declined("quorum", "a key is imported by all parties of the cluster");
        }
        try (SecretScope scope = new SecretScope()) {
            Part part = part(invitation, hosted, brought, scope);
            audit.joins(brought.context(), Dealing.PROTOCOL, hosted.id(), invitation.opener(), invitation.parties());
            run(part, hosted, brought).close();
        } catch (Cheated e) {
            audit.cheated(Dealing.PROTOCOL, hosted.id(), e.step(), e.culprits(), String.valueOf(e.getMessage()));
            throw new Declined("cheated", "a check failed at step " + e.step());
        }
    }

    private Part part(Invitation invitation, HostedSession hosted, ImportMaterial brought, SecretScope scope)
            throws Declined {
        Predicate<Point> fits = point -> brought.material().unfit(point) == null;
        return switch (brought.brought()) {
            case ImportMaterial.Whole whole -> {
                if (whole.token().party() != invitation.opener()) {
                    throw judge.declines(
                            brought, invitation, hosted, "the key was wrapped for another party than the dealer");
                }
                yield (session, protocol, sink) ->
                        Dealing.receive(protocol, terms(brought), invitation.opener(), fits, sink);
            }
            case ImportMaterial.Split split -> {
                OwnShare own = ownShare(brought, split, scope).orElse(null);
                if (own == null) {
                    judge.declines(brought, invitation, hosted, "the share for this party is not sound");
                    throw new Declined(BAD_SHARE, "the share for this party is not sound");
                }
                if (!fits.test(own.commitment().constantTerm())) {
                    throw judge.declines(brought, invitation, hosted, "the key may not have this material");
                }
                yield (session, protocol, sink) ->
                        Dealing.take(protocol, terms(brought), own.commitment(), own.share(), sink);
            }
        };
    }

    private Session session(HostedSession hosted, ImportMaterial brought) throws Cheated, Silent {
        KeyPurpose purpose = new KeyPurpose(
                brought.material().key().spec().name(),
                brought.context().requestDigest().getBytes(StandardCharsets.US_ASCII));
        return Session.fresh(
                Dealing.setUp(terms(brought), purpose, brought.material().dealer(), hosted.idBytes()),
                hosted.self(),
                hosted,
                environment);
    }

    private static KeyTerms terms(ImportMaterial brought) {
        KeyRecord key = brought.material().key();
        return new KeyTerms(
                key.spec().group(),
                KeyShares.useOf(key),
                key.keyId().getBytes(StandardCharsets.US_ASCII),
                brought.material().epoch(),
                key.parties(),
                new ReconstructionThreshold(key.reconstructionThreshold()));
    }
}

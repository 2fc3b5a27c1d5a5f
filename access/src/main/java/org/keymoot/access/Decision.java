package org.keymoot.access;

import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.imported.ImportToken;
import org.keymoot.access.imported.WrappingAlgorithm;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.random.RandomSource;

/// What has to happen with a request.
///
/// It keeps true: everything except [Refused] means that the caller was authenticated, the request valid, the
/// key's state fit and the policy in favour.
public sealed interface Decision {
    RequestContext context();

    /// The request is refused; nothing changes.
    record Refused(RequestContext context, AwsError error) implements Decision {}

    /// The answer follows from the registers alone. An empty text is the empty body of a void result.
    record Answer(RequestContext context, String json) implements Decision {
        /// Without the answer, which may hold the credentials of a session.
        @Override
        public String toString() {
            return "Answer[%s, %d characters]".formatted(context, json.length());
        }
    }

    /// The writes have to be committed, then `json` is the answer. Every action of today writes exactly one
    /// register, so that no commit spans two.
    record Change(RequestContext context, List<RegisterWrite> writes, String json) implements Decision {
        public Change {
            writes = List.copyOf(writes);
            if (writes.isEmpty()) {
                throw new IllegalArgumentException("a change writes at least one register");
            }
        }
    }

    /// The write has to be committed before the request is decided about again: it takes a place that the request
    /// needs, and that no other may have.
    record Reserve(RequestContext context, RegisterWrite write) implements Decision {}

    /// The parties generate a key, or for RSA the one that leads deals it; once its public key is known,
    /// [#write] is committed and [#answer] is the answer. The key id is derived from the signed request, so
    /// a retry names the same key.
    ///
    /// @param draft the key's record in state [KeyState#CREATING], without public key
    record MakeKey(RequestContext context, KeyRecord draft) implements Decision {
        /// As [#write(byte[])], of a group element.
        public RegisterWrite write(Point publicKey) {
            return write(Material.encode(publicKey));
        }

        /// @param publicKey as [Material#publicKeyBytes()] gives it
        public RegisterWrite write(byte[] publicKey) {
            return new RegisterWrite(draft.name(), 0, draft.created(publicKey).json());
        }

        /// As [#answer(byte[])], of a group element.
        public String answer(Point publicKey) {
            return answer(Material.encode(publicKey));
        }

        public String answer(byte[] publicKey) {
            return Answers.createKey(draft.created(publicKey));
        }
    }

    /// The parties generate new material for a key that exists; once its public side is known,
    /// [NewMaterial#write] is committed and `json` is the answer.
    record MakeMaterial(RequestContext context, NewMaterial material, String json) implements Decision {}

    /// The party that the request reached makes a wrapping key, or every party makes one; [#answer] tells the client.
    ///
    /// @param algorithm what material is wrapped by
    /// @param bits of an RSA wrapping key; 0 for the algorithm of shares, of which every party makes a wrapping key
    /// @param validTo when the wrapping key is erased
    record OfferImport(RequestContext context, KeyRecord key, WrappingAlgorithm algorithm, int bits, Instant validTo)
            implements Decision {

        /// One party's wrapping key.
        ///
        /// @param certificates of the party, its own first, in DER; empty where it alone is asked
        /// @param signature of [org.keymoot.access.imported.ShareSealing#statement]
        @SuppressWarnings("ArrayRecordComponent")
        public record WrappingKey(
                int party, ImportToken token, byte[] publicKey, List<byte[]> certificates, byte[] signature) {}

        /// @param keys one, or one of each party
        public String answer(List<WrappingKey> keys) {
            return ImportActions.parameters(this, keys);
        }
    }

    /// The parties take over a key that the client brings: one of them unwraps it and shares it among all, or each
    /// takes its own share out of the request. Then [NewImport#write] is committed.
    record ImportMaterial(RequestContext context, NewImport material, Brought brought) implements Decision {
        /// What the request has of the key.
        public sealed interface Brought {}

        /// All of it, for the party that the token names.
        @SuppressWarnings("ArrayRecordComponent")
        public record Whole(ImportToken token, byte[] wrapped) implements Brought {}

        /// A share for each party, in the order of their indices, and the commitment that they all fit.
        @SuppressWarnings("ArrayRecordComponent")
        public record Split(byte[] commitment, List<ImportToken> tokens, List<byte[]> sealed) implements Brought {}
    }

    /// The answer is drawn at random by the party that the request reached; it stands on no secret of the
    /// parties, at most on a key's public side.
    final class Draw implements Decision {
        private final RequestContext context;
        private final @Nullable KeyRecord key;
        private final Function<RandomSource, String> answer;

        Draw(RequestContext context, Function<RandomSource, String> answer) {
            this(context, null, answer);
        }

        /// @param key whose public side is used
        Draw(RequestContext context, @Nullable KeyRecord key, Function<RandomSource, String> answer) {
            this.context = context;
            this.key = key;
            this.answer = answer;
        }

        /// The key that was used; null when none was.
        public @Nullable KeyRecord key() {
            return key;
        }

        @Override
        public RequestContext context() {
            return context;
        }

        public String answer(RandomSource random) {
            return answer.apply(random);
        }
    }

    /// The answer is made of bytes that a quorum draws at random; it stands on no key.
    final class DrawTogether implements Decision {
        private final RequestContext context;
        private final int length;
        private final Function<byte[], String> answer;

        DrawTogether(RequestContext context, int length, Function<byte[], String> answer) {
            this.context = context;
            this.length = length;
            this.answer = answer;
        }

        @Override
        public RequestContext context() {
            return context;
        }

        /// How many bytes are to be drawn.
        public int length() {
            return length;
        }

        /// @param drawn as many bytes as asked for; the caller erases them
        public String answer(byte[] drawn) {
            if (drawn.length != length) {
                throw new IllegalArgumentException("%d bytes are to be drawn, not %d".formatted(length, drawn.length));
            }
            return answer.apply(drawn);
        }
    }

    /// The parties are to hold a new secret. The party that leads draws it and hands it to the others, which
    /// store it sealed; then [#write] of its commitment is committed, and [#shown] of it is the answer.
    ///
    /// @param register that holds the commitment
    /// @param present the commitment that the register holds already, when this very request was carried out:
    ///     the secret that fits it is shown again, and nothing is drawn
    /// @param write of the register, given the commitment that [org.keymoot.access.iam.AccessKeyRecord] defines
    /// @param shown the answer, given the secret; null when the request is then to be decided again
    record IssueSecret(
            RequestContext context,
            RegisterName register,
            @Nullable String present,
            Function<String, RegisterWrite> write,
            @Nullable Function<String, String> shown)
            implements Decision {}

    /// The answer is when the key was last used, which the parties know and no register says.
    record TellLastUse(RequestContext context, KeyRecord key) implements Decision {
        /// @param use null when no party knows of any
        public String answer(@Nullable LastUse use) {
            CanonicalJson.ObjectBuilder last = CanonicalJson.object();
            if (use != null) {
                last.put("CloudTrailEventId", use.event())
                        .put("KmsRequestId", use.requestId())
                        .put("Operation", use.operation())
                        .put("Timestamp", use.at());
            }
            return CanonicalJson.object()
                    .put("KeyCreationDate", key.createdAt())
                    .put("KeyId", key.arn())
                    .put("KeyLastUsage", last)
                    .put("TrackingStartDate", key.createdAt())
                    .text();
        }
    }

    /// The parties sign. The signature is to be checked under `key`'s public key before [#answer] is given out.
    final class SignWith implements Decision {
        private final RequestContext context;
        private final KeyRecord key;
        private final SigningAlgorithm algorithm;
        private final byte[] payload;
        private final Function<byte[], String> answer;

        /// Answers as AWS's Sign does.
        SignWith(RequestContext context, KeyRecord key, SigningAlgorithm algorithm, byte[] payload) {
            this(
                    context,
                    key,
                    algorithm,
                    payload,
                    signature -> CanonicalJson.object()
                            .put("KeyId", key.arn())
                            .put("Signature", Base64.getEncoder().encodeToString(signature))
                            .put("SigningAlgorithm", algorithm.name())
                            .text());
        }

        SignWith(
                RequestContext context,
                KeyRecord key,
                SigningAlgorithm algorithm,
                byte[] payload,
                Function<byte[], String> answer) {
            this.context = context;
            this.key = key;
            this.algorithm = algorithm;
            this.payload = payload.clone();
            this.answer = answer;
        }

        @Override
        public RequestContext context() {
            return context;
        }

        public KeyRecord key() {
            return key;
        }

        public SigningAlgorithm algorithm() {
            return algorithm;
        }

        /// What the protocol signs: the digest for ECDSA and RSA (the client's own for MessageType DIGEST,
        /// that of the message for RAW), the whole message for Ed25519.
        public byte[] payload() {
            return payload.clone();
        }

        /// @param signature as AWS gives it: DER with low s for ECDSA
        /// ([org.keymoot.crypto.ecdsa.EcdsaSignature#encodeDer]), 64 bytes for
        ///     Ed25519, as many as the modulus for RSA
        public String answer(byte[] signature) {
            return answer.apply(signature);
        }
    }

    /// The parties evaluate keys; only the party that brought the request learns the outputs, and makes the answer
    /// from them.
    final class Evaluate implements Decision {
        private final RequestContext context;
        private final List<Evaluation> evaluations;
        private final Finish finish;
        private final boolean laborious;

        /// The end of an action: what is answered, from the outputs, what the decision already knows, and
        /// randomness of the party that the request reached. Equal requests have equal outputs; that what they
        /// make differs all the same is the randomness's part.
        @FunctionalInterface
        public interface Finish {
            /// @param outputs one for each evaluation, in order; the caller erases them afterwards
            /// @return the answer's text
            /// @throws AwsException when the outputs show that the request cannot be met
            String answer(List<byte[]> outputs, RandomSource random);
        }

        /// @param finish as [Finish#answer] says
        Evaluate(RequestContext context, List<Evaluation> evaluations, Finish finish) {
            this(context, evaluations, finish, false);
        }

        private Evaluate(RequestContext context, List<Evaluation> evaluations, Finish finish, boolean laborious) {
            this.context = context;
            this.evaluations = List.copyOf(evaluations);
            this.finish = finish;
            this.laborious = laborious;
            if (evaluations.isEmpty() || evaluations.size() > Evaluation.MAX_PER_REQUEST) {
                throw new IllegalArgumentException("a request needs 1 to %d evaluations, not %d"
                        .formatted(Evaluation.MAX_PER_REQUEST, evaluations.size()));
            }
        }

        @Override
        public RequestContext context() {
            return context;
        }

        /// One whose answer takes a processor for seconds.
        static Evaluate laborious(RequestContext context, List<Evaluation> evaluations, Finish finish) {
            return new Evaluate(context, evaluations, finish, true);
        }

        /// Whether [#answer] computes for seconds, so that it should not be called where others wait.
        public boolean isLaborious() {
            return laborious;
        }

        /// What is to be evaluated, in the order of the outputs.
        public List<Evaluation> evaluations() {
            return evaluations;
        }

        /// @param outputs one for each evaluation, in order, as long as its kind says; the caller erases them
        public EvaluatedAnswer answer(List<byte[]> outputs, RandomSource random) {
            if (outputs.size() != evaluations.size()) {
                throw new IllegalArgumentException(
                        "%d outputs of %d evaluations".formatted(outputs.size(), evaluations.size()));
            }
            try {
                return new EvaluatedAnswer.Success(finish.answer(outputs, random));
            } catch (AwsException e) {
                return new EvaluatedAnswer.Failure(e.error());
            }
        }
    }
}

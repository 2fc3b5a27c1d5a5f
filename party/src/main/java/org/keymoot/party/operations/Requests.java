package org.keymoot.party.operations;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Action;
import org.keymoot.access.AwsError;
import org.keymoot.access.Decision;
import org.keymoot.access.EvaluatedAnswer;
import org.keymoot.access.KeyRecord;
import org.keymoot.access.LastUse;
import org.keymoot.access.NewImport;
import org.keymoot.access.OutcomeLabel;
import org.keymoot.access.Redaction;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterWrite;
import org.keymoot.access.RequestContext;
import org.keymoot.access.Service;
import org.keymoot.access.ServiceAction;
import org.keymoot.access.SignedRequest;
import org.keymoot.api.directory.v1.Command;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.party.directory.Recovery;
import org.keymoot.party.directory.ReplicatedDirectory;
import org.keymoot.platform.audit.AuditUnavailable;
import org.keymoot.platform.disk.InsufficientStorage;
import org.keymoot.platform.telemetry.RequestMeter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out clients' requests that an endpoint brought to this party.
///
/// It keeps true: nothing is answered before its audit record is on disk, and what cannot be recorded is not answered
/// with a result.
public final class Requests {
    /// Requests worked on at a time; more are told to come again.
    static final int MAX_AT_A_TIME = 512;

    private static final int MAX_DECISIONS = 3;
    private static final int MAX_RESERVATIONS = 2;
    /// Refusals that newer registers may lift.
    private static final Set<String> STANDS_ON_REGISTERS = Set.of(
            "AccessDenied",
            "AccessDeniedException",
            "DisabledException",
            // A ciphertext under material that this party has not heard of yet.
            "InvalidCiphertextException",
            "IncorrectKeyMaterialException",
            "InvalidGrantTokenException",
            // The keys of an identity provider that this party has not heard of yet.
            "InvalidIdentityToken",
            "KMSInvalidStateException",
            "NoSuchEntity",
            "NotFoundException",
            "UnrecognizedClientException");
    private static final Logger log = LoggerFactory.getLogger(Requests.class);

    private final Judge judge;
    private final ReplicatedDirectory directory;
    private final KeyMaking keyMaking;
    private final Signing signing;
    private final Evaluating evaluating;
    private final Drawing drawing;
    private final Issuing issuing;
    private final Importing importing;
    private final KeyUses uses;
    private final RandomSource random;
    private final LongWork longWork;
    private final RequestMeter meter;
    private final AuditTrail audit;
    private final Semaphore room = new Semaphore(MAX_AT_A_TIME);

    Requests(
            Judge judge,
            ReplicatedDirectory directory,
            KeyMaking keyMaking,
            Signing signing,
            Evaluating evaluating,
            Drawing drawing,
            Issuing issuing,
            Importing importing,
            KeyUses uses,
            RandomSource random,
            LongWork longWork,
            RequestMeter meter,
            AuditTrail audit) {
        this.judge = judge;
        this.directory = directory;
        this.keyMaking = keyMaking;
        this.signing = signing;
        this.evaluating = evaluating;
        this.drawing = drawing;
        this.issuing = issuing;
        this.importing = importing;
        this.uses = uses;
        this.random = random;
        this.longWork = longWork;
        this.meter = meter;
        this.audit = audit;
    }

    /// A request on its way to an answer.
    ///
    /// @param round how many times it is decided, this time included
    private record Asked(SignedRequest request, Deadline deadline, int round) {
        /// The same, to be decided once more.
        Asked again() {
            return new Asked(request, deadline, round + 1);
        }
    }

    /// A result with what its audit record says beside the request itself.
    ///
    /// @param used keys that were used with success
    private record Result(
            Reply answer,
            RequestContext context,
            String outcome,
            String detail,
            @Nullable String session,
            List<Integer> participants,
            List<RegisterName> used) {
        Result(
                Reply answer,
                RequestContext context,
                String outcome,
                String detail,
                @Nullable String session,
                List<Integer> participants) {
            this(answer, context, outcome, detail, session, participants, List.of());
        }

        /// What may be kept of the answer.
        @Nullable Map<String, Object> response() {
            return answer.error() == null ? Redaction.response(context.action(), answer.body()) : null;
        }

        /// The same with an answer that is no longer than one may be.
        Result bounded() {
            Reply bounded = answer.bounded();
            return bounded == answer
                    ? this
                    : new Result(bounded, context, "failed", "the answer is too long", session, participants, used);
        }

        Result using(List<RegisterName> keys) {
            return new Result(answer, context, outcome, detail, session, participants, keys);
        }

        static Result of(RequestContext context, String outcome, Reply answer) {
            return new Result(answer, context, outcome, "", null, List.of());
        }
    }

    /// Carries a request out.
    ///
    /// @param waits how long the endpoint waits before it turns to another party; zero when it does not say
    public ClientAnswer execute(ClientRequest request, Duration waits) {
        long start = System.nanoTime();
        Done done = carryOut(request, Deadline.ofOneWhoWaits(waits));
        meter.record(
                done.service().prefix(),
                done.action() == null
                        ? OutcomeLabel.UNKNOWN_ACTION
                        : done.action().aws(),
                OutcomeLabel.of(done.answer().getErrorType()),
                Duration.ofNanos(System.nanoTime() - start));
        return done.answer();
    }

    /// An answer and what it is an answer to.
    private record Done(
            ClientAnswer answer, Service service, @Nullable ServiceAction action) {}

    /// The answer to a request that could not be carried out, for a reason of which nothing can be said.
    public static ClientAnswer failure(ClientRequest request) {
        return plain(request, AwsError.internal("The request failed for a reason inside this party."), true)
                .answer();
    }

    private Done carryOut(ClientRequest request, Deadline deadline) {
        if (!ClientRequests.isWithinLimits(request)) {
            return plain(request, AwsError.validation("The request is larger than this service accepts."), false);
        }
        Recovery recovery = directory.recovery();
        if (recovery.keepsOut()) {
            return plain(request, AwsError.internal("This party is " + recovery.trouble() + "."), true);
        }
        if (!room.tryAcquire()) {
            return plain(request, AwsError.throttled(), true);
        }
        try {
            SignedRequest signed = ClientRequests.fromWire(request);
            Result result = resultOrFailure(new Asked(signed, deadline, 1)).bounded();
            audit.request(
                    result.context(),
                    result.outcome(),
                    result.detail(),
                    result.session(),
                    result.participants(),
                    result.answer().error(),
                    result.response());
            note(result, request.getRequestId());
            Service service = Service.of(signed);
            ServiceAction action = result.context().action();
            return new Done(result.answer().shaped(service, action, request.getRequestId()), service, action);
        } catch (AuditUnavailable | InsufficientStorage e) {
            log.atError()
                    .addKeyValue("request_id", request.getRequestId())
                    .addKeyValue("reason", e.getMessage())
                    .log("request refused for want of storage");
            return plain(
                    request,
                    AwsError.internal("This party cannot write to its disk at present: InsufficientStorage."),
                    true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return plain(request, AwsError.internal("This party is stopping."), true);
        } finally {
            room.release();
        }
    }

    /// What goes wrong with one request says nothing about others, also where it needs more stack than there is: it is
    /// recorded and answered. Other errors are the process's own, and no result is made up for them.
    private Result resultOrFailure(Asked asked) throws InterruptedException {
        try {
            return result(asked);
        } catch (AuditUnavailable | InsufficientStorage e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            log.atError()
                    .addKeyValue("request_id", asked.request().requestId())
                    .setCause(e)
                    .log("request failed");
            return failed(
                    RequestContext.ofUndecided(asked.request()),
                    "The request failed for a reason inside this party.",
                    e.getClass().getSimpleName());
        }
    }

    /// Remembers that keys were used.
    private void note(Result result, String requestId) {
        ServiceAction action = result.context().action();
        if (action != null && !result.used().isEmpty()) {
            LastUse use =
                    new LastUse(action.aws(), judge.now(), result.context().eventId(), requestId);
            result.used().forEach(key -> uses.used(key, use));
        }
    }

    private Result result(Asked asked) throws InterruptedException {
        Instant now = Instant.ofEpochMilli(judge.now().toEpochMilli());
        Judge.Judgement judgement = judge.decide(asked.request(), now);
        return switch (judgement.decision()) {
            case Decision.Refused refused -> refused(asked, refused);
            case Decision.Answer answer -> answer(asked, judgement, answer);
            case Decision.Change change -> change(asked, change, now);
            case Decision.Reserve reserve -> reserve(asked, reserve, now);
            case Decision.MakeKey make -> makeKey(asked, judgement, make, now);
            case Decision.IssueSecret issue -> issue(asked, judgement, issue, now);
            case Decision.SignWith sign -> sign(asked, judgement, sign);
            case Decision.Draw draw -> draw(asked, judgement, draw);
            case Decision.DrawTogether draw -> drawTogether(asked, judgement, draw);
            case Decision.TellLastUse tell ->
                Result.of(
                        tell.context(),
                        "answered",
                        ok(tell.answer(uses.last(tell.key().name()))));
            case Decision.MakeMaterial make -> makeMaterial(asked, judgement, make, now);
            case Decision.Evaluate evaluate -> evaluate(asked, judgement, evaluate);
            case Decision.OfferImport offer -> offerImport(asked, judgement, offer, now);
            case Decision.ImportMaterial brought -> importMaterial(asked, judgement, brought, now);
        };
    }

    /// What stands against a request may be over: the key enabled, the policy changed, the grant given, the access key
    /// made, through another party a moment ago. So the peers are asked before such a refusal is given out.
    private Result refused(Asked asked, Decision.Refused refused) throws InterruptedException {
        if (asked.round() == 1 && STANDS_ON_REGISTERS.contains(refused.error().type())) {
            judge.catchUpWithAll();
            return result(asked.again());
        }
        return new Result(
                error(refused.error(), false),
                refused.context(),
                "refused",
                refused.error().type(),
                null,
                List.of());
    }

    private Result answer(Asked asked, Judge.Judgement judgement, Decision.Answer answer) throws InterruptedException {
        return alone(asked, judgement, () -> {
            Result result = Result.of(answer.context(), "answered", ok(answer.json()));
            return answer.context().action() == Action.VERIFY ? result.using(List.of(keyOf(answer.context()))) : result;
        });
    }

    private Result draw(Asked asked, Judge.Judgement judgement, Decision.Draw draw) throws InterruptedException {
        return alone(asked, judgement, () -> {
            Result result = Result.of(draw.context(), "answered", ok(draw.answer(random)));
            KeyRecord used = draw.key();
            return used == null ? result : result.using(List.of(used.name()));
        });
    }

    /// What this party answers by itself, and a grant allows, is given out only if no peer knows that the
    /// grant is revoked; a session, which every party accepts from then on, only if none knows anything newer.
    private Result alone(Asked asked, Judge.Judgement judgement, Supplier<Result> result) throws InterruptedException {
        RequestContext context = judgement.decision().context();
        return switch (judge.freshness(judgement)) {
            case NEWEST -> result.get();
            case OUTDATED ->
                asked.round() < MAX_DECISIONS
                        ? result(asked.again())
                        : failed(
                                context,
                                "What this answer stands on was changed by others at the same time.",
                                "overtaken");
            case UNKNOWN ->
                failed(
                        context,
                        "Too few parties could be reached to know that nobody has changed what this answer stands on.",
                        "not enough parties");
        };
    }

    private static RegisterName keyOf(RequestContext context) {
        String[] parts = Objects.requireNonNull(context.resource()).split(":", 6);
        return RegisterName.key(parts[4], parts[3], parts[5].substring("key/".length()));
    }

    private Result change(Asked asked, Decision.Change change, Instant now) throws InterruptedException {
        for (RegisterWrite write : change.writes()) {
            Result failure = commit(asked, change.context(), write, now);
            if (failure != null) {
                return failure;
            }
        }
        return Result.of(change.context(), "committed", ok(change.json()));
    }

    /// Takes the place that the request needs, then decides about it again.
    private Result reserve(Asked asked, Decision.Reserve reserve, Instant now) throws InterruptedException {
        if (asked.round() > MAX_DECISIONS + MAX_RESERVATIONS) {
            return failed(reserve.context(), "The resource was changed by others at the same time.", "overtaken");
        }
        Result failure = commit(asked, reserve.context(), reserve.write(), now);
        return failure == null ? result(asked.again()) : failure;
    }

    private Result makeKey(Asked asked, Judge.Judgement judgement, Decision.MakeKey make, Instant now)
            throws InterruptedException {
        if (make.draft().spec().isRsa()) {
            return dealKey(asked, make);
        }
        KeyMaking.Made made;
        try {
            made = keyMaking.lead(asked.request(), judgement, make, now);
        } catch (Unavailable e) {
            return unavailable(make.context(), e);
        }
        return created(asked, make, made, now, "");
    }

    /// This party deals an RSA key. The search for its primes may take most of the request's time, so it is
    /// decided anew once they are there.
    private Result dealKey(Asked asked, Decision.MakeKey make) throws InterruptedException {
        Decision.MakeKey due;
        Instant at;
        KeyMaking.Made made;
        try (RsaPrimes.Pair primes = keyMaking.primes(make.draft())) {
            at = Instant.ofEpochMilli(judge.now().toEpochMilli());
            Judge.Judgement judgement = judge.decide(asked.request(), at);
            if (!(judgement.decision() instanceof Decision.MakeKey still)) {
                primes.keep();
                return asked.round() < MAX_DECISIONS
                        ? result(asked.again())
                        : failed(make.context(), "The resource was changed by others at the same time.", "overtaken");
            }
            due = still;
            made = keyMaking.deal(asked.request(), judgement, due, at, primes);
        } catch (Unavailable e) {
            return unavailable(make.context(), e);
        } catch (RsaPrimes.NotYet e) {
            // Another party would have to begin its search.
            String what = String.valueOf(e.getMessage());
            return new Result(
                    error(AwsError.dependencyTimeout(what), false), make.context(), "failed", what, null, List.of());
        }
        return created(asked, due, made, at, " dealt");
    }

    private Result created(Asked asked, Decision.MakeKey make, KeyMaking.Made made, Instant at, String how)
            throws InterruptedException {
        Result failure = commit(asked, make.context(), make.write(made.publicSide()), at);
        if (failure != null) {
            return failure;
        }
        return new Result(
                ok(make.answer(made.publicSide())),
                make.context(),
                "created",
                make.draft().arn() + how,
                made.session(),
                IntStream.rangeClosed(1, make.draft().parties()).boxed().toList());
    }

    private Result makeMaterial(Asked asked, Judge.Judgement judgement, Decision.MakeMaterial make, Instant now)
            throws InterruptedException {
        KeyMaking.Made made;
        try {
            made = keyMaking.lead(asked.request(), judgement, make, now);
        } catch (Unavailable e) {
            return unavailable(make.context(), e);
        }
        KeyRecord key = make.material().key();
        Result failure = commit(asked, make.context(), make.material().write(made.publicSide()), now);
        if (failure != null) {
            return failure;
        }
        return new Result(
                ok(make.json()),
                make.context(),
                "rotated",
                key.arn(),
                made.session(),
                IntStream.rangeClosed(1, key.parties()).boxed().toList());
    }

    private Result offerImport(Asked asked, Judge.Judgement judgement, Decision.OfferImport offer, Instant now) {
        try {
            return Result.of(
                    offer.context(),
                    "offered",
                    ok(offer.answer(importing.offer(asked.request(), judgement, offer, now))));
        } catch (Unavailable e) {
            return unavailable(offer.context(), e);
        } catch (Importing.Refused e) {
            return refused(offer.context(), e.error());
        }
    }

    private Result importMaterial(Asked asked, Judge.Judgement judgement, Decision.ImportMaterial brought, Instant now)
            throws InterruptedException {
        NewImport material = brought.material();
        if (brought.brought() instanceof Decision.ImportMaterial.Whole && material.dealer() != importing.self()) {
            return new Result(
                    error(
                            AwsError.internal("The parameters for this import were made by party " + material.dealer()
                                    + ", which cannot be reached now. Try again, or get new parameters."),
                            true),
                    brought.context(),
                    "failed",
                    "it is for party " + material.dealer(),
                    null,
                    List.of());
        }
        Importing.Shared shared;
        try {
            shared = importing.lead(asked.request(), judgement, brought, now);
        } catch (Unavailable e) {
            return unavailable(brought.context(), e);
        } catch (Importing.Refused e) {
            return refused(brought.context(), e.error());
        }
        Result failure = commit(asked, brought.context(), material.write(shared.publicKey(), shared.sharing()), now);
        if (failure != null) {
            return failure;
        }
        return new Result(
                ok(material.answer(shared.publicKey())),
                brought.context(),
                "imported",
                material.dealer() == 0
                        ? "in shares that its owner made"
                        : "whole in the memory of party " + material.dealer() + " while it was shared",
                shared.session(),
                KeyMaking.everyone(material.key()));
    }

    private static Result refused(RequestContext context, AwsError error) {
        return new Result(error(error, false), context, "refused", error.type(), null, List.of());
    }

    private EvaluatedAnswer finish(Decision.Evaluate evaluate, List<byte[]> outputs) {
        if (!evaluate.isLaborious()) {
            return evaluate.answer(outputs, random);
        }
        return longWork.run(() -> evaluate.answer(outputs, random))
                .orElseGet(() -> new EvaluatedAnswer.Failure(AwsError.throttled()));
    }

    private Result evaluate(Asked asked, Judge.Judgement judgement, Decision.Evaluate evaluate)
            throws InterruptedException {
        try (Evaluating.Evaluated evaluated = evaluating.lead(asked.request(), judgement, evaluate, asked.deadline())) {
            return switch (finish(evaluate, evaluated.outputs())) {
                case EvaluatedAnswer.Success success ->
                    new Result(
                                    ok(success.json()),
                                    evaluate.context(),
                                    "evaluated",
                                    "",
                                    evaluated.sessions(),
                                    evaluated.participants())
                            .using(evaluate.evaluations().stream()
                                    .map(evaluation -> evaluation.key().name())
                                    .distinct()
                                    .toList());
                case EvaluatedAnswer.Failure failure ->
                    new Result(
                            error(failure.error(), false),
                            evaluate.context(),
                            "refused",
                            failure.error().type(),
                            evaluated.sessions(),
                            evaluated.participants());
            };
        } catch (Unavailable e) {
            return unavailable(evaluate.context(), e);
        } catch (DecidedOtherwise e) {
            return again(asked, judgement, e);
        }
    }

    private Result drawTogether(Asked asked, Judge.Judgement judgement, Decision.DrawTogether draw)
            throws InterruptedException {
        try (Drawing.Drawn drawn = drawing.lead(asked.request(), judgement, draw, asked.deadline())) {
            return new Result(
                    ok(draw.answer(drawn.bytes())), draw.context(), "drawn", "", drawn.session(), drawn.participants());
        } catch (Unavailable e) {
            return unavailable(draw.context(), e);
        } catch (DecidedOtherwise e) {
            return again(asked, judgement, e);
        }
    }

    private Result issue(Asked asked, Judge.Judgement judgement, Decision.IssueSecret issue, Instant now)
            throws InterruptedException {
        try {
            String commitment = issue.present();
            List<Integer> holders = List.of();
            if (commitment == null) {
                Issuing.Issued issued = issuing.lead(asked.request(), judgement, issue, now);
                commitment = issued.commitment();
                holders = issued.holders();
                Result failure = commit(asked, issue.context(), issue.write().apply(commitment), now);
                if (failure != null) {
                    return failure;
                }
            }
            if (issue.shown() == null) {
                return asked.round() < MAX_DECISIONS
                        ? result(asked.again())
                        : failed(issue.context(), "The resource was changed by others at the same time.", "overtaken");
            }
            String answer = issuing.shown(issue.register(), commitment, issue.shown());
            return new Result(
                    ok(answer), issue.context(), "issued", issue.register().text(), null, holders);
        } catch (Unavailable e) {
            return unavailable(issue.context(), e);
        }
    }

    private Result sign(Asked asked, Judge.Judgement judgement, Decision.SignWith sign) throws InterruptedException {
        try {
            QuorumRuns.Done<byte[]> signed = signing.lead(asked.request(), judgement, sign, asked.deadline());
            return new Result(
                            ok(sign.answer(signed.result())),
                            sign.context(),
                            "signed",
                            "",
                            signed.session(),
                            signed.participants())
                    .using(List.of(sign.key().name()));
        } catch (Unavailable e) {
            return unavailable(sign.context(), e);
        } catch (DecidedOtherwise e) {
            return again(asked, judgement, e);
        }
    }

    /// A peer catches up with this party before it refuses. So either this party lacked something and has it now, or
    /// those that refused differ in their clocks or lie, or this one does; another party may find a quorum.
    private Result again(Asked asked, Judge.Judgement judgement, DecidedOtherwise e) throws InterruptedException {
        if (e.newer() && asked.round() < MAX_DECISIONS) {
            return result(asked.again());
        }
        String why = String.valueOf(e.getMessage());
        return failed(judgement.decision().context(), "The parties do not agree about this request: " + why, why);
    }

    /// Null when committed; otherwise what to answer.
    private @Nullable Result commit(Asked asked, RequestContext context, RegisterWrite write, Instant now)
            throws InterruptedException {
        Command command = Command.newBuilder()
                .setAtMillis(now.toEpochMilli())
                .setClient(ClientRequests.toWire(asked.request()))
                .build();
        return switch (directory.commit(write, command)) {
            case ReplicatedDirectory.Commit.Done done -> null;
            case ReplicatedDirectory.Commit.Overtaken overtaken ->
                asked.round() < MAX_DECISIONS
                        ? result(asked.again())
                        : failed(context, "The resource was changed by others at the same time.", "overtaken");
            case ReplicatedDirectory.Commit.Refused refused ->
                failed(context, "Other parties do not agree to this change.", refused.why());
            case ReplicatedDirectory.Commit.NotEnoughParties few ->
                failed(
                        context,
                        "Too few parties could be reached: " + String.join("; ", few.problems()),
                        "not enough parties");
        };
    }

    private static Result unavailable(RequestContext context, Unavailable e) {
        String what = String.valueOf(e.getMessage());
        return new Result(
                error(e.timedOut() ? AwsError.dependencyTimeout(what) : AwsError.internal(what), true),
                context,
                "failed",
                what,
                null,
                List.of());
    }

    private static Result failed(RequestContext context, String message, String detail) {
        return new Result(error(AwsError.internal(message), true), context, "failed", detail, null, List.of());
    }

    private static Reply ok(String body) {
        return Reply.ok(body);
    }

    private static Reply error(AwsError error, boolean tryAnother) {
        return Reply.error(error, tryAnother);
    }

    /// A refusal of what was not decided on.
    private static Done plain(ClientRequest request, AwsError error, boolean tryAnother) {
        Service service = Service.of(ClientRequests.fromWire(request));
        return new Done(error(error, tryAnother).shaped(service, null, request.getRequestId()), service, null);
    }
}

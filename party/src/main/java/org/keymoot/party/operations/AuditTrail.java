package org.keymoot.party.operations;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.access.RequestContext;
import org.keymoot.access.RequestFacts;
import org.keymoot.platform.audit.AuditLog;

/// The shapes of this party's audit records, in one place.
///
/// It keeps true: each method returns only when its record is on disk, or throws and nothing may follow from it. Of the
/// refusals of requests that nobody is known to have signed only some have a record of their own; the others are
/// counted, and the counts are recorded.
public final class AuditTrail {
    private static final int MAX_TEXT = 512;

    private final AuditLog log;
    private final StrangerRefusals strangers = new StrangerRefusals(System::nanoTime);

    public AuditTrail(AuditLog log) {
        this.log = log;
    }

    /// A client's request was decided on and carried out or refused; it is about to be answered.
    ///
    /// @param outcome `refused`, `answered`, `committed`, `created`, `rotated`, `signed`, `evaluated`,
    ///     `drawn`, `issued`, `offered`, `imported` or `failed`
    /// @param error what the client is told; null when the request was met
    /// @param response what may be kept of the answer; null when nothing may or need be
    void request(
            RequestContext context,
            String outcome,
            String detail,
            @Nullable String session,
            List<Integer> participants,
            @Nullable AwsError error,
            @Nullable Map<String, Object> response) {
        tellOmitted();
        if (error != null && context.principal() == null && !strangers.getsRecord(error.type())) {
            return;
        }
        Map<String, Object> fields = of(context);
        fields.put("outcome", outcome);
        put(fields, "detail", detail.isEmpty() ? null : detail);
        put(fields, "session", session);
        if (!participants.isEmpty()) {
            fields.put("participants", participants);
        }
        if (error != null) {
            AwsError said = context.facts().service().inItsWords(error);
            fields.put("error", cut(said.type()));
            put(fields, "error_message", said.message());
        }
        if (response != null) {
            fields.put("response", response);
        }
        log.append("request", fields);
    }

    /// This party is about to take part in what a client's request asks for.
    void joins(RequestContext context, String protocol, String session, int opener, List<Integer> participants) {
        Map<String, Object> fields = of(context);
        fields.put("decision", "allow");
        fields.put("protocol", protocol);
        fields.put("session", session);
        fields.put("opener", opener);
        fields.put("participants", participants);
        log.append("session.joined", fields);
    }

    /// This party is about to accept a change that a client asked `proposer` for.
    ///
    /// @param register whose next version it is
    void accepts(RequestContext context, String register, long version, int proposer) {
        Map<String, Object> fields = of(context);
        fields.put("decision", "allow");
        fields.put("register", cut(register));
        fields.put("version", version);
        fields.put("proposer", proposer);
        log.append("change.accepted", fields);
    }

    /// This party is about to take part in making new material that a key's schedule asks for.
    void rotates(String key, String protocol, String session, int opener, List<Integer> participants) {
        log.append(
                "session.joined",
                Map.of(
                        "decision", "allow",
                        "action", "kms:RotateKey",
                        "resource", cut(key),
                        "protocol", protocol,
                        "session", session,
                        "opener", opener,
                        "participants", participants));
    }

    /// This party will not take part in what a peer says that a client asks for.
    void declines(RequestContext context, String protocol, String session, int opener, String reason) {
        Map<String, Object> fields = of(context);
        fields.put("decision", "deny");
        fields.put("protocol", protocol);
        fields.put("session", session);
        fields.put("opener", opener);
        fields.put("reason", cut(reason));
        log.append("session.declined", fields);
    }

    /// A check failed on what peers sent.
    void cheated(String protocol, String session, String step, List<Integer> culprits, String what) {
        log.append(
                "session.cheated",
                Map.of(
                        "protocol", protocol,
                        "session", session,
                        "step", step,
                        "culprits", culprits,
                        "what", cut(what)));
    }

    /// The pair's set-up is out of use.
    void burned(int peer, long epoch, String setup, String step) {
        log.append("pair.burned", Map.of("peer", peer, "epoch", epoch, "setup", setup, "step", step));
    }

    /// A pair has a new set-up.
    void paired(int peer, long epoch, String setup) {
        log.append("pair.made", Map.of("peer", peer, "epoch", epoch, "setup", setup));
    }

    /// An operator ended a quarantine.
    void released(int peer, String operator, String reason) {
        log.append("pair.released", Map.of("peer", peer, "operator", operator, "reason", cut(reason)));
    }

    /// This party has a share of a key that one party, the dealer, made whole.
    void dealt(String key, String session, int dealer) {
        log.append("key.dealt", Map.of("resource", cut(key), "session", session, "dealer", dealer));
    }

    /// A client's key is whole in this party's memory, while it shares it among all.
    void whole(RequestContext context, String session) {
        Map<String, Object> fields = of(context);
        fields.put("session", session);
        fields.put("what", "a key that its owner imports is whole in this party's memory while it is shared");
        log.append("key.whole", fields);
    }

    /// A share, or one that never came into use, is about to be erased.
    void erased(String keyId, String why) {
        log.append("share.erased", Map.of("key", keyId, "why", why));
    }

    /// Records how many refusals got no record of their own, when that is due.
    void tellOmitted() {
        omitted(strangers.due());
    }

    private void omitted(@Nullable Map<String, Long> counts) {
        if (counts != null) {
            log.append("requests.refused", Map.of("without_record", counts));
        }
    }

    /// The process began or ends its work.
    public void lifecycle(String event, Map<String, Object> fields) {
        omitted(strangers.rest());
        log.append(event, fields);
    }

    private static Map<String, Object> of(RequestContext context) {
        Map<String, Object> fields = new HashMap<>();
        put(
                fields,
                "principal",
                context.principal() == null ? null : context.principal().arn());
        put(fields, "action", context.action() == null ? null : context.action().name());
        put(
                fields,
                "operation",
                context.action() == null ? null : context.action().aws());
        put(fields, "region", context.region());
        put(fields, "resource", context.resource());
        put(fields, "decided_by", context.decidedBy());
        fields.put("request", context.requestDigest());
        RequestFacts facts = context.facts();
        fields.put("service", facts.service().prefix());
        put(fields, "source", facts.sourceAddress());
        put(fields, "agent", facts.userAgent());
        put(fields, "request_id", facts.requestId().isEmpty() ? null : facts.requestId());
        if (facts.caller() != null) {
            fields.put("caller", facts.caller().fields());
        }
        if (facts.parameters() != null) {
            fields.put("parameters", facts.parameters());
        }
        return fields;
    }

    private static void put(Map<String, Object> fields, String name, @Nullable String value) {
        if (value != null) {
            fields.put(name, cut(value));
        }
    }

    private static String cut(String text) {
        return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
    }
}

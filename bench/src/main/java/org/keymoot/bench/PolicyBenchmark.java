package org.keymoot.bench;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.keymoot.access.ContextKeys;
import org.keymoot.access.Principal;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.policy.Authorisation;
import org.keymoot.access.policy.Identity;
import org.keymoot.access.policy.Inquiry;
import org.keymoot.access.policy.KeyPolicy;
import org.keymoot.access.policy.Outcome;
import org.keymoot.access.policy.Policies;
import org.keymoot.access.policy.PolicyDocument;
import org.keymoot.access.policy.PolicyDocument.Kind;
import org.keymoot.access.policy.PolicySource;
import org.keymoot.access.policy.RequestValues;
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

/// Deciding about one request by ten policies: a key policy, eight of the identity of which the last allows, and a
/// boundary. The texts are new objects each time, as they come from registers.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(1)
public class PolicyBenchmark {
    private static final String ACCOUNT = "123456789012";
    private static final String KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final List<String> ROLES =
            List.of("kathy", "processor", "prover", "relayer", "sequencer", "validator", "watcher", "updater");

    private final List<char[]> identityTexts = new ArrayList<>();
    private final Principal alice = new Principal(ACCOUNT, "arn:aws:iam::" + ACCOUNT + ":user/alice");
    private final SignedRequest request = new SignedRequest("POST", "/", List.of(), new byte[0], "192.0.2.1");
    private final Instant now = Instant.parse("2026-11-22T12:00:00Z");
    private char[] keyText = new char[0];
    private char[] boundaryText = new char[0];

    @Setup
    public void write() {
        for (String role : ROLES) {
            identityTexts.add("""
                    {"Version":"2012-10-17","Statement":[
                     {"Effect":"Deny","Action":"kms:*","Resource":"*",
                      "Condition":{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","2001:db8::/32"]}}},
                     {"Effect":"Allow","Action":["kms:GetPublicKey","kms:Sign"],
                      "Resource":"arn:aws:kms:*:%s:key/*",
                      "Condition":{"ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/staging-%s*"},
                                   "StringEquals":{"aws:ResourceTag/owner":"${aws:username}"}}}]}
                    """.formatted(ACCOUNT, role).toCharArray());
        }
        keyText = KeyPolicy.defaultDocument(ACCOUNT).toCharArray();
        boundaryText =
                "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"kms:*\",\"Resource\":\"*\"}}"
                        .toCharArray();
        if (!tenPolicies().allowed()) {
            throw new IllegalStateException("the policies of this benchmark allow");
        }
    }

    @Benchmark
    public Outcome tenPolicies() {
        List<PolicySource> sources = new ArrayList<>();
        for (char[] text : identityTexts) {
            sources.add(new PolicySource("policy", PolicyDocument.stored(new String(text), Kind.IDENTITY)));
        }
        PolicySource boundary =
                new PolicySource("boundary", PolicyDocument.stored(new String(boundaryText), Kind.IDENTITY));
        Identity caller = new Identity(
                alice, null, "AIDAEXAMPLE", "alice", Map.of(), new Policies(sources, boundary, null), Map.of());
        RequestValues values = new RequestValues();
        ContextKeys.ofCaller(values, caller);
        ContextKeys.ofRequest(values, request, "us-east-1", now);
        values.put("kms:SigningAlgorithm", "ECDSA_SHA_256")
                .put("kms:ResourceAliases", List.of("alias/other", "alias/staging-updater-signer"))
                .put("aws:ResourceTag/owner", "alice");
        PolicySource keyPolicy =
                new PolicySource("key policy", PolicyDocument.stored(new String(keyText), Kind.RESOURCE));
        return Authorisation.decide(
                new Inquiry(caller, new Inquiry.Request("kms:Sign", KEY, values), ACCOUNT, keyPolicy));
    }
}

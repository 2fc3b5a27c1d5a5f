package org.keymoot.party.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.keymoot.access.Decision;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.SignedRequest;

class JudgeTest {
    @Test
    void whatNestsTooDeeplyToBeDecidedAllowsNothing() {
        DirectoryView view = (DirectoryView) Proxy.newProxyInstance(
                JudgeTest.class.getClassLoader(), new Class<?>[] {DirectoryView.class}, (proxy, method, arguments) -> {
                    throw new StackOverflowError("planted");
                });
        SignedRequest request = new SignedRequest(
                "POST",
                "/",
                List.of(
                        new SignedRequest.Header("Host", "localhost"),
                        new SignedRequest.Header("X-Amz-Date", "20261122T120000Z"),
                        new SignedRequest.Header("X-Amz-Target", "TrentService.ListKeys"),
                        new SignedRequest.Header(
                                "Authorization",
                                "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261122/us-east-1/kms/aws4_request,"
                                        + " SignedHeaders=host;x-amz-date;x-amz-target, Signature="
                                        + "0".repeat(64))),
                new byte[0],
                "192.0.2.1");
        Decision decision = Judge.decision(request, view, Instant.parse("2026-11-22T12:00:00Z"));
        assertThat(decision).isInstanceOfSatisfying(Decision.Refused.class, refused -> {
            assertThat(refused.error().type()).isEqualTo("KMSInternalException");
            assertThat(refused.context().requestDigest()).isEqualTo(request.unauthenticatedDigest());
        });
    }
}

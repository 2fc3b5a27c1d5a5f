package org.keymoot.control.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.platform.config.HostPort;
import org.keymoot.platform.http.HttpAnswer;
import org.keymoot.platform.http.HttpOptions;
import org.keymoot.platform.http.HttpServer;
import org.keymoot.platform.http.HttpTls;
import org.keymoot.platform.tls.Fingerprint;
import org.keymoot.platform.tls.NodeIdentity;
import org.keymoot.platform.tls.Pem;
import org.keymoot.platform.tls.PublicTls;
import org.keymoot.platform.tls.SpiffeId;

/// Both sides of joining, over real TLS on the loopback interface.
class AdmissionTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final SpiffeId PARTY_2 = SpiffeId.party("alpha", 2);
    private static final String DESCRIPTION = "{\"parties\":3}";

    @TempDir
    Path temp;

    private final SecureRandom random = new SecureRandom();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private final InstantSource clock = now::get;
    private final AtomicInteger asked = new AtomicInteger();

    @SuppressWarnings("NullAway.Init")
    private CertificateAuthority authority;

    @BeforeEach
    void init() throws IOException {
        authority = CertificateAuthority.init(temp.resolve("ca"), "alpha", null, null, clock, random);
    }

    @Test
    void letsANodeInAndGivesItAnIdentityThatLoads() throws Exception {
        Join join = new Join(clock, random);
        try (Admission admission = open(applicant ->
                applicant.key().equals(join.fingerprint()) && applicant.id().equals(PARTY_2))) {
            Join.Joined joined = join.request(address(admission), admission.fingerprint(), admission.code(), PARTY_2);
            assertThat(joined.clusterDescription()).isEqualTo(DESCRIPTION);
            assertThat(joined.root()).isEqualTo(authority.root());
            Optional<List<X509Certificate>> issued = admission.await(Duration.ofSeconds(1));
            assertThat(issued).contains(joined.chain());
            Path home = temp.resolve("home");
            join.write(home, joined);
            assertThat(NodeIdentity.load(home.resolve(Join.CHAIN_FILE), home.resolve(Join.KEY_FILE))
                            .id())
                    .isEqualTo(PARTY_2);
        }
    }

    @Test
    void tellsBothFingerprintsWhenTheAuthorityIsAnother() throws Exception {
        CertificateAuthority other =
                CertificateAuthority.init(temp.resolve("other"), "alpha", null, null, clock, random);
        try (Admission admission = open(this::ask)) {
            assertThatThrownBy(() -> new Join(clock, random)
                            .request(address(admission), other.fingerprint(), admission.code(), PARTY_2))
                    .isInstanceOf(JoinRefused.class)
                    .hasMessageContaining(other.fingerprint().text())
                    .hasMessageContaining(authority.fingerprint().text());
            assertThat(asked).hasValue(0);
            // The code was never sent, so it still works.
            assertThat(joinWith(admission, admission.code()).chain()).hasSize(2);
        }
    }

    @Test
    void acceptsItsCodeOnlyOnce() throws Exception {
        try (Admission admission = open(this::ask)) {
            assertThat(joinWith(admission, admission.code()).chain()).hasSize(2);
            assertThatThrownBy(() -> joinWith(admission, admission.code()))
                    .isInstanceOf(JoinRefused.class)
                    .hasMessageContaining("used already");
            assertThat(asked).hasValue(1);
        }
    }

    @Test
    void refusesAnExpiredCode() throws Exception {
        try (Admission admission = open(this::ask)) {
            now.updateAndGet(time -> time.plus(Duration.ofMinutes(16)));
            assertThatThrownBy(() -> joinWith(admission, admission.code()))
                    .isInstanceOf(JoinRefused.class)
                    .hasMessageContaining("expired");
            assertThat(asked).hasValue(0);
        }
    }

    @Test
    void endsTheInvitationAfterFiveWrongCodes() throws Exception {
        try (Admission admission = open(this::ask)) {
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> joinWith(admission, "0000-0000-0000-0000"))
                        .isInstanceOf(JoinRefused.class)
                        .hasMessageContaining("wrong");
            }
            assertThatThrownBy(() -> joinWith(admission, admission.code()))
                    .isInstanceOf(JoinRefused.class)
                    .hasMessageContaining("too many");
            assertThat(asked).hasValue(0);
        }
    }

    @Test
    void signsNothingWhenTheOperatorDoesNotKnowTheKey() throws Exception {
        try (Admission admission = open(applicant -> false)) {
            assertThatThrownBy(() -> joinWith(admission, admission.code()))
                    .isInstanceOf(JoinRefused.class)
                    .hasMessageContaining("refused this key");
            assertThat(admission.await(Duration.ofSeconds(1))).isEmpty();
            assertThatThrownBy(() -> joinWith(admission, admission.code())).isInstanceOf(JoinRefused.class);
        }
    }

    @Test
    void refusesACertificateForAnotherNameThanTheNodeExpects() throws Exception {
        try (Admission admission = open(this::ask)) {
            assertThatThrownBy(() -> new Join(clock, random)
                            .request(
                                    address(admission),
                                    admission.fingerprint(),
                                    admission.code(),
                                    SpiffeId.party("alpha", 3)))
                    .isInstanceOf(JoinRefused.class)
                    .hasMessageContaining("party/2")
                    .hasMessageContaining("party/3");
        }
    }

    @Test
    void doesNotTakeANodeOfTheClusterForItsAuthority() throws Exception {
        Path chain = temp.resolve("web.pem");
        Path key = temp.resolve("web.key");
        authority.issueWebServerToFiles(List.of("127.0.0.1"), chain, key);
        List<X509Certificate> shown = new ArrayList<>(Pem.certificates(chain));
        shown.add(authority.root());
        HttpTls tls = HttpTls.server(PublicTls.server(shown, Pem.privateKey(key)));
        AtomicInteger reached = new AtomicInteger();
        try (HttpServer impostor =
                HttpServer.start(HttpOptions.plain("impostor", ANY_PORT).withTls(tls), exchange -> {
                    reached.incrementAndGet();
                    return HttpAnswer.text(200, "give me your code");
                })) {
            HostPort address = new HostPort("127.0.0.1", impostor.address().getPort());
            Fingerprint root = authority.fingerprint();
            assertThatThrownBy(() -> new Join(clock, random).request(address, root, "code", PARTY_2))
                    .isInstanceOf(JoinRefused.class)
                    .hasMessageContaining("not its authority");
            assertThat(reached).hasValue(0);
        }
    }

    @Test
    void saysWhereItFoundNoAuthority() throws Exception {
        Admission admission = open(this::ask);
        HostPort address = address(admission);
        admission.close();
        assertThatThrownBy(() ->
                        new Join(clock, random).request(address, admission.fingerprint(), admission.code(), PARTY_2))
                .isInstanceOf(JoinRefused.class)
                .hasMessageContaining("cannot be reached")
                .hasMessageContaining(address.toString());
    }

    private Admission open(Predicate<Applicant> operator) throws IOException {
        Invitation invitation = new Invitation(PARTY_2, List.of("127.0.0.1"), Duration.ofMinutes(15), DESCRIPTION);
        return Admission.open(authority, invitation, ANY_PORT, operator, clock, random);
    }

    private boolean ask(Applicant applicant) {
        return asked.incrementAndGet() > 0;
    }

    private Join.Joined joinWith(Admission admission, String code) throws Exception {
        return new Join(clock, random).request(address(admission), admission.fingerprint(), code, PARTY_2);
    }

    private static HostPort address(Admission admission) {
        return new HostPort("127.0.0.1", admission.address().getPort());
    }
}

package org.keymoot.access.iam;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.access.AwsException;
import org.keymoot.access.Credential;
import org.keymoot.access.CredentialLookup;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.IssuedSecret;
import org.keymoot.access.Principal;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.Session;
import org.keymoot.access.sigv4.AsymmetricKey;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.access.sigv4.SigningKey;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.secret.SecretBytes;

/// Finds out for whom an access key stands: by its register, by its session token, or among the operator's own.
///
/// It keeps true: an access key that has a register counts only while the register and its user say so, and a
/// session only until its end, which is soon after it was made, and while the role or user that it is of exists.
public final class Callers implements CredentialLookup {
    private final DirectoryView view;

    public Callers(DirectoryView view) {
        this.view = view;
    }

    @Override
    public @Nullable Credential credential(String accessKeyId) {
        RegisterName register = AccessKeyRecord.registerOf(accessKeyId);
        RegisterValue value = register == null ? null : view.read(register);
        if (register == null || value == null) {
            return view.credential(accessKeyId);
        }
        AccessKeyRecord key = AccessKeyRecord.decode(register, value.json());
        IdentityRecord user = key.deleted() ? null : find(OwnerKind.USER, key.account(), key.userName(), key.userId());
        if (user == null) {
            return null;
        }
        Principal principal = new Principal(user.account(), user.arn());
        String publicKey = key.publicKey();
        if (publicKey != null) {
            return new Public(principal, key.active(), decoded(publicKey));
        }
        IssuedSecret secret = view.issued(register, Objects.requireNonNull(key.commitment()));
        return secret == null ? null : new Issued(principal, key.active(), secret);
    }

    private static Point decoded(String publicKey) {
        try {
            return AsymmetricKey.decode(publicKey);
        } catch (InvalidEncodingException e) {
            throw new IllegalStateException("a register holds a damaged public key", e);
        }
    }

    @Override
    public @Nullable Credential session(String accessKeyId, String token, Instant now) {
        String account = accessKeyId.startsWith("ASIA") ? AccessKeyRecord.accountOf(accessKeyId) : null;
        RegisterName register = account == null ? null : SessionTokens.registerOf(account, token);
        if (register != null && SessionTokens.isOver(register, now)) {
            // Not even the secret is looked for, which the parties have erased.
            throw expired();
        }
        RegisterValue value = register == null ? null : view.read(register);
        String commitment = value == null ? null : AccessKeyRecord.commitmentIn(value.json());
        if (account == null || register == null || commitment == null) {
            return null;
        }
        IssuedSecret secret = view.issued(register, commitment);
        Session session = secret == null ? null : SessionTokens.open(accessKeyId, token, secret);
        if (secret == null || session == null) {
            return null;
        }
        if (!now.isBefore(session.expiresAt())) {
            throw expired();
        }
        if (!SessionTokens.isPlausible(session, register, account, now)) {
            return null;
        }
        if (!session.webIdentity().isEmpty() && !stillVouchedFor(account, session)) {
            return null;
        }
        Principal principal = principal(account, session);
        return principal == null ? null : new OfSession(principal, session, token, secret);
    }

    private static AwsException expired() {
        return new AwsException(
                AwsError.of("ExpiredTokenException", "The security token included in the request is expired"));
    }

    /// Whether the identity token that the session was made for was good when it was made, by this party's own
    /// judgement and by the provider and keys that the account has now.
    private boolean stillVouchedFor(String account, Session session) {
        try {
            WebIdentity.verified(view, account, session.webIdentity(), session.issuedAt());
            return true;
        } catch (AwsException e) {
            return false;
        }
    }

    /// Null when what the session is of exists no more.
    private @Nullable Principal principal(String account, Session session) {
        switch (session.kind()) {
            case ROLE -> {
                IdentityRecord role = find(OwnerKind.ROLE, account, session.owner(), session.ownerId());
                return role == null
                        ? null
                        : new Principal(account, Sts.sessionArn(account, role.name(), session.name()));
            }
            case USER -> {
                if (session.owner().isEmpty()) {
                    return Principal.root(account);
                }
                IdentityRecord user = find(OwnerKind.USER, account, session.owner(), session.ownerId());
                return user == null ? null : new Principal(account, user.arn());
            }
            case FEDERATED -> {
                boolean known = session.owner().isEmpty()
                        || find(OwnerKind.USER, account, session.owner(), session.ownerId()) != null;
                return known ? new Principal(account, Sts.federatedArn(account, session.name())) : null;
            }
        }
        throw new IllegalStateException("sessions are of roles, users or federated users");
    }

    /// The user or role of this name, if it still is the one with this id.
    private @Nullable IdentityRecord find(OwnerKind kind, String account, String name, String id) {
        IdentityRecord found = RegisteredIdentities.find(view, kind, account, name);
        return found == null || !found.id().equals(id) ? null : found;
    }

    private record Issued(Principal principal, boolean active, IssuedSecret secret) implements Credential {
        @Override
        public byte[] sign(CredentialScope scope, byte[] stringToSign) {
            return secret.sign(scope, stringToSign);
        }
    }

    /// An access key of which the parties hold no secret.
    private record Public(Principal principal, boolean active, Point publicKey) implements Credential {
        @Override
        public byte[] sign(CredentialScope scope, byte[] stringToSign) {
            throw new IllegalStateException("the parties hold no secret of this access key");
        }
    }

    private static final class OfSession implements Credential {
        private final Principal principal;
        private final Session session;
        private final String token;
        private final IssuedSecret secret;

        OfSession(Principal principal, Session session, String token, IssuedSecret secret) {
            this.principal = principal;
            this.session = session;
            this.token = token;
            this.secret = secret;
        }

        @Override
        public Principal principal() {
            return principal;
        }

        @Override
        public boolean active() {
            return true;
        }

        @Override
        public Session session() {
            return session;
        }

        @Override
        public byte[] sign(CredentialScope scope, byte[] stringToSign) {
            byte[] key = SessionTokens.secretAccessKey(token, secret).getBytes(StandardCharsets.US_ASCII);
            try (SecretBytes bytes = SecretBytes.copyOf(MemorySegment.ofArray(key))) {
                return SigningKey.sign(bytes, scope, stringToSign);
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        }
    }
}

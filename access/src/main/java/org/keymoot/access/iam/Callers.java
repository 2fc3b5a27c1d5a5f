package org.keymoot.access.iam;

import org.jspecify.annotations.Nullable;
import org.keymoot.access.Credential;
import org.keymoot.access.CredentialLookup;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.IssuedSecret;
import org.keymoot.access.Principal;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.sigv4.CredentialScope;

/// Finds out for whom an access key stands: by its register, and where it has none among the operator's own.
///
/// It keeps true: an access key that has a register counts only while the register and its user say so.
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
        IdentityRecord user = user(key.account(), key.userName(), key.userId());
        IssuedSecret secret = view.issued(register, key.commitment());
        if (key.deleted() || user == null || secret == null) {
            return null;
        }
        return new Issued(new Principal(user.account(), user.arn()), key.active(), secret);
    }

    /// The user of this name, if it still is the one with this id.
    private @Nullable IdentityRecord user(String account, String name, String id) {
        RegisterName register = IdentityRecord.register(OwnerKind.USER, account, name);
        RegisterValue value = view.read(register);
        if (value == null) {
            return null;
        }
        IdentityRecord user = IdentityRecord.decode(register, value.json());
        return user.deleted() || !user.id().equals(id) ? null : user;
    }

    private record Issued(Principal principal, boolean active, IssuedSecret secret) implements Credential {
        @Override
        public byte[] sign(CredentialScope scope, byte[] stringToSign) {
            return secret.sign(scope, stringToSign);
        }
    }
}

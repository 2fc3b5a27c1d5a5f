package org.keymoot.access.iam;

import java.time.Instant;
import java.util.regex.Pattern;
import org.keymoot.access.Decision;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.Principal;
import org.keymoot.access.Service;
import org.keymoot.access.SignedRequest;

/// Decides about requests to STS.
///
/// It keeps true: the result depends on the arguments only; no session outlives its end, the role or user that it
/// is of, or what its maker may do.
public final class Sts {
    private static final Pattern ACCESS_KEY_ID = Pattern.compile("[a-zA-Z0-9_]+");

    private Sts() {}

    /// Decides about one request, as [org.keymoot.access.Kms#decide] does.
    public static Decision decide(SignedRequest request, DirectoryView view, Instant now) {
        IamCall call = new IamCall(Service.STS, request, view, now);
        return call.decide(action -> run(call, (StsAction) action));
    }

    private static Decision run(IamCall call, StsAction action) {
        return switch (action) {
            case GET_CALLER_IDENTITY -> callerIdentity(call);
            case GET_ACCESS_KEY_INFO -> accessKeyInfo(call);
        };
    }

    /// Needs no permission: whoever can sign may know who it is.
    private static Decision callerIdentity(IamCall call) {
        Principal caller = call.principal();
        return call.answer(
                new Xml().put("Arn", caller.arn()).put("UserId", call.userId()).put("Account", caller.account()));
    }

    /// The account is part of an access key's id.
    private static Decision accessKeyInfo(IamCall call) {
        String id = call.form().required("AccessKeyId", 16, 128, ACCESS_KEY_ID);
        call.form().check();
        call.authorise("*");
        String account = AccessKeyRecord.accountOf(id);
        if (account == null) {
            throw IamCall.refuse("ValidationError", "The access key id is not of this cluster's form.");
        }
        return call.answer(new Xml().put("Account", account));
    }
}

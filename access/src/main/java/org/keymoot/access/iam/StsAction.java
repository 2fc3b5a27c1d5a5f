package org.keymoot.access.iam;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Service;
import org.keymoot.access.ServiceAction;

/// The actions of STS that are offered; a name that is not among them is answered with InvalidAction.
public enum StsAction implements ServiceAction {
    GET_CALLER_IDENTITY("GetCallerIdentity"),
    GET_ACCESS_KEY_INFO("GetAccessKeyInfo"),
    GET_SESSION_TOKEN("GetSessionToken"),
    GET_FEDERATION_TOKEN("GetFederationToken"),
    ASSUME_ROLE("AssumeRole"),
    ASSUME_ROLE_WITH_WEB_IDENTITY("AssumeRoleWithWebIdentity"),
    DECODE_AUTHORIZATION_MESSAGE("DecodeAuthorizationMessage");

    private static final Map<String, StsAction> BY_NAME = new HashMap<>();

    static {
        for (StsAction action : values()) {
            BY_NAME.put(action.aws, action);
        }
    }

    private final String aws;

    StsAction(String aws) {
        this.aws = aws;
    }

    /// Whether its answer holds the credentials of a new session.
    public boolean makesSession() {
        return switch (this) {
            case GET_SESSION_TOKEN, GET_FEDERATION_TOKEN, ASSUME_ROLE, ASSUME_ROLE_WITH_WEB_IDENTITY -> true;
            case GET_CALLER_IDENTITY, GET_ACCESS_KEY_INFO, DECODE_AUTHORIZATION_MESSAGE -> false;
        };
    }

    @Override
    public String aws() {
        return aws;
    }

    @Override
    public Service service() {
        return Service.STS;
    }

    public static @Nullable StsAction find(String aws) {
        return BY_NAME.get(aws);
    }
}

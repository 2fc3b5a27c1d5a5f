package org.keymoot.access.iam;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Service;
import org.keymoot.access.ServiceAction;

/// The actions of IAM that are offered; a name that is not among them is answered with InvalidAction.
public enum IamAction implements ServiceAction {
    CREATE_USER("CreateUser"),
    GET_USER("GetUser"),
    LIST_USERS("ListUsers"),
    DELETE_USER("DeleteUser"),
    UPDATE_USER("UpdateUser"),
    TAG_USER("TagUser"),
    UNTAG_USER("UntagUser"),
    LIST_USER_TAGS("ListUserTags"),
    CREATE_GROUP("CreateGroup"),
    GET_GROUP("GetGroup"),
    LIST_GROUPS("ListGroups"),
    DELETE_GROUP("DeleteGroup"),
    UPDATE_GROUP("UpdateGroup"),
    ADD_USER_TO_GROUP("AddUserToGroup"),
    REMOVE_USER_FROM_GROUP("RemoveUserFromGroup"),
    LIST_GROUPS_FOR_USER("ListGroupsForUser"),
    CREATE_ROLE("CreateRole"),
    GET_ROLE("GetRole"),
    LIST_ROLES("ListRoles"),
    DELETE_ROLE("DeleteRole"),
    UPDATE_ASSUME_ROLE_POLICY("UpdateAssumeRolePolicy"),
    UPDATE_ROLE("UpdateRole"),
    UPDATE_ROLE_DESCRIPTION("UpdateRoleDescription"),
    TAG_ROLE("TagRole"),
    UNTAG_ROLE("UntagRole"),
    LIST_ROLE_TAGS("ListRoleTags"),
    CREATE_POLICY("CreatePolicy"),
    GET_POLICY("GetPolicy"),
    GET_POLICY_VERSION("GetPolicyVersion"),
    LIST_POLICIES("ListPolicies"),
    DELETE_POLICY("DeletePolicy"),
    CREATE_POLICY_VERSION("CreatePolicyVersion"),
    LIST_POLICY_VERSIONS("ListPolicyVersions"),
    SET_DEFAULT_POLICY_VERSION("SetDefaultPolicyVersion"),
    DELETE_POLICY_VERSION("DeletePolicyVersion"),
    LIST_ENTITIES_FOR_POLICY("ListEntitiesForPolicy"),
    TAG_POLICY("TagPolicy"),
    UNTAG_POLICY("UntagPolicy"),
    LIST_POLICY_TAGS("ListPolicyTags"),
    ATTACH_USER_POLICY("AttachUserPolicy"),
    DETACH_USER_POLICY("DetachUserPolicy"),
    LIST_ATTACHED_USER_POLICIES("ListAttachedUserPolicies"),
    PUT_USER_POLICY("PutUserPolicy"),
    GET_USER_POLICY("GetUserPolicy"),
    LIST_USER_POLICIES("ListUserPolicies"),
    DELETE_USER_POLICY("DeleteUserPolicy"),
    ATTACH_GROUP_POLICY("AttachGroupPolicy"),
    DETACH_GROUP_POLICY("DetachGroupPolicy"),
    LIST_ATTACHED_GROUP_POLICIES("ListAttachedGroupPolicies"),
    PUT_GROUP_POLICY("PutGroupPolicy"),
    GET_GROUP_POLICY("GetGroupPolicy"),
    LIST_GROUP_POLICIES("ListGroupPolicies"),
    DELETE_GROUP_POLICY("DeleteGroupPolicy"),
    ATTACH_ROLE_POLICY("AttachRolePolicy"),
    DETACH_ROLE_POLICY("DetachRolePolicy"),
    LIST_ATTACHED_ROLE_POLICIES("ListAttachedRolePolicies"),
    PUT_ROLE_POLICY("PutRolePolicy"),
    GET_ROLE_POLICY("GetRolePolicy"),
    LIST_ROLE_POLICIES("ListRolePolicies"),
    DELETE_ROLE_POLICY("DeleteRolePolicy"),
    PUT_USER_PERMISSIONS_BOUNDARY("PutUserPermissionsBoundary"),
    DELETE_USER_PERMISSIONS_BOUNDARY("DeleteUserPermissionsBoundary"),
    PUT_ROLE_PERMISSIONS_BOUNDARY("PutRolePermissionsBoundary"),
    DELETE_ROLE_PERMISSIONS_BOUNDARY("DeleteRolePermissionsBoundary"),
    CREATE_ACCESS_KEY("CreateAccessKey"),
    LIST_ACCESS_KEYS("ListAccessKeys"),
    UPDATE_ACCESS_KEY("UpdateAccessKey"),
    DELETE_ACCESS_KEY("DeleteAccessKey"),
    GET_ACCESS_KEY_LAST_USED("GetAccessKeyLastUsed"),
    CREATE_OIDC_PROVIDER("CreateOpenIDConnectProvider"),
    GET_OIDC_PROVIDER("GetOpenIDConnectProvider"),
    LIST_OIDC_PROVIDERS("ListOpenIDConnectProviders"),
    DELETE_OIDC_PROVIDER("DeleteOpenIDConnectProvider"),
    ADD_OIDC_CLIENT_ID("AddClientIDToOpenIDConnectProvider"),
    REMOVE_OIDC_CLIENT_ID("RemoveClientIDFromOpenIDConnectProvider"),
    UPDATE_OIDC_THUMBPRINT("UpdateOpenIDConnectProviderThumbprint"),
    TAG_OIDC_PROVIDER("TagOpenIDConnectProvider"),
    UNTAG_OIDC_PROVIDER("UntagOpenIDConnectProvider"),
    LIST_OIDC_PROVIDER_TAGS("ListOpenIDConnectProviderTags"),
    /// Not of AWS, which fetches the keys itself.
    PUT_OIDC_KEYS("PutOpenIDConnectProviderKeys"),
    LIST_INSTANCE_PROFILES("ListInstanceProfiles"),
    LIST_INSTANCE_PROFILES_FOR_ROLE("ListInstanceProfilesForRole"),
    LIST_MFA_DEVICES("ListMFADevices"),
    LIST_VIRTUAL_MFA_DEVICES("ListVirtualMFADevices"),
    LIST_SSH_PUBLIC_KEYS("ListSSHPublicKeys"),
    LIST_SIGNING_CERTIFICATES("ListSigningCertificates"),
    LIST_SERVICE_SPECIFIC_CREDENTIALS("ListServiceSpecificCredentials"),
    GET_LOGIN_PROFILE("GetLoginProfile"),
    DELETE_LOGIN_PROFILE("DeleteLoginProfile"),
    LIST_ACCOUNT_ALIASES("ListAccountAliases"),
    GET_ACCOUNT_SUMMARY("GetAccountSummary"),
    SIMULATE_PRINCIPAL_POLICY("SimulatePrincipalPolicy"),
    SIMULATE_CUSTOM_POLICY("SimulateCustomPolicy");

    private static final Map<String, IamAction> BY_NAME = new HashMap<>();

    static {
        for (IamAction action : values()) {
            BY_NAME.put(action.aws, action);
        }
    }

    private final String aws;

    IamAction(String aws) {
        this.aws = aws;
    }

    @Override
    public String aws() {
        return aws;
    }

    @Override
    public boolean hasEmptyResult() {
        return this == UPDATE_ROLE;
    }

    @Override
    public Service service() {
        return Service.IAM;
    }

    public static @Nullable IamAction find(String aws) {
        return BY_NAME.get(aws);
    }
}

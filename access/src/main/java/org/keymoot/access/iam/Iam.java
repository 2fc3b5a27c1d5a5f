package org.keymoot.access.iam;

import java.time.Instant;
import org.keymoot.access.Decision;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.Service;
import org.keymoot.access.SignedRequest;

/// Decides about requests to IAM.
///
/// It keeps true: the result depends on the arguments only; every change writes one register.
public final class Iam {
    private Iam() {}

    /// Decides about one request, as [org.keymoot.access.Kms#decide] does.
    public static Decision decide(SignedRequest request, DirectoryView view, Instant now) {
        IamCall call = new IamCall(Service.IAM, request, view, now);
        return call.decide(action -> run(call, (IamAction) action));
    }

    private static Decision run(IamCall call, IamAction action) {
        return switch (action) {
            case CREATE_USER -> IdentityActions.create(call, OwnerKind.USER);
            case GET_USER -> IdentityActions.get(call, OwnerKind.USER);
            case LIST_USERS -> IdentityActions.list(call, OwnerKind.USER);
            case DELETE_USER -> IdentityActions.delete(call, OwnerKind.USER);
            case UPDATE_USER -> IdentityActions.update(call, OwnerKind.USER);
            case TAG_USER -> IdentityActions.tag(call, OwnerKind.USER);
            case UNTAG_USER -> IdentityActions.untag(call, OwnerKind.USER);
            case LIST_USER_TAGS -> IdentityActions.listTags(call, OwnerKind.USER);
            case CREATE_GROUP -> IdentityActions.create(call, OwnerKind.GROUP);
            case GET_GROUP -> IdentityActions.get(call, OwnerKind.GROUP);
            case LIST_GROUPS -> IdentityActions.list(call, OwnerKind.GROUP);
            case DELETE_GROUP -> IdentityActions.delete(call, OwnerKind.GROUP);
            case UPDATE_GROUP -> IdentityActions.update(call, OwnerKind.GROUP);
            case ADD_USER_TO_GROUP -> IdentityActions.addToGroup(call);
            case REMOVE_USER_FROM_GROUP -> IdentityActions.removeFromGroup(call);
            case LIST_GROUPS_FOR_USER -> IdentityActions.groupsOfUser(call);
            case CREATE_ROLE -> IdentityActions.create(call, OwnerKind.ROLE);
            case GET_ROLE -> IdentityActions.get(call, OwnerKind.ROLE);
            case LIST_ROLES -> IdentityActions.list(call, OwnerKind.ROLE);
            case DELETE_ROLE -> IdentityActions.delete(call, OwnerKind.ROLE);
            case UPDATE_ASSUME_ROLE_POLICY -> IdentityActions.updateTrust(call);
            case UPDATE_ROLE -> IdentityActions.updateRole(call, false);
            case UPDATE_ROLE_DESCRIPTION -> IdentityActions.updateRole(call, true);
            case TAG_ROLE -> IdentityActions.tag(call, OwnerKind.ROLE);
            case UNTAG_ROLE -> IdentityActions.untag(call, OwnerKind.ROLE);
            case LIST_ROLE_TAGS -> IdentityActions.listTags(call, OwnerKind.ROLE);
            case CREATE_POLICY -> ManagedPolicies.create(call);
            case GET_POLICY -> ManagedPolicies.get(call);
            case GET_POLICY_VERSION -> ManagedPolicies.getVersion(call);
            case LIST_POLICIES -> ManagedPolicies.list(call);
            case DELETE_POLICY -> ManagedPolicies.delete(call);
            case CREATE_POLICY_VERSION -> ManagedPolicies.createVersion(call);
            case LIST_POLICY_VERSIONS -> ManagedPolicies.listVersions(call);
            case SET_DEFAULT_POLICY_VERSION -> ManagedPolicies.setDefault(call);
            case DELETE_POLICY_VERSION -> ManagedPolicies.deleteVersion(call);
            case LIST_ENTITIES_FOR_POLICY -> ManagedPolicies.entities(call);
            case TAG_POLICY -> ManagedPolicies.tag(call);
            case UNTAG_POLICY -> ManagedPolicies.untag(call);
            case LIST_POLICY_TAGS -> ManagedPolicies.listTags(call);
            case ATTACH_USER_POLICY -> OwnedPolicies.attach(call, OwnerKind.USER);
            case DETACH_USER_POLICY -> OwnedPolicies.detach(call, OwnerKind.USER);
            case LIST_ATTACHED_USER_POLICIES -> OwnedPolicies.listAttached(call, OwnerKind.USER);
            case PUT_USER_POLICY -> OwnedPolicies.put(call, OwnerKind.USER);
            case GET_USER_POLICY -> OwnedPolicies.get(call, OwnerKind.USER);
            case LIST_USER_POLICIES -> OwnedPolicies.list(call, OwnerKind.USER);
            case DELETE_USER_POLICY -> OwnedPolicies.delete(call, OwnerKind.USER);
            case ATTACH_GROUP_POLICY -> OwnedPolicies.attach(call, OwnerKind.GROUP);
            case DETACH_GROUP_POLICY -> OwnedPolicies.detach(call, OwnerKind.GROUP);
            case LIST_ATTACHED_GROUP_POLICIES -> OwnedPolicies.listAttached(call, OwnerKind.GROUP);
            case PUT_GROUP_POLICY -> OwnedPolicies.put(call, OwnerKind.GROUP);
            case GET_GROUP_POLICY -> OwnedPolicies.get(call, OwnerKind.GROUP);
            case LIST_GROUP_POLICIES -> OwnedPolicies.list(call, OwnerKind.GROUP);
            case DELETE_GROUP_POLICY -> OwnedPolicies.delete(call, OwnerKind.GROUP);
            case ATTACH_ROLE_POLICY -> OwnedPolicies.attach(call, OwnerKind.ROLE);
            case DETACH_ROLE_POLICY -> OwnedPolicies.detach(call, OwnerKind.ROLE);
            case LIST_ATTACHED_ROLE_POLICIES -> OwnedPolicies.listAttached(call, OwnerKind.ROLE);
            case PUT_ROLE_POLICY -> OwnedPolicies.put(call, OwnerKind.ROLE);
            case GET_ROLE_POLICY -> OwnedPolicies.get(call, OwnerKind.ROLE);
            case LIST_ROLE_POLICIES -> OwnedPolicies.list(call, OwnerKind.ROLE);
            case DELETE_ROLE_POLICY -> OwnedPolicies.delete(call, OwnerKind.ROLE);
            case PUT_USER_PERMISSIONS_BOUNDARY -> OwnedPolicies.putBoundary(call, OwnerKind.USER);
            case DELETE_USER_PERMISSIONS_BOUNDARY -> OwnedPolicies.deleteBoundary(call, OwnerKind.USER);
            case PUT_ROLE_PERMISSIONS_BOUNDARY -> OwnedPolicies.putBoundary(call, OwnerKind.ROLE);
            case DELETE_ROLE_PERMISSIONS_BOUNDARY -> OwnedPolicies.deleteBoundary(call, OwnerKind.ROLE);
            case CREATE_ACCESS_KEY -> AccessKeyActions.create(call);
            case LIST_ACCESS_KEYS -> AccessKeyActions.list(call);
            case UPDATE_ACCESS_KEY -> AccessKeyActions.update(call);
            case DELETE_ACCESS_KEY -> AccessKeyActions.delete(call);
            case GET_ACCESS_KEY_LAST_USED -> AccessKeyActions.lastUsed(call);
            case CREATE_OIDC_PROVIDER -> OidcProviders.create(call);
            case GET_OIDC_PROVIDER -> OidcProviders.get(call);
            case LIST_OIDC_PROVIDERS -> OidcProviders.list(call);
            case DELETE_OIDC_PROVIDER -> OidcProviders.delete(call);
            case ADD_OIDC_CLIENT_ID -> OidcProviders.addClientId(call);
            case REMOVE_OIDC_CLIENT_ID -> OidcProviders.removeClientId(call);
            case UPDATE_OIDC_THUMBPRINT -> OidcProviders.updateThumbprints(call);
            case TAG_OIDC_PROVIDER -> OidcProviders.tag(call);
            case UNTAG_OIDC_PROVIDER -> OidcProviders.untag(call);
            case LIST_OIDC_PROVIDER_TAGS -> OidcProviders.listTags(call);
            case PUT_OIDC_KEYS -> OidcProviders.putKeys(call);
            case LIST_INSTANCE_PROFILES -> EmptySets.ofAccount(call, "InstanceProfiles", "instance-profile/");
            case LIST_INSTANCE_PROFILES_FOR_ROLE -> EmptySets.of(call, OwnerKind.ROLE, "InstanceProfiles");
            case LIST_MFA_DEVICES -> EmptySets.of(call, OwnerKind.USER, "MFADevices");
            case LIST_VIRTUAL_MFA_DEVICES -> EmptySets.ofAccount(call, "VirtualMFADevices", "mfa/");
            case LIST_SSH_PUBLIC_KEYS -> EmptySets.of(call, OwnerKind.USER, "SSHPublicKeys");
            case LIST_SIGNING_CERTIFICATES -> EmptySets.of(call, OwnerKind.USER, "Certificates");
            case LIST_SERVICE_SPECIFIC_CREDENTIALS -> EmptySets.of(call, OwnerKind.USER, "ServiceSpecificCredentials");
            case GET_LOGIN_PROFILE, DELETE_LOGIN_PROFILE -> EmptySets.noLoginProfile(call);
            case LIST_ACCOUNT_ALIASES -> AccountActions.aliases(call);
            case GET_ACCOUNT_SUMMARY -> AccountActions.summary(call);
            case SIMULATE_PRINCIPAL_POLICY -> Simulation.ofPrincipal(call);
            case SIMULATE_CUSTOM_POLICY -> Simulation.ofCustom(call);
        };
    }
}

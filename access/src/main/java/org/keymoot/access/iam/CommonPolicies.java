package org.keymoot.access.iam;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.keymoot.access.iam.PolicyRecord.Version;

/// The managed policies that every account has, under the names that AWS gives them.
final class CommonPolicies {
    private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");

    static final Map<String, PolicyRecord> BY_ARN = Stream.of(
                    policy(
                            "AdministratorAccess",
                            "ANPAKEYMOOTADMIN22222",
                            "Everything on every resource.",
                            allow("\"*\"")),
                    policy(
                            "IAMFullAccess",
                            "ANPAKEYMOOTIAMFULL222",
                            "Everything on users, groups, roles, policies and access keys.",
                            allow("\"iam:*\"")),
                    policy(
                            "IAMReadOnlyAccess",
                            "ANPAKEYMOOTIAMREAD222",
                            "Looking at users, groups, roles and policies.",
                            allow("[\"iam:Get*\",\"iam:List*\",\"iam:Simulate*\"]")),
                    policy(
                            "AWSKeyManagementServicePowerUser",
                            "ANPAKEYMOOTKMSPOWER22",
                            "Making and describing keys, aliases and tags.",
                            allow("[\"kms:CreateAlias\",\"kms:CreateKey\",\"kms:DeleteAlias\",\"kms:Describe*\","
                                    + "\"kms:GenerateRandom\",\"kms:Get*\",\"kms:List*\",\"kms:TagResource\","
                                    + "\"kms:UntagResource\",\"iam:ListGroups\",\"iam:ListRoles\",\"iam:ListUsers\"]")))
            .collect(Collectors.toUnmodifiableMap(PolicyRecord::arn, policy -> policy));

    private CommonPolicies() {}

    private static String allow(String actions) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":" + actions
                + ",\"Resource\":\"*\"}]}";
    }

    private static PolicyRecord policy(String name, String id, String description, String document) {
        return new PolicyRecord(
                "aws",
                name,
                "/",
                id,
                description,
                MADE,
                MADE,
                new TreeMap<>(),
                List.of(new Version(1, document, MADE)),
                1,
                2,
                false,
                "");
    }
}

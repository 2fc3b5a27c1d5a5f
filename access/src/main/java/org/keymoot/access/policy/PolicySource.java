package org.keymoot.access.policy;

/// A policy and where it came from, so that a decision can say which one decided.
///
/// @param name such as `inline policy 'sign' of user alice`, or a managed policy's ARN
public record PolicySource(String name, PolicyDocument document) {}

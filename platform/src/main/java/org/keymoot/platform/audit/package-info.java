/// The record of what a node did, in order, that cannot be changed unnoticed. It keeps true: each record names
/// the hash of the one before it, an append returns only when its record is on disk, and when it cannot be
/// written in time the caller is told so and must refuse its work. Start at
/// [org.keymoot.platform.audit.AuditLog].
@NullMarked
package org.keymoot.platform.audit;

import org.jspecify.annotations.NullMarked;

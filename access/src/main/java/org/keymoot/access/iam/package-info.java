/// IAM and STS: users, groups, roles, policies, access keys and sessions, in AWS's Query protocol.
/// It keeps true: an action writes one register; whoever is made anew under an old name inherits nothing of the old
/// one, because groups, attachments and access keys refer to ids; and no secret is ever part of a decision's registers.
/// Start at [org.keymoot.access.iam.Iam].
@NullMarked
package org.keymoot.access.iam;

import org.jspecify.annotations.NullMarked;

/// What this party serves to endpoints and operators.
/// It keeps true: a service answers only certificates of its role, and a refusal of a client's request is an answer,
/// not
/// a transport error.
/// Start at [org.keymoot.party.gateway.GatewayService].
@NullMarked
package org.keymoot.party.gateway;

import org.jspecify.annotations.NullMarked;

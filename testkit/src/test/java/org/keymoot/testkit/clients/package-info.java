/// AWS's own clients, each of which calls every action of the endpoint in turn. It keeps true: the list of actions is
/// the
/// code's own, so an action that is added without a call here fails the build. Start at
/// [org.keymoot.testkit.clients.EveryActionTest].
@NullMarked
package org.keymoot.testkit.clients;

import org.jspecify.annotations.NullMarked;

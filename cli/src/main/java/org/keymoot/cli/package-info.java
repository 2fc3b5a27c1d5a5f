/// The commands of `keymoot`: each a thin client of the services, and `dev`, which starts a whole cluster on one
/// machine.
/// It keeps true: data goes to standard output and messages to standard error, every failure has a documented exit
/// code,
/// and no secret is ever taken from the command line. No class here can name a share: parties are other processes.
/// Start at [org.keymoot.cli.KeymootMain].
@NullMarked
package org.keymoot.cli;

import org.jspecify.annotations.NullMarked;

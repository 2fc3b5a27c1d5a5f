/// Settings of a daemon: a YAML file, and the environment over it, bound to records. It keeps true: an unknown
/// or malformed setting stops the start, all of them are named at once with what to do, and each value in force
/// can be traced to where it came from. Start at [org.keymoot.platform.config.ConfigLoader].
@NullMarked
package org.keymoot.platform.config;

import org.jspecify.annotations.NullMarked;

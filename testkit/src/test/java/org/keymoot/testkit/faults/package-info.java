/// Whole clusters under attack and misfortune: killed, restored, cloned, tampered with, fed rubbish, searched for
/// secrets.
/// It keeps true: each test states what was done to the cluster and which promise must hold afterwards.
/// Start at [org.keymoot.testkit.faults.KillTest].
@NullMarked
package org.keymoot.testkit.faults;

import org.jspecify.annotations.NullMarked;

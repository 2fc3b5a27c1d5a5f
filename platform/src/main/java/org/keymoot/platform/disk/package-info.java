/// Files and directories that only the owner may read, and that survive a crash once written. It keeps true:
/// nothing is created with wider access than 0600 or 0700, nothing with wider access is read, and a file is on
/// disk, with its name, when the call that wrote it returns. Start at [org.keymoot.platform.disk.PrivateFiles].
@NullMarked
package org.keymoot.platform.disk;

import org.jspecify.annotations.NullMarked;

/// The documents, read as programs: every command in them is run, every link followed, every setting compared.
/// It keeps true: what a page shows is what a reader sees.
/// Start at [org.keymoot.testkit.docs.DocumentationTest].
@NullMarked
package org.keymoot.testkit.docs;

import org.jspecify.annotations.NullMarked;

/// One HTTP listener, with limits, behind an interface that shows a request as it came over the wire. It keeps
/// true: no request holds more memory or time than its listener allows, no answer tells of stack traces or of
/// the server's software, and nothing outside this package sees the server library. Start at
/// [org.keymoot.platform.http.HttpServer].
@NullMarked
package org.keymoot.platform.http;

import org.jspecify.annotations.NullMarked;

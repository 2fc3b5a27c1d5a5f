/// How a daemon shows what it does: log lines on its error stream, and figures and health over HTTP.
/// It keeps true: logs are JSON, one event a line; figures and health answer on a listener of their own, without
/// secrets.
/// Start at [org.keymoot.platform.telemetry.Telemetry].
@NullMarked
package org.keymoot.platform.telemetry;

import org.jspecify.annotations.NullMarked;

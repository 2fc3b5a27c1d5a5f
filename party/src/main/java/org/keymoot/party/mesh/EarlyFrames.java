package org.keymoot.party.mesh;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keymoot.api.mesh.v1.MeshFrame;
import org.keymoot.party.mesh.MeshMetrics.Dropped;

/// What one link brought for sessions to which this party has not been invited yet: a third party's invitation may take
/// longer than the first frame of a peer that already has it.
///
/// It keeps true: bytes, sessions and age are bounded, and the oldest goes first.
final class EarlyFrames {
    private final MeshLimits limits;
    private final MeshMetrics metrics;
    private final LinkedHashMap<ByteString, Waiting> waiting = new LinkedHashMap<>();
    private int bytes;

    private static final class Waiting {
        final long sinceNanos = System.nanoTime();
        final List<MeshFrame> frames = new ArrayList<>();
        int bytes;
    }

    EarlyFrames(MeshLimits limits, MeshMetrics metrics) {
        this.limits = limits;
        this.metrics = metrics;
    }

    synchronized void hold(ByteString session, MeshFrame frame) {
        expire();
        int size = frame.getSerializedSize();
        if (size > limits.earlyBytesPerPeer()) {
            metrics.dropped(Dropped.EARLY_OVERFLOW);
            return;
        }
        while (bytes + size > limits.earlyBytesPerPeer()
                || (!waiting.containsKey(session) && waiting.size() >= limits.earlySessionsPerPeer())) {
            dropOldest(Dropped.EARLY_OVERFLOW);
        }
        Waiting entry = waiting.computeIfAbsent(session, s -> new Waiting());
        entry.frames.add(frame);
        entry.bytes += size;
        bytes += size;
    }

    synchronized List<MeshFrame> take(ByteString session) {
        Waiting entry = waiting.remove(session);
        if (entry == null) {
            return List.of();
        }
        bytes -= entry.bytes;
        return entry.frames;
    }

    private void expire() {
        long oldest = System.nanoTime() - limits.earlyAge().toNanos();
        while (!waiting.isEmpty() && waiting.firstEntry().getValue().sinceNanos - oldest < 0) {
            dropOldest(Dropped.EARLY_EXPIRED);
        }
    }

    private void dropOldest(Dropped reason) {
        Iterator<Map.Entry<ByteString, Waiting>> oldest = waiting.entrySet().iterator();
        Waiting entry = oldest.next().getValue();
        oldest.remove();
        bytes -= entry.bytes;
        entry.frames.forEach(frame -> metrics.dropped(reason));
    }
}

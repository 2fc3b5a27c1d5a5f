package org.keymoot.access;

import java.util.Collections;
import java.util.NavigableSet;
import java.util.TreeSet;

/// Where a multi-Region key lives. A key is the primary one exactly in its primary Region.
///
/// It keeps true: the primary Region is none of the replicas' Regions.
public record MultiRegion(String primaryRegion, NavigableSet<String> replicaRegions) {
    public MultiRegion {
        replicaRegions = Collections.unmodifiableNavigableSet(new TreeSet<>(replicaRegions));
        if (replicaRegions.contains(primaryRegion)) {
            throw new IllegalArgumentException(primaryRegion + " holds the primary key and no replica");
        }
    }
}

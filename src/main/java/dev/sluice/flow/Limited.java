package dev.sluice.flow;

import java.util.List;

/** Has limits. The refusals of each bean of this type are metrics. */
public interface Limited {

    /** Returns the limits, always the same. */
    List<Limit> limits();
}

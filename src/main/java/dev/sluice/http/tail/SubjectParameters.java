package dev.sluice.http.tail;

import dev.sluice.events.EventsConfig;
import dev.sluice.http.QueryParameters;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import io.vertx.core.MultiMap;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/** The query parameters {@code subject}. A tail and a page of messages take the same. */
@Singleton
public final class SubjectParameters {
    private final int most;

    @Inject
    SubjectParameters(EventsConfig config) {
        this.most = config.maxSubjects();
    }

    /**
     * Returns the subjects; {@code otherwise} if there are none.
     *
     * @throws dev.sluice.failure.SluiceException naming the parameter, or the rule that a subject breaks
     */
    public SubjectSet read(MultiMap query, SubjectSet otherwise) {
        List<SubjectPattern> asked = QueryParameters.all(query, "subject", most, SubjectPattern::new);
        return asked.isEmpty() ? otherwise : SubjectSet.of(asked);
    }
}

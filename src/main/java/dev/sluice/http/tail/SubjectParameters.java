package dev.sluice.http.tail;

import dev.sluice.events.EventsConfig;
import dev.sluice.failure.Failure;
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
    public SubjectSet read(MultiMap query, List<String> otherwise) {
        List<String> asked = query.contains("subject") ? query.getAll("subject") : otherwise;
        if (asked.size() > most) {
            throw Failure.INVALID
                    .because("A request may have at most " + most + " subjects")
                    .in("subject");
        }
        return SubjectSet.of(asked.stream()
                .map(text -> QueryParameters.parse("subject", text, SubjectPattern::new))
                .toList());
    }
}

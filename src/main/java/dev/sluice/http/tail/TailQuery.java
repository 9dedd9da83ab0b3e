package dev.sluice.http.tail;

import dev.sluice.events.EventFormat;
import dev.sluice.events.TailRequest;
import dev.sluice.http.QueryParameters;
import dev.sluice.nats.Subject;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import io.vertx.core.MultiMap;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses the query of {@code GET /v1/events}. Unknown parameters are rejected. */
@Singleton
final class TailQuery {
    private static final Set<String> KNOWN = Set.of(
            "subject",
            "source",
            "format",
            "queue",
            "ticket",
            "from",
            "tail",
            "last_event_id",
            "contains",
            "match",
            "not",
            "header",
            "level");
    private static final SubjectSet DEFAULT_SUBJECTS = SubjectSet.of(List.of(new SubjectPattern("logs.>")));

    private final SubjectParameters subjects;
    private final FilterParameters filters;

    @Inject
    TailQuery(SubjectParameters subjects, FilterParameters filters) {
        this.subjects = subjects;
        this.filters = filters;
    }

    /**
     * @param lastEventId value of the header {@code Last-Event-ID}
     * @throws dev.sluice.failure.SluiceException naming the invalid parameter, or the rule that a subject breaks
     */
    TailRequest parse(MultiMap query, @Nullable String lastEventId) {
        QueryParameters.allow(query.names(), KNOWN);
        return new TailRequest(
                subjects.read(query, DEFAULT_SUBJECTS),
                filters.read(query),
                format(query),
                source(query),
                StartParameters.read(query, lastEventId),
                queueGroup(query));
    }

    private static TailRequest.Source source(MultiMap query) {
        return switch (QueryParameters.single(query, "source").orElse("")) {
            case "" -> TailRequest.Source.ANY;
            case "core" -> TailRequest.Source.CORE;
            case "stream" -> TailRequest.Source.STREAM;
            default -> throw QueryParameters.wrong("source", "must be core or stream");
        };
    }

    private static EventFormat format(MultiMap query) {
        return switch (QueryParameters.single(query, "format").orElse("json")) {
            case "json" -> EventFormat.JSON;
            case "raw" -> EventFormat.RAW;
            default -> throw QueryParameters.wrong("format", "must be json or raw");
        };
    }

    private static Optional<String> queueGroup(MultiMap query) {
        return QueryParameters.single(query, "queue")
                .map(name -> QueryParameters.parse("queue", name, Subject::new).value());
    }
}

package dev.sluice.http.tail;

import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.events.EventsConfig;
import dev.sluice.events.MessageFilter;
import dev.sluice.events.TailRequest;
import dev.sluice.failure.Failure;
import dev.sluice.http.QueryParameters;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.object.ObjectInfo;
import dev.sluice.stream.object.ObjectName;
import dev.sluice.stream.object.ObjectStoreCatalog;
import dev.sluice.stream.object.ObjectStoreName;
import dev.sluice.stream.replay.ReplayStart;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * {@code GET /v1/object-stores/{store}/events}: watches the objects of a store. A watch is a tail of the metadata in the
 * store's stream, and a route for the same reason as {@link EventsRoute}. A caller gets the objects that it may read, as in
 * a listing: no pattern of subjects selects names by their beginning, and permissions are given for names.
 */
@Singleton
final class ObjectEventsRoute {
    private static final String PATH = "/v1/object-stores/:store/events";
    private static final Set<String> KNOWN = Set.of("name", "prefix", "from", "last_event_id", "ticket");
    /** Maximum size of a name that is selected by its subject. */
    private static final int MAX_NAME_BYTES = 768;

    private final TailResponses tails;
    private final ObjectStoreCatalog catalog;
    private final int maxNames;

    @Inject
    ObjectEventsRoute(TailResponses tails, ObjectStoreCatalog catalog, EventsConfig config) {
        this.tails = tails;
        this.catalog = catalog;
        this.maxNames = config.maxSubjects();
    }

    void register(@Observes Router router) {
        tails.serve(router, PATH, this::asked, context -> catalog.info(store(context)));
    }

    private TailRequest asked(RoutingContext context) {
        MultiMap query = context.queryParams();
        QueryParameters.allow(query.names(), KNOWN);
        ObjectStoreName store = store(context);
        List<ObjectName> names = QueryParameters.all(query, "name", maxNames, ObjectEventsRoute::name);
        Optional<String> prefix = QueryParameters.single(query, "prefix");
        if (prefix.isPresent() && !names.isEmpty()) {
            throw QueryParameters.wrong("prefix", "cannot be given with name");
        }
        ReplayStart from = from(query);
        ReplayStart start = StartParameters.resumed(query, context.request().getHeader("Last-Event-ID"))
                .orElse(from);
        Caller caller = Caller.of(context);
        caller.requireSome(Verb.OBJECT_READ, store);
        names.forEach(name -> caller.require(Verb.OBJECT_READ, store, name));
        return TailRequest.watch(store, subjects(names), filter(names, prefix, caller.readable(store)), start);
    }

    private static ObjectStoreName store(RoutingContext context) {
        return new ObjectStoreName(String.valueOf(context.pathParam("store")));
    }

    private static ObjectName name(String text) {
        ObjectName name = new ObjectName(text);
        if (name.encodings().get(0).length() > MAX_NAME_BYTES / 3 * 4) {
            throw Failure.INVALID.because(
                    "A name to watch has at most " + MAX_NAME_BYTES + " bytes; the parameter prefix takes longer ones");
        }
        return name;
    }

    private static SubjectSet subjects(List<ObjectName> names) {
        return names.isEmpty()
                ? SubjectSet.ALL
                : SubjectSet.of(names.stream()
                        .flatMap(name -> name.encodings().stream())
                        .map(SubjectPattern::new)
                        .toList());
    }

    private static MessageFilter filter(
            List<ObjectName> names, Optional<String> prefix, Optional<Predicate<ObjectName>> readable) {
        // Other names do not share their subjects.
        Set<ObjectName> only = names.stream().anyMatch(ObjectName::latin) ? Set.copyOf(names) : Set.of();
        return only.isEmpty() && prefix.isEmpty() && readable.isEmpty()
                ? MessageFilter.NONE
                : MessageFilter.of(new Shown(only, prefix.orElse(""), readable));
    }

    private static ReplayStart from(MultiMap query) {
        return QueryParameters.single(query, "from")
                .map(text -> {
                    if (!text.equals("new")) {
                        throw QueryParameters.wrong("from", "must be new; without it, a watch begins with the objects");
                    }
                    return ReplayStart.Edge.NEW;
                })
                .orElse(ReplayStart.Edge.LAST_PER_SUBJECT);
    }

    /**
     * The metadata that a client is shown: of names that begin with {@code prefix} and that its caller may read.
     *
     * @param only the names to show; empty for all
     */
    private record Shown(Set<ObjectName> only, String prefix, Optional<Predicate<ObjectName>> readable)
            implements Predicate<InboundMessage> {

        @Override
        public boolean test(InboundMessage message) {
            return ObjectInfo.read(message, Instant.EPOCH, 0)
                    .map(ObjectInfo::name)
                    .filter(name -> name.startsWith(prefix) && ObjectName.valid(name))
                    .map(ObjectName::new)
                    .filter(name -> only.isEmpty() || only.contains(name))
                    .filter(name -> readable.isEmpty() || readable.get().test(name))
                    .isPresent();
        }
    }
}

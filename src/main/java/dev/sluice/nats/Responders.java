package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Responders for subjects. Every request gets a reply or an error reply. */
@Singleton
public final class Responders implements Limited, AutoCloseable {
    private final NatsLink link;
    private final RespondConfig config;
    /** Nothing of it is taken: each responder has its own. */
    private final Limit window;

    private final List<Responder> serving = new CopyOnWriteArrayList<>();

    @Inject
    public Responders(NatsLinks links, RespondConfig config) {
        this(links.consuming(), config);
    }

    Responders(NatsLink link, RespondConfig config) {
        this.link = link;
        this.config = config;
        window = new Limit("sluice.respond.window", config.window());
    }

    /**
     * Replies to requests on {@code subject} while NATS is reachable, until {@link #close}. All responders of a subject
     * share its requests in a queue group. Visible as the NATS service {@code service}.
     *
     * @param handler the function that produces the reply. Called on a thread of the connection; must not block. Its
     *     failure is sent as {@code {"error":…}} with the headers of a service error
     */
    public void serve(ServiceDescription service, Subject subject, Function<InboundMessage, Uni<byte[]>> handler) {
        Responder responder = new Responder(service, subject, handler, config, window.another(), link.threads());
        serving.add(responder);
        responder.listenTo(link);
    }

    /** Returns the number of requests in progress. */
    public long inFlight() {
        return serving.stream().mapToLong(Responder::inFlight).sum();
    }

    /** Returns the number of requests with a reply, including error replies. */
    public long answered() {
        return serving.stream()
                .mapToLong(responder -> responder.stats().requests())
                .sum();
    }

    /** Returns the number of requests with an error reply. */
    public long errors() {
        return serving.stream()
                .mapToLong(responder -> responder.stats().errors())
                .sum();
    }

    /**
     * Takes no further requests, and completes when those that have arrived are answered. Fails {@code TIMEOUT} after
     * the timeout of a request. Blocks for a round trip to the server.
     */
    public Uni<Void> drain() {
        return Multi.createFrom()
                .iterable(serving)
                .onItem()
                .transformToUniAndMerge(Responder::drain)
                .collect()
                .last()
                .ifNoItem()
                .after(config.timeout())
                .failWith(() -> Failure.TIMEOUT.because(inFlight() + " requests are still without a reply"));
    }

    @Override
    public List<Limit> limits() {
        return List.of(window);
    }

    @Override
    @PreDestroy
    public void close() {
        serving.forEach(Responder::close);
    }
}

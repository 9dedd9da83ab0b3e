package dev.sluice.nats;

import io.smallrye.mutiny.Uni;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Serves subjects: whoever asks gets a reply or an error, never silence. */
@Singleton
public final class Responders implements AutoCloseable {
    private final NatsLink link;
    private final RespondConfig config;
    private final List<Responder> serving = new CopyOnWriteArrayList<>();

    @Inject
    public Responders(NatsLinks links, RespondConfig config) {
        this(links.consuming(), config);
    }

    Responders(NatsLink link, RespondConfig config) {
        this.link = link;
        this.config = config;
    }

    /**
     * Answers requests on {@code subject} whenever NATS is up, until {@link #close}. All who serve the same subject share
     * its requests. Visible as the NATS service {@code service}.
     *
     * @param handler makes the reply. Called on a thread of the connection, which it must not block. Its failure is
     *     answered as {@code {"error":…}} with the headers of a service error
     */
    public void serve(ServiceDescription service, Subject subject, Function<InboundMessage, Uni<byte[]>> handler) {
        Responder responder = new Responder(service, subject, handler, config);
        serving.add(responder);
        responder.listenTo(link);
    }

    /** Requests that are worked on now. */
    public long inFlight() {
        return serving.stream().mapToLong(Responder::inFlight).sum();
    }

    /** Requests answered so far, errors included. */
    public long answered() {
        return serving.stream()
                .mapToLong(responder -> responder.stats().requests())
                .sum();
    }

    /** Requests answered with an error. */
    public long errors() {
        return serving.stream()
                .mapToLong(responder -> responder.stats().errors())
                .sum();
    }

    @Override
    @PreDestroy
    public void close() {
        serving.forEach(Responder::close);
    }
}

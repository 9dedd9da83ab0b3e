package dev.sluice.http.pull;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import dev.sluice.access.AckTokens;
import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.http.DurationText;
import dev.sluice.http.HttpConfig;
import dev.sluice.http.QueryParameters;
import dev.sluice.http.problem.ProblemType;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.pull.AckSender;
import dev.sluice.stream.pull.AckSubject;
import dev.sluice.stream.pull.AckType;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** Settles deliveries by their ack tokens. The failure of one token does not affect the others. */
@Path("/v1/streams")
@Produces(MediaType.APPLICATION_JSON)
public final class AckResource {
    private final AckSender ackSender;
    private final AckTokens tokens;
    private final HttpConfig.Ack bounds;

    AckResource(AckSender ackSender, AckTokens tokens, HttpConfig config) {
        this.ackSender = ackSender;
        this.tokens = tokens;
        this.bounds = config.ack();
    }

    /**
     * Settles the deliveries. With {@code confirm=true} the response waits for the server's confirmations or their
     * timeout.
     */
    @POST
    @Path("{stream}/consumers/{consumer}/ack")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Outcome> settle(
            @RestPath String stream,
            @RestPath String consumer,
            @Valid @NotNull Settling body,
            @Context UriInfo uri,
            @Context RoutingContext context) {
        ConsumerRef ref = new ConsumerRef(stream, consumer);
        Caller.of(context).require(Verb.CONSUME, ref);
        boolean confirm = confirm(uri);
        List<Ack> acks = acks(body);
        return confirm ? confirmed(acks, ref) : Uni.createFrom().item(() -> unconfirmed(acks, ref));
    }

    /** Sends nothing after an ack that the connection did not take: each further one would be waited for. */
    private Outcome unconfirmed(List<Ack> acks, ConsumerRef ref) {
        Counts counts = new Counts();
        SluiceException notTaken = null;
        for (Ack ack : acks) {
            try {
                AckSubject position = position(ack, ref);
                if (notTaken != null) {
                    throw notTaken;
                }
                ackSender.tell(position, ack.type());
                counts.add(new Result(ack, null));
            } catch (SluiceException failed) {
                notTaken = failed.failure() == Failure.BAD_TOKEN ? notTaken : failed;
                counts.add(new Result(ack, failed.failure()));
            }
        }
        return counts.outcome();
    }

    /**
     * As {@link #unconfirmed}, with the confirmations. Sends nothing either after an ack that no server has taken in time.
     */
    private Uni<Outcome> confirmed(List<Ack> acks, ConsumerRef ref) {
        AtomicReference<@Nullable Throwable> notTaken = new AtomicReference<>();
        return Multi.createFrom()
                .iterable(acks)
                .onItem()
                .transformToUni(ack -> confirmed(ack, ref, notTaken))
                .merge(bounds.concurrency())
                .collect()
                .in(Counts::new, Counts::add)
                .map(Counts::outcome);
    }

    private static boolean confirm(UriInfo uri) {
        QueryParameters.allow(uri, "confirm");
        return QueryParameters.flag(uri.getQueryParameters().get("confirm"), "confirm", false);
    }

    private List<Ack> acks(Settling body) {
        List<Ack> all = new ArrayList<>();
        for (String token : body.acks()) {
            all.add(new Ack(Kind.ACK, token, AckType.ack()));
        }
        for (Nak nak : body.naks()) {
            all.add(new Ack(Kind.NAK, nak.token(), AckType.nak(delay(nak))));
        }
        for (Term term : body.terms()) {
            all.add(new Ack(Kind.TERM, term.token(), AckType.term(Objects.requireNonNullElse(term.reason(), ""))));
        }
        for (String token : body.progress()) {
            all.add(new Ack(Kind.PROGRESS, token, AckType.progress()));
        }
        if (all.size() > bounds.maxTokens()) {
            throw Failure.INVALID.because("One request may settle at most " + bounds.maxTokens()
                    + " deliveries: acks, naks, terms and progress together");
        }
        return all;
    }

    private Duration delay(Nak nak) {
        Duration delay = Objects.requireNonNullElse(nak.delay(), Duration.ZERO);
        if (delay.compareTo(bounds.maxDelay()) > 0) {
            throw Failure.INVALID.because("The delay of a nak may be at most " + DurationText.of(bounds.maxDelay()));
        }
        return delay;
    }

    private Uni<Result> confirmed(Ack ack, ConsumerRef ref, AtomicReference<@Nullable Throwable> notTaken) {
        return Uni.createFrom()
                .deferred(() -> {
                    AckSubject position = position(ack, ref);
                    Throwable earlier = notTaken.get();
                    return earlier == null
                            ? ackSender.confirmed(position, ack.type(), bounds.timeout())
                            : Uni.createFrom().failure(earlier);
                })
                .onFailure(failed -> Failure.OVERLOADED.matches(failed) || Failure.UNAVAILABLE.matches(failed))
                .invoke(notTaken::set)
                .map(done -> new Result(ack, null))
                .onFailure(SluiceException.class)
                .recoverWithItem(failed -> new Result(ack, failed.failure()));
    }

    /** @throws SluiceException {@code BAD_TOKEN} */
    private AckSubject position(Ack ack, ConsumerRef ref) {
        return tokens.open(ack.token(), ref).orElseThrow(() -> Failure.BAD_TOKEN.because("not a token of " + ref));
    }

    private enum Kind {
        ACK,
        NAK,
        TERM,
        PROGRESS
    }

    private record Ack(Kind kind, String token, AckType type) {}

    private record Result(Ack ack, @Nullable Failure failure) {}

    private static final class Counts {
        private final Map<Kind, Integer> done = new EnumMap<>(Kind.class);
        private final List<Failed> failed = new ArrayList<>();

        void add(Result result) {
            Failure failure = result.failure();
            if (failure == null) {
                done.merge(result.ack().kind(), 1, Integer::sum);
            } else {
                failed.add(
                        new Failed(result.ack().token(), ProblemType.of(failure).slug()));
            }
        }

        Outcome outcome() {
            return new Outcome(of(Kind.ACK), of(Kind.NAK), of(Kind.TERM), of(Kind.PROGRESS), failed);
        }

        private int of(Kind kind) {
            return done.getOrDefault(kind, 0);
        }
    }

    /** The deliveries to settle, by ack type. */
    public record Settling(List<String> acks, List<@Valid Nak> naks, List<@Valid Term> terms, List<String> progress) {

        public Settling {
            acks = Objects.requireNonNullElse(acks, List.of());
            naks = Objects.requireNonNullElse(naks, List.of());
            terms = Objects.requireNonNullElse(terms, List.of());
            progress = Objects.requireNonNullElse(progress, List.of());
        }
    }

    /** A delivery to be redelivered, at once or after {@code delay}. */
    public record Nak(
            @NotNull String token,

            @JsonDeserialize(using = DurationText.Reader.class) @Nullable
            Duration delay) {}

    /** A delivery that must not be redelivered. */
    public record Term(@NotNull String token, @Nullable String reason) {}

    /** The number of settled deliveries by ack type, and the failed ones. */
    public record Outcome(int acked, int naked, int termed, int progressed, List<Failed> failed) {}

    /**
     * A delivery that was not settled.
     *
     * @param problem the last segment of the problem type, for example {@code bad-token}
     */
    public record Failed(String token, String problem) {}
}

package dev.sluice.http.problem;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.AbortedResponse;
import dev.sluice.flow.ArrivalListener;
import dev.sluice.flow.ClientDisconnect;
import dev.sluice.http.AcceptHeader;
import dev.sluice.http.RequestHeadLimit;
import dev.sluice.http.RequestHeadValidator;
import dev.sluice.http.body.BodyDrain;
import io.quarkus.arc.All;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The first route of every request. Notifies the {@link ArrivalListener}s, rejects a request head that is too large or
 * cannot be decoded, and writes problem documents for failures outside of resources: in routes, and in requests that
 * reach neither.
 */
@Singleton
final class ProblemRoute {
    private static final Logger LOG = Logger.getLogger(ProblemRoute.class);
    private static final int BAD_REQUEST = 400;
    private static final String ARRIVED = ProblemRoute.class.getName();

    private final List<ArrivalListener> listeners;
    private final ObjectMapper json;
    private final RequestHeadLimit bounds;

    @Inject
    ProblemRoute(@All List<ArrivalListener> listeners, ObjectMapper json, RequestHeadLimit bounds) {
        this.listeners = listeners;
        this.json = json;
        this.bounds = bounds;
    }

    void register(@Observes Router router) {
        router.route().order(Integer.MIN_VALUE).handler(this::arrived).failureHandler(this::answer);
        router.errorHandler(BAD_REQUEST, this::answer);
    }

    /** Rejects an unreadable head here, because a later failure would be reported as a fault of the service. */
    private void arrived(RoutingContext context) {
        notifyListeners(context);
        AcceptHeader.dropEmptyElements(context.request());
        bounds.check(context.request());
        try {
            RequestHeadValidator.check(context);
        } catch (IllegalArgumentException undecodable) {
            context.fail(
                    Failure.INVALID.because("The path cannot be decoded: encode a percent sign as %25", undecodable));
            return;
        }
        context.next();
    }

    /** A request for a file of a library without its version passes the routes again, with the version. */
    private void notifyListeners(RoutingContext context) {
        boolean again = context.get(ARRIVED) != null;
        context.put(ARRIVED, true);
        for (ArrivalListener listener : listeners) {
            if (again) {
                listener.rerouted(context);
            } else {
                listener.arrived(context);
            }
        }
    }

    private void answer(RoutingContext context) {
        HttpServerResponse response = context.response();
        if (response.closed()) {
            LOG.debugf(
                    context.failure(),
                    "The client of %s has disconnected",
                    context.request().path());
        } else if (response.headWritten()) {
            AbortedResponse.cutOff(context.request());
        } else {
            BodyDrain.discard(context.vertx(), context.request());
            SlowConnection.closeAfter(context.failure(), context);
            problem(
                            context.failure(),
                            context.statusCode(),
                            Objects.requireNonNullElse(context.request().path(), "/"))
                    .seenBy(context.request())
                    .writeTo(context.request(), json);
        }
    }

    private static Problem problem(@Nullable Throwable failure, int status, String path) {
        if (failure instanceof SluiceException expected) {
            return ProblemType.describe(expected, path);
        }
        ProblemType type = ProblemType.ofStatus(failure instanceof HttpException http ? http.getStatusCode() : status);
        if (type == ProblemType.INTERNAL && !ClientDisconnect.caused(failure)) {
            LOG.errorf(failure, "%s failed", path);
        }
        return type.problem(path);
    }
}

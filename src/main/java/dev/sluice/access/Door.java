package dev.sluice.access;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;

/**
 * Stands in front of everything under {@code /v1}: resources and routes alike see a request only when it knows its
 * {@link Caller}. Probes, problem pages and the page itself tell nobody anything, and are not behind it.
 */
@Singleton
final class Door {
    /** Behind CORS (-300), which answers preflights, and before every resource and route. */
    private static final int ORDER = -100;

    private static final List<String> TOKENS_IN_THE_QUERY = List.of("access_token", "authorization", "jwt", "token");
    private static final Caller EVERYBODY = new Caller("everybody", Permissions.EVERYTHING, Instant.MAX);

    private final Identities identities;
    private final boolean open;

    @Inject
    Door(Identities identities, AccessConfig config) {
        this.identities = identities;
        this.open = config.mode() == AccessConfig.Mode.OPEN;
    }

    void register(@Observes Router router) {
        router.route("/v1/*").order(ORDER).handler(this::letIn);
    }

    private void letIn(RoutingContext request) {
        if (open) {
            EVERYBODY.enter(request);
            request.next();
            return;
        }
        if (TOKENS_IN_THE_QUERY.stream().anyMatch(request.queryParams()::contains)) {
            throw Failure.INVALID.because("A token in the address ends up in logs: send it as Authorization: Bearer");
        }
        identities
                .identify(request)
                .subscribe()
                .with(
                        caller -> {
                            caller.enter(request);
                            request.next();
                        },
                        failure -> refuse(request, failure));
    }

    /** Reads on, for a client that is still sending would otherwise never see its answer. */
    private static void refuse(RoutingContext request, Throwable failure) {
        if (failure instanceof SluiceException refused && refused.failure() == Failure.UNAUTHENTICATED) {
            request.response().putHeader("WWW-Authenticate", challenge(request));
        }
        request.request().resume();
        request.fail(failure);
    }

    /** RFC 6750, section 3: an error is named only to those who have sent a token. */
    private static String challenge(RoutingContext request) {
        return request.request().getHeader(HttpHeaders.AUTHORIZATION) == null
                ? "Bearer realm=\"sluice\""
                : "Bearer realm=\"sluice\", error=\"invalid_token\"";
    }
}

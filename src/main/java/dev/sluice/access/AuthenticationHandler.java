package dev.sluice.access;

import dev.sluice.failure.Failure;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.RequestPath;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Authenticates every request under {@code /v1}. Resources and routes receive a request only after its {@link Caller}
 * is known. Health checks, problem pages and the console reveal nothing and need no authentication.
 */
@Singleton
public final class AuthenticationHandler {
    /** After CORS (-300), which answers preflights, and before every resource and route. */
    public static final int ORDER = -250;

    private static final List<String> TOKENS_IN_THE_QUERY = List.of("access_token", "authorization", "jwt", "token");
    /** Headers that must not be repeated: a proxy in front could have evaluated another one of several values. */
    private static final List<CharSequence> ONCE = List.of(HttpHeaders.HOST, HttpHeaders.AUTHORIZATION);
    /** The only paths that accept a ticket, for a GET, because browsers cannot send a header there. */
    private static final Pattern TICKETS_AT = Pattern.compile("/v1/(?:(?:buckets|object-stores)/[^/]+/)?events");

    private static final Caller EVERYBODY = new Caller(Identity.EVERYBODY, Permissions.EVERYTHING);

    private final CallerFactory callers;
    private final RequestLimiter limiter;
    private final RejectionCounters rejections;
    private final Tickets tickets;
    private final OriginPolicy origins;
    private final SessionCookies sessions;
    private final String cookie;
    private final boolean open;

    @Inject
    AuthenticationHandler(
            CallerFactory callers,
            RequestLimiter limiter,
            RejectionCounters rejections,
            Tickets tickets,
            OriginPolicy origins,
            SessionCookies sessions,
            AccessConfig config) {
        this.callers = callers;
        this.limiter = limiter;
        this.rejections = rejections;
        this.tickets = tickets;
        this.origins = origins;
        this.sessions = sessions;
        this.cookie = config.cookie();
        this.open = config.mode() == AccessConfig.Mode.OPEN;
    }

    void register(@Observes Router router) {
        router.route("/v1/*").order(ORDER).handler(this::letIn);
    }

    private void letIn(RoutingContext request) {
        rejections.countAtTheEndOf(request);
        limiter.admit();
        if (open) {
            limiter.admitAnybody(request);
            origins.requireWithoutCookie(request);
            EVERYBODY.enter(request);
            request.next();
            return;
        }
        Uni.createFrom()
                .deferred(() -> identify(request))
                .emitOn(ContextExecutor.of(request))
                .invoke(caller -> limiter.admit(caller, request))
                .subscribe()
                .with(caller -> enter(caller, request), failure -> refuse(request, failure));
    }

    /**
     * Continues with an admitted request. If the client has disconnected in the meantime, the request is counted but not
     * processed.
     */
    private static void enter(Caller caller, RoutingContext request) {
        if (request.response().closed()) {
            return;
        }
        caller.enter(request);
        request.next();
    }

    /** Identifies the caller. A header takes precedence over a cookie, because browsers add cookies automatically. */
    private Uni<Caller> identify(RoutingContext request) {
        ONCE.forEach(header -> requireOnce(request.request(), header));
        if (TOKENS_IN_THE_QUERY.stream().anyMatch(request.queryParams()::contains)) {
            throw Failure.INVALID.because("A token in the URL ends up in logs: send it as Authorization: Bearer");
        }
        MultiMap headers = request.request().headers();
        if (headers.contains(HttpHeaders.AUTHORIZATION)) {
            headers.remove(HttpHeaders.COOKIE);
            return callers.identify(request);
        }
        if (sessions.has(request)) {
            origins.require(request.request());
            return callers.identify(request);
        }
        Cookie token = request.request().getCookie(cookie);
        if (token != null) {
            origins.require(request.request());
            headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + token.getValue());
            return callers.identify(request);
        }
        String ticket = request.queryParams().get("ticket");
        if (ticket != null && opensATail(request)) {
            return tickets.redeem(ticket);
        }
        throw Failure.UNAUTHENTICATED.because("A bearer token is required");
    }

    /** Any other request, such as the HEAD of a preview, would use the ticket up without a tail. */
    private static boolean opensATail(RoutingContext request) {
        return request.request().method().equals(HttpMethod.GET)
                && TICKETS_AT.matcher(RequestPath.belowRoot(request)).matches();
    }

    private static void requireOnce(HttpServerRequest request, CharSequence header) {
        if (request.headers().getAll(header).size() > 1) {
            throw Failure.INVALID.because("The header " + header + " must occur only once");
        }
    }

    private void refuse(RoutingContext request, Throwable failure) {
        if (Failure.UNAUTHENTICATED.matches(failure)) {
            request.response().putHeader("WWW-Authenticate", challenge(request));
        }
        request.fail(failure);
    }

    /** RFC 6750, section 3: the challenge contains an error only if the request had a token. */
    private String challenge(RoutingContext request) {
        HttpServerRequest asked = request.request();
        return asked.getHeader(HttpHeaders.AUTHORIZATION) == null && !sessions.has(request)
                ? "Bearer realm=\"sluice\""
                : "Bearer realm=\"sluice\", error=\"invalid_token\"";
    }
}

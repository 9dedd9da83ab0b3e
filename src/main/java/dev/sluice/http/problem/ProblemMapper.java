package dev.sluice.http.problem;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.ClientDisconnect;
import dev.sluice.http.DeclaredPaths;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.validation.ConstraintViolationException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.CharConversionException;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Maps the exceptions of resources to problem documents. */
@Singleton
public final class ProblemMapper {
    private static final Logger LOG = Logger.getLogger(ProblemMapper.class);
    /** Every resource that declares the media type of its body takes JSON. */
    private static final String JSON_EXPECTED = "Send the body as JSON with Content-Type: application/json";

    private final DeclaredPaths paths;

    @Inject
    ProblemMapper(DeclaredPaths paths) {
        this.paths = paths;
    }

    @ServerExceptionMapper
    Response expected(SluiceException failure, UriInfo uri, RoutingContext routing) {
        if (ProblemType.of(failure.failure()) == ProblemType.INTERNAL) {
            return unexpected(failure, uri, routing);
        }
        SlowConnection.closeAfter(failure, routing);
        return answer(ProblemType.describe(failure, uri.getPath()));
    }

    @ServerExceptionMapper
    Response brokenRules(ConstraintViolationException failure, UriInfo uri) {
        return answer(ProblemType.invalid(Violations.of(failure), uri.getPath()));
    }

    @ServerExceptionMapper
    Response unreadableField(MismatchedInputException failure, UriInfo uri) {
        return answer(UnreadableJson.problem(failure, uri.getPath()));
    }

    /**
     * Maps a status that the framework chose. The framework reports 404 for a path or query parameter that is not a
     * number, and for the path of a route when the method is not supported.
     */
    @ServerExceptionMapper
    Response refusedByTheFramework(WebApplicationException failure, UriInfo uri, RoutingContext routing) {
        if (failure.getCause() instanceof NumberFormatException) {
            return answer(ProblemType.INVALID.problem(
                    "A numeric value in the path or the query is not a number or is out of range", uri.getPath()));
        }
        if (failure.getCause() instanceof JsonProcessingException unreadable) {
            return answer(UnreadableJson.problem(unreadable, uri.getPath()));
        }
        int status = failure.getResponse().getStatus();
        if (status == ProblemType.NOT_FOUND.status() || status == ProblemType.METHOD_NOT_ALLOWED.status()) {
            return notThere(uri, routing);
        }
        if (status == ProblemType.UNSUPPORTED_MEDIA_TYPE.status()) {
            return answer(ProblemType.UNSUPPORTED_MEDIA_TYPE.problem(JSON_EXPECTED, uri.getPath()));
        }
        ProblemType type = ProblemType.ofStatus(status);
        return type == ProblemType.INTERNAL ? unexpected(failure, uri, routing) : answer(type.problem(uri.getPath()));
    }

    private Response notThere(UriInfo uri, RoutingContext routing) {
        Set<String> allowed = paths.methods(routing);
        if (allowed.isEmpty() || allowed.contains(routing.request().method().name())) {
            return answer(ProblemType.NOT_FOUND.problem(uri.getPath()));
        }
        String methods = String.join(", ", allowed);
        return builder(ProblemType.METHOD_NOT_ALLOWED.problem("The path supports " + methods, uri.getPath()))
                .header(HttpHeaders.ALLOW, methods)
                .build();
    }

    @ServerExceptionMapper
    Response tooDeep(StreamConstraintsException failure, UriInfo uri) {
        return answer(UnreadableJson.problem(failure, uri.getPath()));
    }

    /** Maps a body that is not UTF-8. The JSON reader takes a body that begins with zero bytes for UTF-32. */
    @ServerExceptionMapper
    Response undecodableJson(CharConversionException failure, UriInfo uri) {
        return answer(ProblemType.INVALID.problem("The body is not JSON in UTF-8", uri.getPath()));
    }

    /**
     * Maps a failure of the router, mainly a query that cannot be decoded: it is read only when a resource asks for it.
     */
    @ServerExceptionMapper
    Response refusedByTheRouter(HttpException failure, UriInfo uri, RoutingContext routing) {
        ProblemType type = ProblemType.ofStatus(failure.getStatusCode());
        return type == ProblemType.INTERNAL ? unexpected(failure, uri, routing) : answer(type.problem(uri.getPath()));
    }

    /** Maps any other failure. The framework also reports a client that disconnects before its response is written. */
    @ServerExceptionMapper
    Response unexpected(Throwable failure, UriInfo uri, RoutingContext routing) {
        LOG.logf(levelFor(failure, routing), failure, "%s failed", uri.getPath());
        return answer(ProblemType.INTERNAL.problem(uri.getPath()));
    }

    /**
     * Returns the log level of an unexpected failure. If the client has disconnected, it is not a fault of the service.
     */
    private static Logger.Level levelFor(Throwable failure, RoutingContext routing) {
        boolean disconnected = routing.response().closed() || ClientDisconnect.caused(failure);
        return disconnected ? Logger.Level.DEBUG : Logger.Level.ERROR;
    }

    public static Response answer(Problem problem) {
        return builder(problem).build();
    }

    private static Response.ResponseBuilder builder(Problem problem) {
        Response.ResponseBuilder answer =
                Response.status(problem.status()).type(Problem.MEDIA_TYPE).entity(problem);
        String retryAfter = problem.retryAfter();
        if (retryAfter != null) {
            answer.header(HttpHeaders.RETRY_AFTER, retryAfter);
        }
        return answer;
    }
}

package dev.sluice.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.ext.web.impl.HeaderParser;
import io.vertx.ext.web.impl.ParsableMIMEValue;
import java.util.List;
import java.util.stream.Stream;

/**
 * The media types that a client takes (RFC 9110, section 12.5.1). The router reads only the first line of the header; a
 * list may have several (section 5.3).
 */
public final class AcceptHeader {
    private static final int NOT_ACCEPTABLE = 406;
    private static final List<MIMEHeader> JSON = of("application/json");

    private AcceptHeader() {}

    /** Returns the media types that the client takes, the best ones first; empty if it takes any. */
    public static List<MIMEHeader> of(RoutingContext context) {
        List<String> lines = context.request().headers().getAll(HttpHeaders.ACCEPT);
        return lines.size() < 2
                ? context.parsedHeaders().accept()
                : HeaderParser.sort(
                        HeaderParser.convertToParsedHeaderValues(String.join(",", lines), ParsableMIMEValue::new));
    }

    /** Returns the media types that a response can have. */
    public static List<MIMEHeader> of(String... types) {
        return Stream.of(types).<MIMEHeader>map(ParsableMIMEValue::new).toList();
    }

    /**
     * Returns the type of {@code produced} that is best for the client; the first one if it takes any.
     *
     * @throws HttpException 406 if it takes none of them
     */
    public static MIMEHeader best(RoutingContext context, List<MIMEHeader> produced) {
        List<MIMEHeader> accepted = of(context);
        MIMEHeader best = accepted.isEmpty()
                ? produced.get(0)
                : context.parsedHeaders().findBestUserAcceptedIn(accepted, produced);
        if (best == null) {
            throw new HttpException(NOT_ACCEPTABLE);
        }
        return best;
    }

    /**
     * Rejects a client that takes none of {@code produced}. For resources: the framework selects JSON also for such a client.
     *
     * @throws HttpException 406 if the client takes none of them
     */
    public static void requireProduced(RoutingContext context, List<MIMEHeader> produced) {
        best(context, produced);
    }

    /**
     * Rejects a client that does not take JSON.
     *
     * @throws HttpException 406 if the client does not take JSON
     */
    public static void requireJson(RoutingContext context) {
        // Nearly every client sends no such header, or this one; the parser costs as much as a publish.
        String accept = context.request().getHeader(HttpHeaders.ACCEPT);
        if (accept != null && !accept.equals("*/*")) {
            best(context, JSON);
        }
    }
}

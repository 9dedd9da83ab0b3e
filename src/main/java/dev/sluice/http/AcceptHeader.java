package dev.sluice.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.ParsableMIMEValue;
import java.util.List;

/** The media types that the client of a route takes (RFC 9110, section 12.5.1). */
final class AcceptHeader {
    private static final int NOT_ACCEPTABLE = 406;
    private static final List<MIMEHeader> JSON = List.of(new ParsableMIMEValue("application/json"));

    private AcceptHeader() {}

    /** Returns whether the client takes JSON. If it does not, the response is 406. */
    static boolean takesJson(RoutingContext context) {
        String accept = context.request().getHeader(HttpHeaders.ACCEPT);
        boolean taken = accept == null
                || accept.equals("*/*")
                || context.parsedHeaders()
                                .findBestUserAcceptedIn(context.parsedHeaders().accept(), JSON)
                        != null;
        if (!taken) {
            context.fail(NOT_ACCEPTABLE);
        }
        return taken;
    }
}

package dev.sluice.http;

import dev.sluice.failure.Failure;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.HeaderParser;
import io.vertx.ext.web.impl.ParsableMIMEValue;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The media types that a client takes (RFC 9110, section 12.5.1). The router reads only the first line of the header; a
 * list may have several (section 5.3). Its own selection refuses other parameters and upper case.
 */
public final class AcceptHeader {
    private static final List<String> JSON = List.of("application/json");
    private static final String ANY = "*";
    /** Other characters cannot be set. */
    private static final Pattern PRINTABLE = Pattern.compile("[ -~\\t]*+");

    private static final Pattern EMPTY_ELEMENT = Pattern.compile("(^|,)\\s*+(,|$)");

    private AcceptHeader() {}

    /** Returns the media types that the client takes, the best ones first; empty if it takes any. */
    public static List<MIMEHeader> of(RoutingContext context) {
        List<String> lines = context.request().headers().getAll(HttpHeaders.ACCEPT);
        return lines.size() < 2
                ? context.parsedHeaders().accept()
                : HeaderParser.sort(
                        HeaderParser.convertToParsedHeaderValues(String.join(",", lines), ParsableMIMEValue::new));
    }

    /**
     * Returns the type of {@code produced} that is best for the client; the first one if it takes any.
     *
     * @throws dev.sluice.failure.SluiceException {@code NOT_ACCEPTABLE} if it takes none of them
     */
    public static String best(RoutingContext context, List<String> produced) {
        List<MIMEHeader> accepted = of(context);
        if (accepted.isEmpty()) {
            return produced.get(0);
        }
        for (MIMEHeader range : accepted) {
            for (String type : produced) {
                if (range.weight() > 0 && range == mostSpecific(accepted, type)) {
                    return type;
                }
            }
        }
        throw Failure.NOT_ACCEPTABLE.because("The header Accept must admit " + String.join(" or ", produced));
    }

    /**
     * Rejects a client that takes none of {@code produced}.
     *
     * @throws dev.sluice.failure.SluiceException {@code NOT_ACCEPTABLE} if the client takes none of them
     */
    public static void require(RoutingContext context, List<String> produced) {
        // Nearly every client sends no such header, or this one; the parser costs as much as a publish.
        String accept = context.request().getHeader(HttpHeaders.ACCEPT);
        if (accept != null && !accept.equals("*/*")) {
            best(context, produced);
        }
    }

    /**
     * Rejects a client that does not take JSON.
     *
     * @throws dev.sluice.failure.SluiceException {@code NOT_ACCEPTABLE} if the client does not take JSON
     */
    public static void requireJson(RoutingContext context) {
        require(context, JSON);
    }

    /**
     * Removes empty elements from the header, and a header that has no other ones. They are legal (RFC 9110, sections 5.6.1.2
     * and 12.5.1), but the framework rejects them.
     */
    public static void dropEmptyElements(HttpServerRequest request) {
        MultiMap headers = request.headers();
        if (!headers.contains(HttpHeaders.ACCEPT)) {
            return;
        }
        String accept = String.join(",", headers.getAll(HttpHeaders.ACCEPT));
        if (!EMPTY_ELEMENT.matcher(accept).find() || !PRINTABLE.matcher(accept).matches()) {
            return;
        }
        String elements = Arrays.stream(accept.split(",", -1))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .collect(Collectors.joining(","));
        if (elements.isEmpty()) {
            headers.remove(HttpHeaders.ACCEPT);
        } else {
            headers.set(HttpHeaders.ACCEPT, elements);
        }
    }

    /** Returns the range that decides about the type; null if none includes it. */
    private static @Nullable MIMEHeader mostSpecific(List<MIMEHeader> accepted, String type) {
        MIMEHeader decisive = null;
        for (MIMEHeader range : accepted) {
            if (includes(range, type) && (decisive == null || specificity(range) > specificity(decisive))) {
                decisive = range;
            }
        }
        return decisive;
    }

    private static boolean includes(MIMEHeader range, String type) {
        int slash = type.indexOf('/');
        return (ANY.equals(range.component()) || type.substring(0, slash).equalsIgnoreCase(range.component()))
                && (ANY.equals(range.subComponent())
                        || type.substring(slash + 1).equalsIgnoreCase(range.subComponent()));
    }

    private static int specificity(MIMEHeader range) {
        return (ANY.equals(range.component()) ? 0 : 1) + (ANY.equals(range.subComponent()) ? 0 : 1);
    }
}

package dev.sluice.http.tail;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.sluice.events.EventsConfig;
import dev.sluice.events.MessageFilter;
import dev.sluice.events.MessageLevel;
import dev.sluice.failure.Failure;
import dev.sluice.http.QueryParameters;
import dev.sluice.nats.InboundMessage;
import io.vertx.core.MultiMap;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.function.Predicate;

/**
 * The query parameters that select messages by their content: {@code contains}, {@code match}, {@code not},
 * {@code header} and {@code level}. A tail and a page of messages take the same.
 */
@Singleton
public final class FilterParameters {
    private final int most;
    private final int longest;

    @Inject
    FilterParameters(EventsConfig config) {
        this.most = config.maxFilters();
        this.longest = config.maxFilterLength();
    }

    /**
     * Returns the filter.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the parameter
     */
    public MessageFilter read(MultiMap query) {
        List<String> contains = values(query, "contains");
        List<String> matches = values(query, "match");
        List<String> excludes = values(query, "not");
        List<String> headers = values(query, "header");
        List<String> levels = values(query, "level");
        if (contains.size() + matches.size() + excludes.size() + headers.size() + levels.size() > most) {
            throw Failure.INVALID.because(
                    "A request may have at most " + most + " of the parameters contains, match, not, header and level");
        }
        return new MessageFilter(
                contains,
                matches.stream().map(text -> expression(text, "match")).toList(),
                excludes.stream().map(text -> expression(text, "not")).toList(),
                headers.stream().map(FilterParameters::header).toList(),
                levels.stream().map(FilterParameters::level).toList());
    }

    /** Equal values are one filter. */
    private List<String> values(MultiMap query, String name) {
        List<String> values = query.getAll(name).stream().distinct().toList();
        for (String value : values) {
            if (value.isEmpty() || value.length() > longest) {
                throw QueryParameters.wrong(name, "must have 1 to " + longest + " characters");
            }
        }
        return values;
    }

    private static Pattern expression(String text, String name) {
        if (ExpressionSize.of(text) > ExpressionSize.MAX) {
            throw QueryParameters.wrong(
                    name, "repeats too much: an expression may have at most " + ExpressionSize.MAX + " instructions");
        }
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw QueryParameters.wrong(name, "must be a regular expression (RE2): " + e.getDescription());
        }
    }

    private static Predicate<InboundMessage> level(String text) {
        return MessageLevel.named(text)
                .orElseThrow(() -> QueryParameters.wrong("level", "must be debug, info, warn or error"))
                .orMoreSevere();
    }

    private static MessageFilter.HeaderValue header(String text) {
        int colon = text.indexOf(':');
        if (colon < 1) {
            throw QueryParameters.wrong("header", "must be Name:value");
        }
        return new MessageFilter.HeaderValue(
                text.substring(0, colon), text.substring(colon + 1).strip());
    }
}

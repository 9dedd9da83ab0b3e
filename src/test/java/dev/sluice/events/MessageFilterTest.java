package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import dev.sluice.events.MessageFilter.HeaderValue;
import dev.sluice.nats.InboundMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The filter of a tail: a message must meet all conditions. */
class MessageFilterTest {
    private static final Map<String, List<String>> HEADERS = Map.of("Level", List.of("info", "warn"));

    @Test
    void acceptsEveryMessageWithoutAFilter() {
        assertThat(MessageFilter.NONE.shows(message("anything"))).isTrue();
    }

    @Test
    void needsEveryText() {
        MessageFilter filter = new MessageFilter(List.of("größe", "b"), List.of(), List.of(), List.of());

        assertThat(filter.shows(message("a größe and b"))).isTrue();
        assertThat(filter.shows(message("a größe"))).isFalse();
    }

    @Test
    void needsAMatchOfEveryExpression() {
        MessageFilter filter = new MessageFilter(
                List.of(), List.of(Pattern.compile("t.meout"), Pattern.compile("\\d+ ms$")), List.of(), List.of());

        assertThat(filter.shows(message("a timeout after 30 ms"))).isTrue();
        assertThat(filter.shows(message("a timeout"))).isFalse();
    }

    @Test
    void rejectsExcludedMessages() {
        MessageFilter filter = new MessageFilter(List.of(), List.of(), List.of(Pattern.compile("^debug")), List.of());

        assertThat(filter.shows(message("an error"))).isTrue();
        assertThat(filter.shows(message("debug: an error"))).isFalse();
    }

    @Test
    void needsTheValueAmongThoseOfTheHeader() {
        assertThat(header("Level", "warn").shows(message(""))).isTrue();
        assertThat(header("Level", "war").shows(message(""))).isFalse();
        assertThat(header("Other", "warn").shows(message(""))).isFalse();
    }

    @Test
    void wantsALevelOrAMoreSevereOne() {
        MessageFilter filter = MessageFilter.of(MessageLevel.WARN.orMoreSevere());

        assertThat(filter.shows(message("logs.web.error", ""))).isTrue();
        assertThat(filter.shows(message("logs.web.warn", ""))).isTrue();
        assertThat(filter.shows(message("logs.web.info", ""))).isFalse();
        assertThat(filter.shows(message("logs.web", "no level"))).isFalse();
    }

    @Test
    void needsLinearTimeForExpressionsThatBacktrackElsewhere() {
        MessageFilter filter = new MessageFilter(List.of(), List.of(Pattern.compile("(a+)+$")), List.of(), List.of());

        assertThat(filter.shows(message("a".repeat(50_000) + "b"))).isFalse();
    }

    @Test
    void equalFiltersAreOneProjection() {
        assertThat(new MessageFilter(List.of("a"), List.of(Pattern.compile("b")), List.of(), List.of()))
                .isEqualTo(new MessageFilter(List.of("a"), List.of(Pattern.compile("b")), List.of(), List.of()));
    }

    private static MessageFilter header(String name, String value) {
        return new MessageFilter(List.of(), List.of(), List.of(), List.of(new HeaderValue(name, value)));
    }

    private static FeedMessage message(String text) {
        return message("a.b", text);
    }

    private static FeedMessage message(String subject, String text) {
        return new FeedMessage(
                new InboundMessage(subject, null, HEADERS, text.getBytes(StandardCharsets.UTF_8)), Instant.EPOCH, null);
    }
}

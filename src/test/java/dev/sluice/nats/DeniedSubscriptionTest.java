package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parsing the server's error for a denied subscription, in the format of each server version. */
class DeniedSubscriptionTest {
    private static final String BEFORE = "Permissions Violation for Subscription to ";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"a.>\"                              |a.>    | |true |false",
                "\"a.b\" using queue \"q\"            |a.b    |q|false|true",
                "\"a.b\" (sid \"3\")                  |a.b    | |true |true",
                "\"a.b\" using queue \"q\" (sid \"4\")|a.b    |q|false|true",
                "\"gr\\u00adn\"                      |gr\u00adn| |true |false"
            })
    void readsTheDeniedSubject(String words, String subject, String group, boolean plain, boolean queue) {
        DeniedSubscription denied = DeniedSubscription.read(BEFORE + words).orElseThrow();

        assertThat(denied.subject()).isEqualTo(subject);
        assertThat(denied.queueGroup()).isEqualTo(Optional.ofNullable(group));
        assertThat(denied.concerns(subject, Optional.empty())).isEqualTo(plain);
        assertThat(denied.concerns(subject, Optional.of("q"))).isEqualTo(queue);
        assertThat(denied.concerns("another", Optional.empty())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Permissions Violation for Publish to \"a\"",
                BEFORE,
                BEFORE + "\"\"",
                BEFORE + "\"a",
                BEFORE + "\"a\" and more",
                BEFORE + "\"a\\x\"",
                BEFORE + "\"a\"b\"",
                BEFORE + "\"a\" using queue \"\""
            })
    void ignoresOtherErrors(String error) {
        assertThat(DeniedSubscription.read(error)).isEmpty();
    }

    @Test
    void recognizesTheSubscriptionLimit() {
        assertThat(DeniedSubscription.tooMany("maximum subscriptions exceeded")).isTrue();
        assertThat(DeniedSubscription.tooMany("Maximum Subscriptions Exceeded")).isTrue();
        assertThat(DeniedSubscription.tooMany("maximum connections exceeded")).isFalse();
    }
}

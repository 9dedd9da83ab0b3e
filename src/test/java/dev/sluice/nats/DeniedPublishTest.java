package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parsing the server's error for a denied subject, and caching the subject. */
class DeniedPublishTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "orders.created|orders.created",
                "größe.日本語|größe.日本語",
                "a\\\"b|a\"b",
                "a\\\\b|a\\b",
                "a\\\\u0041|a\\u0041",
                "a\\u00adb|a\u00adb",
                "a\\U0001f680b|a\ud83d\ude80b"
            })
    void readsASubjectInGoQuotes(String quoted, String subject) {
        assertThat(DeniedPublish.read("Permissions Violation for Publish to \"" + quoted + "\""))
                .contains(new DeniedPublish(subject));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Permissions Violation",
                "Permissions Violation for Publish to ",
                "Permissions Violation for Publish to \"",
                "Permissions Violation for Publish to \"\"",
                "Permissions Violation for Publish to \"a",
                "Permissions Violation for Publish to \"a\" and more",
                "Permissions Violation for Publish to \"a\"b\"",
                "Permissions Violation for Publish to \"a\\\"",
                "Permissions Violation for Publish to \"a\\x\"",
                "Permissions Violation for Publish to \"a\\xff\"",
                "Permissions Violation for Publish to \"a\\u12\"",
                "Permissions Violation for Publish to \"a\\u\"",
                "Permissions Violation for Publish to \"a\\U00110000\"",
                "Permissions Violation for Publish to \"a\\Uffffffff\"",
                "Permissions Violation for Publish with Reply of \"a\"",
                "Permissions Violation for Subscription to \"a\"",
                "xPermissions Violation for Publish to \"a\"",
                "Authorization Violation"
            })
    void ignoresOtherErrors(String error) {
        assertThat(DeniedPublish.read(error)).isEmpty();
    }

    @Test
    void expires() {
        DeniedSubjects denied = new DeniedSubjects(10, Duration.ZERO);

        denied.add("a");

        assertThat(denied.contains("a")).isFalse();
    }

    @Test
    void discardsAllSubjectsIfThereAreTooMany() {
        DeniedSubjects denied = new DeniedSubjects(2, Duration.ofMinutes(1));

        denied.add("a");
        denied.add("b");
        denied.add("b");
        assertThat(denied.contains("a")).isTrue();
        denied.add("c");

        assertThat(denied.contains("a")).isFalse();
        assertThat(denied.contains("c")).isTrue();
        assertThat(denied.forgotten()).isEqualTo(1);
    }
}

package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Tests that {@code docs/CONFIGURATION.md} matches the code. To regenerate it:
 * {@code ./mvnw -Dquick test -Dtest=ConfigurationReferenceTest -Ddocs=write}.
 */
class ConfigurationReferenceTest {
    private static final Path REFERENCE = Path.of("docs/CONFIGURATION.md");
    private static final Path PROPERTIES = Path.of("src/main/resources/application.properties");
    /** The keys of Quarkus that an operator may have to change. Their comments are in {@code application.properties}. */
    private static final List<String> QUARKUS = List.of(
            "quarkus.http.port",
            "quarkus.http.limits.max-body-size",
            "quarkus.http.limits.max-header-size",
            "quarkus.http.limits.max-header-list-size",
            "quarkus.http.limits.max-initial-line-length",
            "quarkus.http.limits.max-connections",
            "quarkus.http.limits.max-concurrent-streams",
            "quarkus.http.idle-timeout",
            "quarkus.management.port",
            "quarkus.oidc.connection-timeout",
            "quarkus.oidc.token-cache.max-size",
            "quarkus.oidc.token-cache.time-to-live",
            "quarkus.otel.sdk.disabled",
            "quarkus.log.console.json.enabled");

    private static final String HEAD = """
            # Configuration

            Every key of Sluice, its default, and what it does, and the keys of Quarkus that an operator may have to change: made from the code by `ConfigurationReferenceTest`, not
            by hand. Keys are set in `config/application.properties` in the working directory, as system properties, or in the
            environment: upper case, everything else an underscore (`SLUICE_NATS_SERVERS`). `<NAME>` is a name of your choice; a
            key with one is set in a file. The exceptions are a name of lower-case letters and digits, as a role (`SLUICE_ACCESS_ROLES_WEB_PUBLISH_ALLOW`;
            not `ops-team`), and the streams that Sluice declares, as `LOGS`. Durations are written `250ms`, `30s`, `10m`, sizes `512K`, `1M`.

            """;

    @Test
    void matchesTheCode() throws IOException {
        String reference = HEAD + tables() + quarkus();
        if (System.getProperty("docs", "").equals("write")) {
            Files.writeString(REFERENCE, reference);
        }
        assertThat(Files.readString(REFERENCE))
                .as("written by ./mvnw -Dquick test -Dtest=ConfigurationReferenceTest -Ddocs=write")
                .isEqualTo(reference);
    }

    private static String tables() throws IOException {
        Map<String, String> comments = Comments.of(Path.of("src/main/java"));
        StringBuilder all = new StringBuilder();
        Class<?> part = null;
        for (ConfigKeys.Key key : ConfigKeys.all()) {
            if (key.mapping() != part) {
                part = key.mapping();
                all.append(part == null || all.isEmpty() ? "" : "\n")
                        .append("## ")
                        .append(ConfigKeys.prefix(part))
                        .append("\n\n")
                        .append(comment(comments, part.getCanonicalName()))
                        .append("\n\n| key | default | |\n|---|---|---|\n");
            }
            String method = key.accessor().getDeclaringClass().getCanonicalName() + "#"
                    + key.accessor().getName();
            all.append("| `%s` | %s | %s |%n"
                    .formatted(
                            key.name(),
                            key.defaultValue()
                                    .filter(value -> !value.isEmpty())
                                    .map(value -> "`" + value + "`")
                                    .orElse(""),
                            comment(comments, method).replace("|", "\\|")));
        }
        return all.toString();
    }

    private static String quarkus() throws IOException {
        String properties = Files.readString(PROPERTIES);
        StringBuilder table = new StringBuilder(
                "\n## Quarkus keys that Sluice sets\n\nThose that an operator may have to change, and their values in Sluice.\n\n| key | value | |\n|---|---|---|\n");
        for (String key : QUARKUS) {
            Matcher entry = Pattern.compile(
                            "((?:^# .*\\n)+)(?:%prod\\.)?" + Pattern.quote(key) + "=(.*)$", Pattern.MULTILINE)
                    .matcher(properties);
            assertThat(entry.find()).as(key + " with a comment").isTrue();
            String comment =
                    entry.group(1).replaceAll("(?m)^# ", "").replace('\n', ' ').strip();
            table.append("| `%s` | `%s` | %s |%n".formatted(key, entry.group(2), comment));
        }
        return table.toString();
    }

    private static String comment(Map<String, String> comments, String of) {
        String comment = comments.get(of);
        assertThat(comment).as("comment of " + of).isNotNull();
        return comment.substring(0, 1).toUpperCase(Locale.ROOT) + comment.substring(1);
    }
}

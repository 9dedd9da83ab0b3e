package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.support.Settings;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A pattern that can match nothing of its verb is an error: as a deny, it would deny nothing. */
class RolesTest {
    @ParameterizedTest
    @CsvSource({
        "consume.deny, ORDERS, ORDERS matches no STREAM.CONSUMER; write ORDERS.*",
        "consume.deny, *, * matches no STREAM.CONSUMER; write *.*",
        "administer.allow, ORDERS.a.b, ORDERS.a.b matches no STREAM.CONSUMER; write ORDERS.*",
        "read.deny, prices, prices matches no BUCKET.key; write prices.>",
        "write.allow, prices, prices matches no BUCKET.key; write prices.>",
        "object-read.deny, photos, photos matches no STORE.name; write photos.>",
        "object-write.deny, photos, photos matches no STORE.name; write photos.>"
    })
    void doesNotStartWithAPatternThatMatchesNothing(String rule, String pattern, String problem) {
        assertThatThrownBy(() -> roles(rule, pattern))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("sluice.access.roles.ops." + rule)
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @CsvSource({
        "publish.deny, orders",
        "subscribe.allow, *",
        "request.allow, prices",
        "consume.deny, >",
        "consume.deny, ORDERS.*",
        "administer.allow, *.worker",
        "administer.allow, ORDERS.>",
        "read.deny, prices.a.b",
        "object-read.allow, photos.a.b.>"
    })
    void startsWithAPatternThatMatches(String rule, String pattern) {
        assertThatCode(() -> roles(rule, pattern)).doesNotThrowAnyException();
    }

    @Test
    void rejectsATokenWhoseClaimHasAPatternThatMatchesNothing() {
        Identity identity =
                new Identity("a", "a", Set.of(), "{\"consume\":{\"allow\":[\">\"],\"deny\":[\"ORDERS\"]}}", 0, null);

        assertThatThrownBy(() -> roles("publish.allow", "a").caller(identity))
                .matches(Failure.UNAUTHENTICATED::matches);
    }

    private static Roles roles(String rule, String pattern) {
        return new Roles(Settings.of(AccessConfig.class, Map.of("sluice.access.roles.ops." + rule, pattern)));
    }
}

package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.LogRecords;
import dev.sluice.support.LoggedErrors;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.Timeouts;
import dev.sluice.support.TokenIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** An instance that starts while the token issuer answers 503. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(
        value = SecuredResource.class,
        restrictToAnnotatedClass = true,
        initArgs = @ResourceArg(name = SecuredResource.UNAVAILABLE, value = "true"))
class IssuerRequestsIT {
    @SecuredResource.Issuer
    TokenIssuer issuer;

    @TestHTTPResource("/")
    URI root;

    @Test
    void asksAnIssuerThatIsAwaySeldomAndLogsWhenItIsReached() {
        LoggedErrors errors = new LoggedErrors();
        try (LogRecords log = LogRecords.of(IssuerRequests.class.getName())) {
            int before = issuer.refused();
            long begin = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                assertThat(status("garbage")).isEqualTo(503);
            }
            long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();

            assertThat(issuer.refused() - before)
                    .isLessThanOrEqualTo((int) (millis / IssuerRequests.PAUSE.toMillis() + 2));
            assertThat(errors.messages()).isEmpty();
            assertThat(log.messages())
                    .hasSizeLessThanOrEqualTo(1)
                    .allMatch(message -> message.endsWith(" at WARN tells why"));

            issuer.unavailable(false);
            Awaitility.await().atMost(Timeouts.LIMIT).until(() -> status(issuer.token("web")) == 202);
            assertThat(log.messages()).containsOnlyOnce("INFO The token issuer " + issuer.url() + " is reached again");
        } finally {
            errors.close();
        }
    }

    private int status(String token) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            return exchange.send("POST /v1/publish/logs.web.info?ack=none HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
                            + "Authorization: Bearer " + token + "\r\n\r\n")
                    .head()
                    .status();
        }
    }
}

package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.Timeouts;
import dev.sluice.support.TokenIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** An instance that starts while the keys of the token issuer are unavailable. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(
        value = SecuredResource.class,
        restrictToAnnotatedClass = true,
        initArgs = @ResourceArg(name = SecuredResource.AWAY, value = "true"))
class TokenKeysAwayIT {
    @SecuredResource.Issuer
    TokenIssuer issuer;

    @TestHTTPResource("/")
    URI root;

    @Test
    void doesNotRejectATokenAsInvalidWithoutKeys() {
        try (HttpExchange refused = publish()) {
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("Retry-After")).isNotNull();
            assertThat(refused.body()).contains("/problems/unavailable").doesNotContain("127.0.0.1");
        }

        issuer.start();
        Awaitility.await().atMost(Timeouts.LIMIT).until(() -> {
            try (HttpExchange exchange = publish()) {
                return exchange.status() == 202;
            }
        });
    }

    private HttpExchange publish() {
        return new HttpExchange(root.getPort())
                .send("POST /v1/publish/logs.web.info?ack=none HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
                        + "Authorization: Bearer " + issuer.token("web") + "\r\n\r\n")
                .head();
    }
}

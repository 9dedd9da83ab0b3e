package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.Timeouts;
import dev.sluice.support.TokenIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Key rotation at the token issuer, and unavailable keys. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(value = SecuredResource.class, restrictToAnnotatedClass = true)
class TokenKeysIT {
    @SecuredResource.Issuer
    TokenIssuer issuer;

    @TestHTTPResource("/")
    URI root;

    @Test
    void followsAKeyRotationAndKeepsKnownKeysWhileTheIssuerIsUnavailable() {
        String before = issuer.token("web");
        assertThat(publishWith(before)).isEqualTo(202);

        issuer.rotate();
        String after = issuer.token("web");
        // The keys of the start may have been fetched less than IssuerRequests.PAUSE ago.
        Awaitility.await().atMost(Timeouts.LIMIT).until(() -> publishWith(after) == 202);
        assertThat(publishWith(before)).isEqualTo(401);

        issuer.stop();
        assertThat(publishWith(after)).isEqualTo(202);
        assertThat(publishWith(issuer.signWithAnUnknownKey(TokenIssuer.claims("web"))))
                .isEqualTo(401);
    }

    private int publishWith(String token) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            return exchange.send("POST /v1/publish/logs.web.info?ack=none HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
                            + "Authorization: Bearer " + token + "\r\n\r\n")
                    .head()
                    .status();
        }
    }
}

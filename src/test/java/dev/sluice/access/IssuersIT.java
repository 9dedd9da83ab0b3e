package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.IssuersResource;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.TokenIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.jwt.build.JwtClaimsBuilder;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** Several issuers: one with discovery and introspection, one with a JWKS address, and one with a given key. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(value = IssuersResource.class, restrictToAnnotatedClass = true)
class IssuersIT {
    IssuersResource.Issuers issuers;

    @TestHTTPResource("/")
    URI root;

    @Test
    void acceptsOnlyTokensSignedByTheKeyOfTheirIssuer() {
        assertThat(publish(issuers.main().sign(of(TokenIssuer.ISSUER)))).isEqualTo(202);
        assertThat(publish(issuers.partner().sign(of("https://partner.example"))))
                .isEqualTo(202);
        assertThat(publish(issuers.key().sign(of("https://key.example")))).isEqualTo(202);

        assertThat(publish(issuers.main().sign(of("https://partner.example")))).isEqualTo(401);
        assertThat(publish(issuers.partner().sign(of(TokenIssuer.ISSUER)))).isEqualTo(401);
        assertThat(publish(issuers.partner().sign(of("https://key.example")))).isEqualTo(401);
        assertThat(publish(issuers.main().sign(of("https://nobody.example")))).isEqualTo(401);
    }

    @Test
    void introspectsATokenThatIsNotAJwt() {
        assertThat(publish(TokenIssuer.OPAQUE)).isEqualTo(202);
        assertThat(publish("another")).isEqualTo(401);
    }

    private static JwtClaimsBuilder of(String issuer) {
        return TokenIssuer.claims("web").issuer(issuer);
    }

    private int publish(String token) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            return exchange.send("POST /v1/publish/logs.web.info?ack=none HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
                            + "Authorization: Bearer " + token + "\r\n\r\n")
                    .head()
                    .status();
        }
    }
}

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
import jakarta.inject.Inject;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several issuers: one with discovery and introspection, one with a JWKS address, one with a given key, and one that introspects all. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(value = IssuersResource.class, restrictToAnnotatedClass = true)
class IssuersIT {
    private static final String REVOKING = "https://revoking.example";

    IssuersResource.Issuers issuers;

    @Inject
    Sessions sessions;

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

    @Test
    void rejectsABearerTokenOfASessionThatHasEnded() {
        String ended = issuers.main().sign(of(TokenIssuer.ISSUER).claim("sid", "ended"));
        assertThat(publish(ended)).isEqualTo(202);

        sessions.end(new SessionEnd(Session.key(TokenIssuer.ISSUER, "ended"), Long.MAX_VALUE));

        assertThat(publish(ended)).isEqualTo(401);
        assertThat(publish(issuers.main().sign(of(TokenIssuer.ISSUER).claim("sid", "other"))))
                .isEqualTo(202);
    }

    @Test
    void asksTheIssuerOnceAboutATokenThatItDoesNotKnow() {
        int before = issuers.main().introspected();

        assertThat(publish("invented")).isEqualTo(401);
        assertThat(publish("invented")).isEqualTo(401);

        assertThat(issuers.main().introspected()).isEqualTo(before + 1);
    }

    /** The key of a JWT is asked for instead, at most once a second. */
    @Test
    void isUnavailableWhileTheIssuerAnswersAnErrorAndAsksAgain() {
        issuers.main().fail("troubled");
        assertThat(publish("troubled")).isEqualTo(503);

        issuers.main().describe("troubled", Map.of("iss", TokenIssuer.ISSUER, "aud", TokenIssuer.AUDIENCE));
        assertThat(publish("troubled")).isEqualTo(202);
    }

    @Test
    void asksTheIssuerAboutNoJwtWithAnUnknownKey() {
        int before = issuers.main().introspected();

        assertThat(publish(issuers.main().signWithAnUnknownKey(of(TokenIssuer.ISSUER))))
                .isEqualTo(401);

        assertThat(issuers.main().introspected()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"sluice, 202", "other, 401", ", 401"})
    void checksTheAudienceOfAnOpaqueToken(String audience, int status) {
        Map<String, Object> claims = new HashMap<>();
        if (audience != null) {
            claims.put("aud", audience);
        }
        issuers.main().describe("for-" + audience, claims);

        assertThat(publish("for-" + audience)).isEqualTo(status);
    }

    @Test
    void acceptsAnOpaqueTokenOfSeveralAudiences() {
        issuers.main().describe("for-several", Map.of("aud", List.of("other", TokenIssuer.AUDIENCE)));
        issuers.main().describe("for-others", Map.of("aud", List.of("other", "another")));

        assertThat(publish("for-several")).isEqualTo(202);
        assertThat(publish("for-others")).isEqualTo(401);
    }

    @Test
    void rejectsAnOpaqueTokenThatAnotherIssuerIssued() {
        issuers.main().describe("of-another", Map.of("aud", TokenIssuer.AUDIENCE, "iss", "https://nobody.example"));

        assertThat(publish("of-another")).isEqualTo(401);
    }

    /** The issuer is asked about the token, whatever its payload says. */
    @ParameterizedTest
    @CsvSource({"sluice, sluice, 202", "other, sluice, 401", "sluice, other, 401"})
    void checksTheAudienceOfAJwtThatIsIntrospected(String own, String described, int status) {
        String token = issuers.revoking().sign(of(REVOKING).audience(own));
        issuers.revoking().describe(token, Map.of("aud", described));

        assertThat(publish(token)).isEqualTo(status);
    }

    @Test
    void rejectsAJwtThatIsDescribedWithoutAnAudience() {
        String token = issuers.revoking().sign(of(REVOKING));
        issuers.revoking().describe(token, Map.of());

        assertThat(publish(token)).isEqualTo(401);
    }

    @Test
    void rejectsARevokedJwt() {
        String revoked = issuers.revoking().sign(of(REVOKING));
        String valid = issuers.revoking().sign(of(REVOKING).claim("n", 2));
        issuers.revoking().describe(valid, Map.of("aud", TokenIssuer.AUDIENCE));

        assertThat(publish(revoked)).isEqualTo(401);
        assertThat(publish(valid)).isEqualTo(202);
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

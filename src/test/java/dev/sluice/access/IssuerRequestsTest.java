package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.SluiceException;
import dev.sluice.support.LogRecords;
import io.quarkus.oidc.SecurityEvent;
import io.quarkus.oidc.common.OidcRequestContextProperties;
import io.quarkus.oidc.common.OidcRequestFilter.OidcRequestFilterContext;
import io.quarkus.oidc.runtime.OidcUtils;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.core.buffer.Buffer;
import io.vertx.mutiny.ext.web.client.HttpRequest;
import io.vertx.mutiny.ext.web.client.WebClient;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which requests to a token issuer pass, and what is logged. */
class IssuerRequestsTest {
    private final Vertx vertx = Vertx.vertx();
    private final WebClient client = WebClient.create(vertx);
    private final IssuerRequests requests = new IssuerRequests();

    @BeforeEach
    void theIssuerIsAway() {
        tell(SecurityEvent.Type.OIDC_SERVER_NOT_AVAILABLE, "https://id.example");
    }

    @AfterEach
    void close() {
        client.close();
        vertx.closeAndAwait();
    }

    @Test
    void refusesASecondRequestForTheSame() {
        ask(keys());

        assertThatThrownBy(() -> ask(keys())).isInstanceOf(SluiceException.class);
    }

    @Test
    void passesAllRequestsToAnIssuerThatIsReached() {
        tell(SecurityEvent.Type.OIDC_SERVER_AVAILABLE, "https://id.example");
        ask(keys());

        assertThatCode(() -> ask(keys())).doesNotThrowAnyException();
    }

    @Test
    void passesTheRequestAfterARedirectThatSetsACookie() {
        ask(keys());

        assertThatCode(() -> ask(keys().putHeader(HttpHeaders.COOKIE, "node=1")))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesASecondRequestWithACookie() {
        ask(keys().putHeader(HttpHeaders.COOKIE, "node=1"));

        assertThatThrownBy(() -> ask(keys().putHeader(HttpHeaders.COOKIE, "node=2")))
                .isInstanceOf(SluiceException.class);
    }

    @Test
    void passesEachRefreshOfTheKeysThatQuarkusPermits() {
        assertThat(IssuerRequests.PAUSE).isLessThan(OidcTenants.KEYS_PAUSE);
    }

    @Test
    void logsOnceThatAnIssuerIsAway() {
        try (LogRecords log = LogRecords.of(IssuerRequests.class.getName())) {
            tell(SecurityEvent.Type.OIDC_SERVER_NOT_AVAILABLE, "https://other.example");
            tell(SecurityEvent.Type.OIDC_SERVER_NOT_AVAILABLE, "https://other.example");

            assertThat(log.messages()).singleElement().asString().contains("https://other.example cannot be reached");
        }
    }

    private void tell(SecurityEvent.Type event, String issuer) {
        requests.changed(new SecurityEvent(event, Map.of(SecurityEvent.AUTH_SERVER_URL, issuer)));
    }

    private HttpRequest<Buffer> keys() {
        return client.getAbs("https://id.example/jwks");
    }

    private void ask(HttpRequest<Buffer> request) {
        requests.filter(new OidcRequestFilterContext(
                        request,
                        null,
                        new OidcRequestContextProperties(Map.of(OidcUtils.TENANT_ID_ATTRIBUTE, "Default"))))
                .await()
                .indefinitely();
    }
}

package dev.sluice.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.failure.Failure;
import io.quarkus.arc.Unremovable;
import io.quarkus.oidc.SecurityEvent;
import io.quarkus.oidc.common.OidcEndpoint;
import io.quarkus.oidc.common.OidcRequestFilter;
import io.quarkus.oidc.runtime.OidcUtils;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Limits the requests for the metadata and the keys of a token issuer that has not been reached since the start. Quarkus
 * would ask it again for each request with any token, also one that anybody has made up; it limits the requests to an
 * issuer that was reached itself. Logs once that an issuer has not been reached since the start: Quarkus reports nothing
 * else, and its messages, one per attempt, are not logged. Thread-safe.
 */
@Singleton
@Unremovable
@OidcEndpoint({OidcEndpoint.Type.DISCOVERY, OidcEndpoint.Type.JWKS})
final class IssuerRequests implements OidcRequestFilter {
    private static final Logger LOG = Logger.getLogger(IssuerRequests.class);
    /**
     * Minimum interval between two requests for the same. Policy: a further one fails with {@code UNAVAILABLE}. It is
     * below {@link OidcTenants#KEYS_PAUSE}, so that a refresh of the keys that Quarkus permits is never refused here.
     */
    static final Duration PAUSE = Duration.ofMillis(900);

    private final Cache<String, Boolean> asked =
            Caffeine.newBuilder().expireAfterWrite(PAUSE).build();
    private final Set<String> away = ConcurrentHashMap.newKeySet();

    @Override
    public Uni<Void> filter(OidcRequestFilterContext request) {
        if (away.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        String tenant = request.contextProperties().getString(OidcUtils.TENANT_ID_ATTRIBUTE);
        // A redirect to the same address that sets a cookie is followed by one more request, which has the cookie.
        boolean again = request.request().headers().contains(HttpHeaders.COOKIE);
        String what = tenant + " " + request.request().uri() + (again ? " again" : "");
        return asked.asMap().putIfAbsent(what, true) == null
                ? Uni.createFrom().voidItem()
                : Uni.createFrom().failure(Failure.UNAVAILABLE.because("The token issuer cannot be reached"));
    }

    void changed(@Observes SecurityEvent event) {
        String issuer = String.valueOf(event.getEventProperties().get(SecurityEvent.AUTH_SERVER_URL));
        switch (event.getEventType()) {
            case OIDC_SERVER_NOT_AVAILABLE -> {
                if (away.add(issuer)) {
                    LOG.warnf(
                            "The token issuer %s cannot be reached, trying again with each second's requests; the log"
                                    + " category io.quarkus.oidc.common.runtime.OidcCommonUtils at WARN tells why",
                            issuer);
                }
            }
            case OIDC_SERVER_AVAILABLE -> {
                if (away.remove(issuer)) {
                    LOG.infof("The token issuer %s is reached again", issuer);
                }
            }
            default -> {}
        }
    }
}

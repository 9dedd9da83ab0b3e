package dev.sluice.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.quarkus.oidc.OidcRequestContext;
import io.quarkus.oidc.OidcTenantConfig;
import io.quarkus.oidc.TokenIntrospection;
import io.quarkus.oidc.TokenIntrospectionCache;
import io.quarkus.oidc.runtime.DefaultTokenIntrospectionUserInfoCache;
import io.quarkus.security.AuthenticationFailedException;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;

/**
 * What the issuers have answered about tokens (RFC 7662), and how often they are asked. Anybody can send tokens that nobody
 * has issued, and each would be a request to the issuer: a refused token is remembered for some seconds, and the number of
 * questions per second is limited. Quarkus OIDC asks here first, instead of its own
 * cache. Thread-safe.
 */
@Singleton
@Alternative
@Priority(1)
final class Introspections implements TokenIntrospectionCache {
    private static final Duration REMEMBERED = Duration.ofSeconds(5);
    /** Policy: the issuer is asked again about a token that was forgotten earlier. */
    private static final long MOST_CHARACTERS = 4L << 20;

    private final TokenIntrospectionCache answers;
    private final RejectionCounters rejections;
    private final long perSecond;
    private final Bucket questions;
    private final Cache<String, Boolean> refused;

    @Inject
    Introspections(DefaultTokenIntrospectionUserInfoCache answers, LimitsConfig config, RejectionCounters rejections) {
        this(answers, config, rejections, TimeMeter.SYSTEM_NANOTIME);
    }

    Introspections(TokenIntrospectionCache answers, LimitsConfig config, RejectionCounters rejections, TimeMeter time) {
        this.answers = answers;
        this.rejections = rejections;
        this.perSecond = config.introspectionsPerSecond();
        this.questions = RequestLimiter.bucket(perSecond, time);
        this.refused = Caffeine.newBuilder()
                .maximumWeight(MOST_CHARACTERS)
                .weigher((String token, Boolean known) -> token.length())
                .expireAfterWrite(REMEMBERED)
                .ticker(time::currentTimeNanos)
                .build();
    }

    /** Remembers that {@code token} is not valid. That a client repeats it prolongs nothing. */
    void refuse(String token) {
        refused.asMap().putIfAbsent(token, true);
    }

    @Override
    public Uni<Void> addIntrospection(
            String token, TokenIntrospection answer, OidcTenantConfig tenant, OidcRequestContext<Void> context) {
        return answers.addIntrospection(token, answer, tenant, context);
    }

    /** Returns the known answer, or null if the issuer may be asked. Fails if it may not. */
    @Override
    public Uni<TokenIntrospection> getIntrospection(
            String token, OidcTenantConfig tenant, OidcRequestContext<TokenIntrospection> context) {
        if (refused.getIfPresent(token) != null) {
            return Uni.createFrom().failure(new AuthenticationFailedException("The issuer has just refused the token"));
        }
        return answers.getIntrospection(token, tenant, context).invoke(known -> {
            if (known == null && !questions.tryConsume(1)) {
                throw rejections.reached(
                        Limit.INTROSPECTIONS_PER_SECOND,
                        "This instance asks the token issuers at most " + perSecond + " times per second");
            }
        });
    }
}

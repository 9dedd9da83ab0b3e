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
 * Caches token introspections (RFC 7662) and limits their rate. Anybody can send random tokens, and each would be a request
 * to the issuer. So a rejection is cached for some seconds. Quarkus OIDC uses this cache in place of its own. Thread-safe.
 */
@Singleton
@Alternative
@Priority(1)
final class IntrospectionCache implements TokenIntrospectionCache {
    private static final Duration REMEMBERED = Duration.ofSeconds(5);
    /** Maximum total length of the cached rejected tokens. Policy: of more, the issuer is asked again about some. */
    private static final long MAX_CHARACTERS = 4L << 20;

    private final TokenIntrospectionCache answers;
    private final RejectionCounters rejections;
    private final long perSecond;
    private final Bucket questions;
    private final Cache<String, Boolean> refused;

    @Inject
    IntrospectionCache(
            DefaultTokenIntrospectionUserInfoCache answers, LimitsConfig config, RejectionCounters rejections) {
        this(answers, config, rejections, TimeMeter.SYSTEM_NANOTIME);
    }

    IntrospectionCache(
            TokenIntrospectionCache answers, LimitsConfig config, RejectionCounters rejections, TimeMeter time) {
        this.answers = answers;
        this.rejections = rejections;
        this.perSecond = config.introspectionsPerSecond();
        this.questions = RequestLimiter.bucket(perSecond, time);
        this.refused = Caffeine.newBuilder()
                .maximumWeight(MAX_CHARACTERS)
                .weigher((String token, Boolean known) -> token.length())
                .expireAfterWrite(REMEMBERED)
                .ticker(time::currentTimeNanos)
                .build();
    }

    /** Caches the rejection of {@code token}. A repeated request does not prolong it. */
    void refuse(String token) {
        refused.asMap().putIfAbsent(token, true);
    }

    @Override
    public Uni<Void> addIntrospection(
            String token, TokenIntrospection answer, OidcTenantConfig tenant, OidcRequestContext<Void> context) {
        return answers.addIntrospection(token, answer, tenant, context);
    }

    /** Returns the cached answer, or null if the issuer may be asked. Fails if the token was rejected, or at the limit. */
    @Override
    public Uni<TokenIntrospection> getIntrospection(
            String token, OidcTenantConfig tenant, OidcRequestContext<TokenIntrospection> context) {
        if (refused.getIfPresent(token) != null) {
            return Uni.createFrom().failure(new AuthenticationFailedException("The issuer has just refused the token"));
        }
        return answers.getIntrospection(token, tenant, context).invoke(known -> {
            if (known == null && !questions.tryConsume(1)) {
                throw rejections.reached(
                        AccessLimit.INTROSPECTIONS_PER_SECOND,
                        "This instance asks the token issuers at most " + perSecond + " times per second");
            }
        });
    }
}

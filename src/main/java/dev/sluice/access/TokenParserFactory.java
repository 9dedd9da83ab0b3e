package dev.sluice.access;

import io.smallrye.jwt.auth.principal.DefaultJWTCallerPrincipal;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import io.smallrye.jwt.auth.principal.JWTCallerPrincipal;
import io.smallrye.jwt.auth.principal.JWTCallerPrincipalFactory;
import io.smallrye.jwt.auth.principal.ParseException;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jose4j.jwt.consumer.JwtContext;

/** Makes SmallRye JWT parse tokens with {@link TokenParser}, through SmallRye's extension point. */
@Singleton
@Alternative
@Priority(1)
final class TokenParserFactory extends JWTCallerPrincipalFactory {
    private final TokenParser parser;

    @Inject
    TokenParserFactory(KeyRefreshCounters refreshes) {
        parser = new TokenParser(refreshes);
    }

    @Override
    public JWTCallerPrincipal parse(String token, JWTAuthContextInfo tokens) throws ParseException {
        JwtContext parsed = parser.parse(token, tokens);
        String type = parsed.getJoseObjects().get(0).getHeader("typ");
        return new DefaultJWTCallerPrincipal(type, parsed.getJwtClaims());
    }
}

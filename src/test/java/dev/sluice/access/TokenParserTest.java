package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.TokenIssuer;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The keys of whoever issues tokens, at the moments at which they are hard to get. */
class TokenParserTest {
    private final TokenIssuer issuer = new TokenIssuer();
    private final TokenParser parser = new TokenParser();

    @AfterEach
    void close() {
        issuer.close();
    }

    @Test
    void knowsAKeyThatCameAMomentAfterTheOthersWereFetched() {
        assertThatCode(() -> parse(issuer.keysUrl())).doesNotThrowAnyException();

        issuer.rotate();

        assertThatCode(() -> parse(issuer.keysUrl())).doesNotThrowAnyException();
        assertThat(issuer.asked()).isEqualTo(2);
    }

    @Test
    void blamesNoTokenForKeysThatWereNeverThere() {
        issuer.stop();
        assertThat(catchThrowable(() -> parse(issuer.keysUrl()))).satisfies(TokenParserTest::isUnavailable);

        issuer.start();
        Awaitility.await().atMost(Duration.ofSeconds(5)).ignoreExceptions().until(() -> {
            parse(issuer.keysUrl());
            return true;
        });
    }

    @Test
    void holdsNoThreadForLongWhereNobodyAnswers() throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(8);
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String url = "http://127.0.0.1:" + silent.getLocalPort() + "/keys";
            long before = System.nanoTime();

            List<CompletableFuture<Throwable>> refused = Stream.generate(
                            () -> CompletableFuture.supplyAsync(() -> catchThrowable(() -> parse(url)), workers))
                    .limit(8)
                    .toList();

            assertThat(refused)
                    .allSatisfy(failure -> assertThat(failure.join()).satisfies(TokenParserTest::isUnavailable));
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
        } finally {
            workers.shutdownNow();
        }
    }

    private void parse(String keys) throws Exception {
        JWTAuthContextInfo tokens = new JWTAuthContextInfo();
        tokens.setPublicKeyLocation(keys);
        tokens.setIssuedBy(TokenIssuer.ISSUER);
        tokens.setExpectedAudience(Set.of(TokenIssuer.AUDIENCE));
        tokens.setJwksRefreshInterval(10);
        tokens.setForcedJwksRefreshInterval(1);
        parser.parse(issuer.token("web"), tokens);
    }

    private static void isUnavailable(Throwable failure) {
        assertThat(failure).isInstanceOfSatisfying(SluiceException.class, refusal -> assertThat(refusal.failure())
                .isEqualTo(Failure.UNAVAILABLE));
    }
}

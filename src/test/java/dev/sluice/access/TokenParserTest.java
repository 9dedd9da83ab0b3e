package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.TokenIssuer;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Token verification while the issuer's keys rotate, are unavailable, or arrive slowly. */
class TokenParserTest {
    private final TokenIssuer issuer = new TokenIssuer();
    private final KeyRefreshCounters refreshes = new KeyRefreshCounters();
    private final TokenParser parser = new TokenParser(refreshes);

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

    @Test
    void noticesARotationAmongTokensOfInventedKeys() throws Exception {
        parse(issuer.keysUrl());
        ExecutorService strangers = Executors.newFixedThreadPool(4);
        AtomicInteger invented = new AtomicInteger();
        try {
            Stream.generate(() -> issuer.signWithAnUnknownKey(TokenIssuer.claims("web")))
                    .limit(4)
                    .forEach(token -> strangers.execute(() -> {
                        while (!strangers.isShutdown()) {
                            assertThatThrownBy(() -> parse(issuer.keysUrl(), token));
                            invented.incrementAndGet();
                        }
                    }));
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> issuer.asked() == 2);
            issuer.rotate();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(IssuerKeys.PAUSE_SECONDS + 1))
                    .ignoreExceptions()
                    .until(() -> {
                        parse(issuer.keysUrl());
                        return true;
                    });
        } finally {
            strangers.shutdownNow();
        }
        assertThat(invented.get()).isGreaterThan(100);
        assertThat(issuer.asked()).isEqualTo(3);
        assertThat(refreshes.count(KeyRefreshCounters.Outcome.FETCHED)).isEqualTo(2);
        assertThat(refreshes.count(KeyRefreshCounters.Outcome.TOO_SOON)).isGreaterThan(100);
    }

    @Test
    void letsFewThreadsWaitForKeysThatDoNotCome() throws Exception {
        parse(issuer.keysUrl());
        String stranger = issuer.signWithAnUnknownKey(TokenIssuer.claims("web"));
        issuer.stop();
        ExecutorService workers = Executors.newFixedThreadPool(64);
        AtomicInteger refused = new AtomicInteger();
        try (ServerSocket silent = silentAt(URI.create(issuer.keysUrl()).getPort())) {
            for (int i = 0; i < 64; i++) {
                workers.execute(() -> {
                    assertThatThrownBy(() -> parse(issuer.keysUrl(), stranger));
                    refused.incrementAndGet();
                });
            }

            Awaitility.await().atMost(Duration.ofSeconds(1)).until(() -> refused.get() == 64 - 16);
            assertThat(refreshes.count(KeyRefreshCounters.Outcome.TOO_MANY)).isEqualTo(64 - 16);
            assertThatCode(() -> parse(issuer.keysUrl())).doesNotThrowAnyException();
            Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> refused.get() == 64);
        } finally {
            workers.shutdownNow();
            issuer.start();
        }
    }

    private static ServerSocket silentAt(int port) throws IOException {
        return new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    }

    private void parse(String keys) throws Exception {
        parse(keys, issuer.token("web"));
    }

    private void parse(String keys, String token) throws Exception {
        JWTAuthContextInfo tokens = new JWTAuthContextInfo();
        tokens.setPublicKeyLocation(keys);
        tokens.setIssuedBy(TokenIssuer.ISSUER);
        tokens.setExpectedAudience(Set.of(TokenIssuer.AUDIENCE));
        tokens.setJwksRefreshInterval(10);
        parser.parse(token, tokens);
    }

    private static void isUnavailable(Throwable failure) {
        assertThat(failure).isInstanceOfSatisfying(SluiceException.class, refusal -> assertThat(refusal.failure())
                .isEqualTo(Failure.UNAVAILABLE));
    }
}

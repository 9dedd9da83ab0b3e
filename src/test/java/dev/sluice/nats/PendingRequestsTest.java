package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.nats.client.Message;
import io.nats.client.impl.NatsMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PendingRequestsTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration LONG = Duration.ofMinutes(1);

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final PendingRequests requests = new PendingRequests(clock);

    @AfterEach
    void close() {
        clock.shutdownNow();
    }

    @Test
    void passesEachReplyToItsRequest() {
        Asked one = ask("a", LONG);
        Asked other = ask("a", LONG);

        reply(other.number, "y");
        reply(one.number, "x");
        reply(one.number, "z");

        assertThat(one.events).containsExactly("x", "z");
        assertThat(other.events).containsExactly("y");
    }

    @Test
    void dropsTheRepliesToARequestThatIsOver() {
        Asked over = ask("a", LONG);
        over.release.run();
        Asked next = ask("a", LONG);

        reply(over.number, "x");

        assertThat(over.events).isEmpty();
        assertThat(next.events).isEmpty();
    }

    @Test
    void endsARequestWithoutAReplyInTime() {
        Asked asked = ask("a", Duration.ofMillis(1));

        await().atMost(SOON).untilAsserted(() -> assertThat(asked.events).containsExactly("timedOut"));
    }

    @Test
    void observesTheTimeoutOfEachRequest() {
        Asked patient = ask("a", LONG);
        Asked hasty = ask("a", Duration.ofMillis(1));

        await().atMost(SOON).untilAsserted(() -> assertThat(hasty.events).containsExactly("timedOut"));
        assertThat(patient.events).isEmpty();
    }

    @Test
    void failsTheRequestsToADeniedSubject() {
        Asked denied = ask("a", LONG);
        Asked permitted = ask("b", LONG);

        requests.denied("a");

        assertThat(denied.events).containsExactly("FORBIDDEN");
        assertThat(permitted.events).isEmpty();
    }

    @Test
    void failsAllRequestsOfALinkWithoutReplies() {
        Asked asked = ask("a", LONG);

        requests.fail(Failure.FORBIDDEN.because("no inbox"));

        assertThat(asked.events).containsExactly("FORBIDDEN");
    }

    @Test
    void keepsRequestsWhenTheConnectionIsLostButNotWhenItIsClosed() {
        Asked asked = ask("a", LONG);

        requests.disconnected();
        reply(asked.number, "x");
        requests.closed();

        assertThat(asked.events).containsExactly("disconnected", "x", "closed");
    }

    @Test
    void tracksARequestBeforeItIsSent() {
        Asked asked = new Asked("a");

        requests.send(asked, LONG, number -> reply(number, "x"));

        assertThat(asked.events).containsExactly("x");
    }

    @Test
    void doesNotTrackARequestThatCannotBeSent() {
        Asked asked = new Asked("a");

        assertThatThrownBy(() -> requests.send(asked, LONG, number -> {
                    throw new IllegalStateException("closed");
                }))
                .isInstanceOf(IllegalStateException.class);

        requests.disconnected();
        assertThat(asked.events).isEmpty();
    }

    private Asked ask(String subject, Duration timeout) {
        Asked asked = new Asked(subject);
        requests.send(asked, timeout, number -> asked.number = number);
        return asked;
    }

    private void reply(long number, String text) {
        requests.reply(number, NatsMessage.builder().subject("inbox").data(text).build());
    }

    /** Records what happens to a request. */
    private static final class Asked implements PendingRequest {
        private final String subject;
        private final List<String> events = new CopyOnWriteArrayList<>();
        private volatile Runnable release = () -> {};
        private volatile long number;

        private Asked(String subject) {
            this.subject = subject;
        }

        @Override
        public String subject() {
            return subject;
        }

        @Override
        public void onEnd(Runnable action) {
            release = action;
        }

        @Override
        public void reply(Message reply) {
            events.add(new String(reply.getData(), StandardCharsets.UTF_8));
        }

        @Override
        public boolean timedOut() {
            events.add("timedOut");
            release.run();
            return true;
        }

        @Override
        public void closed() {
            events.add("closed");
            release.run();
        }

        @Override
        public void fail(SluiceException failure) {
            events.add(failure.failure().name());
            release.run();
        }

        @Override
        public void disconnected() {
            events.add("disconnected");
        }
    }
}

package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.flow.Ticker;
import dev.sluice.nats.Dispatchers;
import dev.sluice.stream.JetStreamApi;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import io.nats.client.Subscription;
import io.nats.client.impl.NatsMessage;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The inbox of pulls on a connection that does not take its subscription. */
class OpenPullsTest {
    private final Ticker ticker = new Ticker(PullContext.TICK, "open-pulls-test");
    private final List<String> published = new ArrayList<>();
    private final List<MessageHandler> inboxes = new ArrayList<>();
    private boolean busy;

    @AfterEach
    void stop() {
        ticker.close();
    }

    @Test
    void aPullNeedsAnInbox() {
        OpenPulls pulls = pulls();
        busy = true;

        assertThatThrownBy(() -> pulls.send(1, 0, 0)).isInstanceOf(IllegalStateException.class);

        assertThat(published).isEmpty();
    }

    @Test
    void theNextPullOpensTheInboxThatABusyConnectionDidNotTake() {
        OpenPulls pulls = pulls();
        busy = true;
        assertThatThrownBy(() -> pulls.send(1, 0, 0)).isInstanceOf(IllegalStateException.class);
        pulls.reset();
        busy = false;

        pulls.send(1, 0, 0);

        assertThat(published).containsExactly("$JS.API.CONSUMER.MSG.NEXT.WORK.worker");
    }

    /** A server that permits no more subscriptions does not tell which one it has refused. */
    @Test
    void thePullsOfAnInboxThatReceivesNothingMoveToAnother() {
        OpenPulls pulls = pulls();
        pulls.send(1, 0, 0);

        pulls.reopenIfNothingReceived();
        pulls.reset();
        pulls.send(1, 0, 0);

        assertThat(inboxes).hasSize(2);
    }

    @Test
    void anInboxThatReceivesIsKept() throws InterruptedException {
        OpenPulls pulls = pulls();
        pulls.send(1, 0, 0);
        inboxes.get(0).onMessage(new NatsMessage("_INBOX.test.0", null, new byte[0]));

        pulls.reopenIfNothingReceived();
        pulls.reset();
        pulls.send(1, 0, 0);

        assertThat(inboxes).hasSize(1);
    }

    private OpenPulls pulls() {
        JetStreamApi api = new JetStreamApi(null, JetStreamApi.DEFAULT_PREFIX, Duration.ofSeconds(1));
        PullContext context = new PullContext(
                null,
                api,
                new Dispatchers(1),
                ticker,
                new InProgressHeartbeat(ticker),
                new PullCounters(),
                Set.of(),
                new RecentConsumers(api));
        OpenPulls pulls =
                new OpenPulls(TestPulls.REF, PullOptions.of(TestPulls.config(Map.of())), context, new Nothing());
        pulls.useConnection(proxy(Connection.class, this::connection));
        return pulls;
    }

    private Object connection(Method method, Object[] arguments) {
        return switch (method.getName()) {
            case "createInbox" -> "_INBOX.test";
            case "createDispatcher" -> proxy(Dispatcher.class, this::dispatcher);
            case "publish" -> published.add((String) arguments[0]);
            default -> throw new UnsupportedOperationException(method.toString());
        };
    }

    private Object dispatcher(Method method, Object[] arguments) {
        if (method.getName().equals("subscribe") && busy) {
            throw new IllegalStateException("Output queue is full");
        }
        if (method.getName().equals("subscribe")) {
            inboxes.add((MessageHandler) arguments[1]);
            return proxy(Subscription.class, (called, none) -> null);
        }
        return null;
    }

    private interface Answers {
        Object answer(Method method, Object[] arguments);
    }

    private static <T> T proxy(Class<T> type, Answers answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> answers.answer(method, arguments)));
    }

    private static final class Nothing implements PullInbox.Receiver {
        @Override
        public void message(Message message, AckSubject position) {}

        @Override
        public void status(PullSignal signal) {}

        @Override
        public void unreadable(Message message) {}
    }
}

package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.flow.HotMulti;
import dev.sluice.flow.Limit;
import dev.sluice.support.Settings;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Subscription;
import io.smallrye.mutiny.Uni;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Subscriptions that meet a full outgoing queue of the connection. */
class FullQueueTest {

    private final LinkThreads threads = new LinkThreads("test");
    private final List<String> subscribed = new CopyOnWriteArrayList<>();
    private final List<String> ended = new CopyOnWriteArrayList<>();
    private final AtomicInteger notEnded = new AtomicInteger();
    private boolean full;
    private final AtomicInteger room = new AtomicInteger(1);
    private final Dispatcher dispatcher = fake(Dispatcher.class);
    private final Connection connection = fake(Connection.class);

    @Test
    void aSubscriptionIsSentAgainFromThePatternThatTheQueueRefused() {
        CoreSubscription subscription = subscription();

        threads.run(() -> subscription.up(connection));

        await().atMost(Timeouts.LIMIT).until(() -> subscribed.contains("_INBOX.1"));
        assertThat(subscribed).containsExactly("a.*", "b.*", "c.*", "_INBOX.1");
    }

    @Test
    void nothingIsSentAgainAfterTheConnectionIsLost() {
        CoreSubscription subscription = subscription();
        threads.run(() -> subscription.up(connection));
        threads.run(subscription::down);
        AtomicInteger later = new AtomicInteger();

        threads.later(FullQueueRetry.PAUSE.multipliedBy(2), later::incrementAndGet);

        await().atMost(Timeouts.LIMIT).until(() -> later.get() > 0);
        assertThat(subscribed).containsExactly("a.*");
    }

    @Test
    void aClosedSubscriptionIsEndedElsewhere() {
        List<Runnable> elsewhere = new CopyOnWriteArrayList<>();
        room.set(100);
        CoreSubscription subscription = subscription(elsewhere::add);
        subscription.up(connection);

        subscription.close();
        assertThat(ended).isEmpty();
        elsewhere.forEach(Runnable::run);

        assertThat(ended).containsExactlyInAnyOrder("a.*", "b.*", "c.*", "_INBOX.1");
    }

    @Test
    void aSubscriptionThatTheServerKeepsIsReported() {
        room.set(100);
        CoreSubscription subscription = subscription();
        subscription.up(connection);
        full = true;

        subscription.close();

        assertThat(notEnded).hasValue(1);
    }

    @Test
    void aResponderServesAfterTheQueueHasRoom() {
        Responder responder = new Responder(
                new ServiceDescription("prices", "1.0.0", "prices"),
                new Subject("prices.get"),
                request -> Uni.createFrom().item(new byte[0]),
                Settings.of(RespondConfig.class, Map.of()),
                new Limit("sluice.respond.window", 1),
                threads);

        threads.run(() -> responder.up(connection));

        await().atMost(Timeouts.LIMIT).until(() -> subscribed.contains("prices.get"));
        assertThat(subscribed).hasSize(10).doesNotHaveDuplicates();
    }

    private CoreSubscription subscription() {
        return subscription(Runnable::run);
    }

    private CoreSubscription subscription(Executor closing) {
        return new CoreSubscription(
                TestSubscriptions.set("a.*", "b.*", "c.*"),
                Optional.empty(),
                new HotMulti.Sink<>() {
                    @Override
                    public void offer(InboundMessage item) {}

                    @Override
                    public void fail(Throwable failure) {}

                    @Override
                    public void complete() {}
                },
                SubscriptionObserver.NONE,
                any -> dispatcher,
                threads,
                closing,
                new DispatcherLimits(1, 1, () -> {}),
                notEnded::incrementAndGet);
    }

    /** The queue has no room at each second subscription. */
    private <T> T fake(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> switch (method.getName()) {
                    case "createDispatcher" -> dispatcher;
                    case "createInbox" -> "_INBOX.1";
                    case "subscribe" -> subscribe((String) arguments[0]);
                    case "unsubscribe" -> {
                        if (full) {
                            throw new IllegalStateException("Output queue is full");
                        }
                        ended.add(((Subscription) arguments[0]).getSubject());
                        yield self;
                    }
                    case "publish" -> null;
                    case "isActive" -> true;
                    case "equals" -> self == arguments[0];
                    case "hashCode" -> System.identityHashCode(self);
                    case "toString" -> "fake " + type.getSimpleName();
                    default -> throw new UnsupportedOperationException(method.toString());
                }));
    }

    private Subscription subscribe(String subject) {
        if (room.getAndDecrement() == 0) {
            room.set(1);
            throw new IllegalStateException("Output queue is full");
        }
        subscribed.add(subject);
        return (Subscription) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Subscription.class},
                (self, method, arguments) -> switch (method.getName()) {
                    case "getSubject" -> subject;
                    case "getDispatcher" -> dispatcher;
                    case "equals" -> self == arguments[0];
                    case "hashCode" -> subject.hashCode();
                    default -> throw new UnsupportedOperationException(method.toString());
                });
    }
}

package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.nats.MessageTracing;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import dev.sluice.nats.SubscribeConfig;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.bucket.BucketConfig;
import dev.sluice.stream.bucket.Buckets;
import dev.sluice.stream.message.StoredMessages;
import dev.sluice.stream.publish.PublishConfig;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.publish.TestPublishing;
import dev.sluice.stream.pull.Delivery;
import dev.sluice.stream.pull.FetchRequest;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.pull.PullSubscriptions;
import dev.sluice.stream.topology.Topology;
import dev.sluice.stream.topology.TopologyConfig;
import dev.sluice.support.Broker;
import dev.sluice.support.ManagementCall;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.StreamConfiguration;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The components of the orders package on a test server, with short pauses. Workers run only if a test starts them. */
final class TestOrders implements AutoCloseable {
    final StoredPublisher publisher;
    final PullSubscriptions pulls;
    final OrderStates states;
    final DeadLetters deadLetters;
    final OrderIntake intake;
    final OrderProcessing processing;
    final OrderNotifications notifications;
    final OrderWorkers workers;
    private final NatsLinks links;
    final Buckets buckets;
    private final Topology topology;

    /** @param switched the workers to run: {@code queue-group}, {@code processor}, ... */
    TestOrders(NatsServer server, OrderHandler handler, String... switched) {
        this(Map.of(), server, handler, switched);
    }

    /** @param settings full keys, or keys of {@code sluice.orders}, that override this class's defaults */
    TestOrders(Map<String, String> settings, NatsServer server, OrderHandler handler, String... switched) {
        this(settings, 1, TestLinks.to(server), handler, switched);
    }

    /** Uses the broker's number of replicas for every stream and bucket. */
    TestOrders(Broker broker, OrderHandler handler, String... switched) {
        this(Map.of(), broker, handler, switched);
    }

    TestOrders(Map<String, String> settings, Broker broker, OrderHandler handler, String... switched) {
        this(settings, broker.replicas(), TestLinks.to(broker), handler, switched);
    }

    private TestOrders(
            Map<String, String> settings, int replicas, NatsLinks links, OrderHandler handler, String... switched) {
        this.links = links;
        Map<String, String> keys = keys();
        keys.put("sluice.orders.status.replicas", Integer.toString(replicas));
        for (String stream : List.of("ORDERS", "DEAD_LETTERS", "ORDERS_EXHAUSTED")) {
            keys.put("sluice.topology.streams." + stream + ".replicas", Integer.toString(replicas));
        }
        settings.forEach((key, value) -> keys.put(key.startsWith("sluice.") ? key : "sluice.orders." + key, value));
        for (String worker : List.of("queue-group", "processor", "batch-processor", "undertaker")) {
            keys.put(
                    "sluice.orders.workers." + worker,
                    Boolean.toString(List.of(switched).contains(worker)));
        }
        OrdersConfig config = Settings.of(OrdersConfig.class, keys);
        PullConfig pullConfig = Settings.of(PullConfig.class, keys);
        JetStreamApis jetStream = new JetStreamApis(links, pullConfig);
        TopologyConfig topologyConfig = Settings.of(TopologyConfig.class, keys);
        publisher = TestPublishing.publisher(links.publishing(), Settings.of(PublishConfig.class, keys));
        pulls = new PullSubscriptions(links, jetStream, pullConfig);
        buckets = new Buckets(links, jetStream, publisher, pulls, Settings.of(BucketConfig.class, keys));
        topology = new Topology(links, jetStream, topologyConfig);
        StoredMessages messages = new StoredMessages(jetStream, topologyConfig);
        states = new OrderStates(buckets, config);
        deadLetters = new DeadLetters(publisher, messages);
        intake = new OrderIntake(publisher, messages, states);
        processing = new OrderProcessing(handler, states, deadLetters, config, MessageTracing.OFF);
        notifications = new OrderNotifications(new CoreSubscriptions(links, Settings.of(SubscribeConfig.class, keys)));
        workers = new OrderWorkers(
                config,
                topology,
                pulls,
                states,
                processing,
                notifications,
                new ExhaustedOrderWorker(messages, states, deadLetters));
        workers.start();
        await().atMost(Broker.AGREEMENT).until(() -> topology.inPlace() && publisher.reachable());
        await().atMost(Broker.AGREEMENT).until(states::exist);
    }

    private static Map<String, String> keys() {
        Map<String, String> keys = new HashMap<>();
        keys.put("sluice.orders.retry-pause", "20ms");
        keys.put("sluice.orders.attempt-timeout", "300ms");
        keys.put("sluice.orders.batch-wait", "300ms");
        keys.put("sluice.pull.expires", "2s");
        keys.put("sluice.pull.heartbeat", "500ms");
        keys.put("sluice.bucket.declare-again", "50ms");
        keys.put("sluice.topology.retry", "50ms");
        String orders = "sluice.topology.streams.ORDERS.";
        keys.put(orders + "subjects", "orders.>");
        for (String consumer : List.of("order-processor", "order-batch-processor")) {
            keys.put(orders + "consumers." + consumer + ".filter-subjects", "orders.created");
            keys.put(orders + "consumers." + consumer + ".ack-wait", "500ms");
            keys.put(orders + "consumers." + consumer + ".max-deliver", "5");
        }
        keys.put("sluice.topology.streams.DEAD_LETTERS.subjects", "dead.>");
        String exhausted = "sluice.topology.streams.ORDERS_EXHAUSTED.";
        keys.put(exhausted + "subjects", "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.ORDERS.*");
        keys.put(exhausted + "retention", "workqueue");
        keys.put(exhausted + "consumers.order-undertaker.ack-wait", "5s");
        return keys;
    }

    static OrderHandler done() {
        return order -> Uni.createFrom().item(new Outcome.Done(false));
    }

    static Order order(String id) {
        return new Order(id, 4999, Optional.empty());
    }

    /** Stores {@code payload} without the checks of the order intake. */
    Receipt publish(String payload, Map<String, List<String>> headers) {
        byte[] data = payload.getBytes(StandardCharsets.UTF_8);
        return get(publisher.publish(new OutboundMessage(new Subject("orders.created"), headers, data)));
    }

    Receipt publish(String payload) {
        return publish(payload, Map.of());
    }

    /** Returns the state that was read; another replica may not have it yet. */
    OrderState awaitStatus(String orderId, OrderStatus status) {
        return await().atMost(Timeouts.LIMIT)
                .until(() -> get(states.find(orderId)), found -> found.filter(state -> state.status() == status)
                        .isPresent())
                .orElseThrow();
    }

    /**
     * Waits until {@code state} is the order's current state: a lagging replica catches up, a later change would be
     * permanent.
     */
    void awaitState(OrderState state) {
        await().atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(get(states.find(state.orderId())))
                .contains(state));
    }

    List<DeadLetter> awaitDeadLetters(int count) {
        return await().atMost(Timeouts.LIMIT).until(() -> deadLetters("*"), letters -> letters.size() >= count);
    }

    /** Returns the dead letters of one original stream or all ({@code *}). */
    List<DeadLetter> deadLetters(String stream) {
        return get(deadLetters.list(stream, 1, 100).collect().asList());
    }

    static <T> T get(Uni<T> uni) {
        return uni.await().atMost(Timeouts.LIMIT);
    }

    /** Stores a value that is not a state. */
    void breakState(String orderId, String state) {
        manage(it -> links.publishing()
                .connection()
                .jetStream()
                .publish("$KV.ORDER_STATUS." + orderId, state.getBytes(StandardCharsets.UTF_8)));
    }

    /** Deletes the stream of the orders and creates it again, with its consumers. It counts from 1 again. */
    void recreateStream() {
        manage(it -> {
            StreamConfiguration stream = it.getStreamInfo(OrderIntake.STREAM).getConfiguration();
            List<ConsumerInfo> consumers = it.getConsumers(OrderIntake.STREAM);
            it.deleteStream(OrderIntake.STREAM);
            it.addStream(stream);
            for (ConsumerInfo consumer : consumers) {
                it.addOrUpdateConsumer(OrderIntake.STREAM, consumer.getConsumerConfiguration());
            }
            return stream;
        });
    }

    /** Settles the next delivery of an order, without a worker. */
    void settleNext() {
        FetchRequest one = new FetchRequest(1, 1 << 20, Timeouts.LIMIT, true);
        Delivery next = get(pulls.fetchWhole(OrderWorkers.PROCESSOR, one)).get(0);
        get(processing.settle(next));
    }

    /** Publishes the advisory that the message at {@code sequence} used up its deliveries. */
    void exhaust(long sequence) {
        String advisory = "{\"stream\":\"ORDERS\",\"consumer\":\"order-processor\",\"stream_seq\":" + sequence
                + ",\"deliveries\":5}";
        manage(it -> links.publishing()
                .connection()
                .jetStream()
                .publish(
                        "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.ORDERS.order-processor",
                        advisory.getBytes(StandardCharsets.UTF_8)));
    }

    <T> T manage(ManagementCall<T> call) {
        return ManagementCall.make(links.publishing().connection(), call);
    }

    /** Permanently closes the connection for pulls and acks. For the server, the worker is gone. */
    void dieToConsumers() {
        cut(links.consuming());
    }

    /** Permanently closes all connections. */
    void die() {
        cut(links.consuming());
        cut(links.publishing());
    }

    private static void cut(NatsLink link) {
        Connection connection = link.connection();
        link.drain(Duration.ofMillis(1));
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        workers.close();
        topology.close();
        buckets.close();
        pulls.close();
        publisher.close();
        links.close();
    }
}

/**
 * Consuming from JetStream as a {@code Multi} of deliveries that are settled individually. There are three ways:
 *
 * <ul>
 *   <li>{@link dev.sluice.stream.pull.PullSubscriptions}: a subscription without an end, which pulls what its subscriber
 *       requests. One {@code PullSession} has the subscriber and the {@code ReadyDeliveries}; its {@code PullDriver} is the
 *       state machine and finds or creates the consumer, {@code PullBudget} decides when to pull how much, {@code
 *       OpenPulls} supervises the pulls, and {@code PullDrain} ends them. All run on one {@code Mailbox}.
 *   <li>{@link dev.sluice.stream.pull.PullSubscriptions} also fetches: one pull for a {@link
 *       dev.sluice.stream.pull.FetchRequest}, with an end. {@code Fetch}, {@code RecentConsumers}, {@code FetchedBatches},
 *       {@code PullDrain}.
 *   <li>{@link dev.sluice.stream.pull.PushSubscriptions}: the server sends, with flow control. {@code PushSession}.
 * </ul>
 *
 * <p>A {@link dev.sluice.stream.pull.Delivery} is one message of any of them. {@code ConsumerAcks} sends its ack, {@code
 * InProgressHeartbeat} extends its ack wait, and {@link dev.sluice.stream.pull.AckSender} settles what another process has
 * received, by its {@link dev.sluice.stream.pull.AckSubject}. {@code PullInbox} receives what the server answers, {@code
 * PullStatus} is its meaning. {@code PullConfig} and {@code PullOptions} have the limits, {@code PullCounters} the numbers.
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.pull;

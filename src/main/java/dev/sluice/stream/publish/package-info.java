/**
 * Stored publishing: each message is sent until a stream has acknowledged it, within limits on the messages and bytes
 * in flight.
 *
 * <ul>
 *   <li>{@link dev.sluice.stream.publish.StoredPublisher}: single messages and streams of messages. A {@link
 *       dev.sluice.stream.publish.Publication} is a message to send. {@code PublishPipeline} sends it as a {@code
 *       PendingPublish}, which has the results of its attempts and is found by its number in {@code InFlight}. {@code
 *       PublishReplyParser} reads a {@code PublishReply}, {@code PublishErrors} says what a refusal means, and {@code
 *       StreamLookup} whether there is a stream at all. The result is a {@link dev.sluice.stream.publish.Receipt}. In
 *       a bulk publish, each item becomes a {@code PublishCandidate}, a message or why it is none, and ends as a {@link
 *       dev.sluice.stream.publish.PublishOutcome}, a receipt or a failure.
 *   <li>{@link dev.sluice.stream.publish.AtomicPublisher}: all messages of an {@link
 *       dev.sluice.stream.publish.AtomicBatch} or none. {@link dev.sluice.stream.publish.SchedulePublisher}: a message
 *       that the server publishes later.
 *   <li>{@link dev.sluice.stream.publish.StreamIngest}: many messages into one stream, with a {@link
 *       dev.sluice.stream.publish.Checkpoint} now and then. {@code IngestSession} keeps the {@code UnstoredMessages} until
 *       they are stored, {@code IngestBatches} sends them as {@code FastBatch}es, and {@code IngestRetryState} decides
 *       when to try again. A {@code BatchInbox} receives the {@code BatchReply}s.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.publish;

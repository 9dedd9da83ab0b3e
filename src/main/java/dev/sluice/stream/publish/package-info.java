/**
 * Stored publishing: each message is sent until a stream has acknowledged it, within limits on the messages and bytes in
 * flight. There are four ways:
 *
 * <ul>
 *   <li>{@link dev.sluice.stream.publish.StoredPublisher}: single messages, and a {@code Multi} of them. A message passes these
 *       types in this order: an item of a {@code Multi} becomes a {@code PublishCandidate}, which is a message or the reason
 *       why there is none; a {@code Publication} is a message to store; {@code PublishPipeline} keeps it as a {@code
 *       PendingPublish}, with its attempts, in {@code InFlight}; {@code PublishReplyParser} makes a {@code PublishReply} of each
 *       answer; a {@code Receipt} confirms the message; {@code PublishOutcome} is the receipt or the refusal of one item of a
 *       {@code Multi}. {@code StreamLookup} asks whether a stream has the subject, {@code PublishErrors} maps what the stream
 *       refuses.
 *   <li>{@link dev.sluice.stream.publish.SchedulePublisher}: the same for messages that are schedules.
 *   <li>{@link dev.sluice.stream.publish.AtomicPublisher}: several messages, all or none, as an {@code AtomicBatch}.
 *   <li>{@link dev.sluice.stream.publish.StreamIngest}: many messages with a {@code Checkpoint} now and then. {@code
 *       IngestSession} has the messages that are not stored yet and the retries, {@code IngestBatches} sends them in
 *       consecutive batches. {@code FastBatch} is the progress of one batch, {@code BatchInbox} receives its {@code
 *       BatchReply}s. If the stream takes no batches, the messages go through {@code StoredPublisher}.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.publish;

/**
 * Server-sent events: one subscription or consumer of NATS serves any number of clients. {@link
 * dev.sluice.events.TailService} opens a tail for a {@link dev.sluice.events.TailRequest}. A tail has four parts, in the
 * order in which a message passes them:
 *
 * <ul>
 *   <li>Feed: the messages of one source, shared by all its tails. {@code CoreFeed} subscribes, {@code StreamFeed} follows
 *       a stream; {@code SharedFeeds} leases either.
 *   <li>Fan-out: {@code FeedHub} has one {@code EncodedFeed} for each {@code Projection} (format and filters), and that one
 *       {@code EventLoopFanout} for each event loop, which passes a {@code SharedBatch} to its clients. {@code
 *       FilterQueue} and {@code FilterWorkers} evaluate filters beside the feed's thread.
 *   <li>Subscriber: takes the batches for one client. Of a client that is too slow, {@code LossySubscriber} drops messages
 *       of core NATS and reports how many; {@code LosslessSubscriber} reads them from the stream, through {@code
 *       Backfill}.
 *   <li>Connection: {@code SseConnection} is the socket of one client, with its buffer, its {@code Lifetime} and its end.
 * </ul>
 *
 * <p>{@code CoreTails} and {@code StreamTails} connect the parts. {@code StreamTail} remains with a client when its feed
 * ends, and decides where the client continues. {@code EventFormat}, {@code EventId} and {@code FrameBuilder} encode
 * messages, {@code ControlEvents} what a client is told about its tail. {@link dev.sluice.events.MessageHistory} reads
 * stored messages once, without a tail.
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.events;

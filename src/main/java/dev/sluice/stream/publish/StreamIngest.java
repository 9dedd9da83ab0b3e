package dev.sluice.stream.publish;

import dev.sluice.flow.FlatMapMany;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.StreamInfo;
import io.smallrye.mutiny.Multi;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * Loads many messages into one stream, with occasional checkpoints in place of a receipt for each message. On a stream
 * with {@code allow_batched} (nats-server 2.14) the messages are sent in fast-ingest batches (ADR-50), which cost both
 * sides less; otherwise one by one, as {@link StoredPublisher} sends them.
 *
 * <p>A message without a {@code Nats-Msg-Id} gets one, so that a message that is sent again, after a reconnect or a
 * leader change, is stored once. Batches store the messages in their order, also when they are sent again; messages of
 * other publishers may be in between. Without batches, sending again may change the order of messages that are in
 * flight at the same time.
 *
 * <p>Does not block, except for at most {@code sluice.nats.outgoing-wait} if the outgoing queue is full. Checkpoints are
 * emitted on the thread of the answers, which all ingests share. A subscriber that does more than record them must move
 * to its own thread ({@code emitOn}).
 */
@Singleton
public final class StreamIngest {
    private final NatsLink link;
    private final StoredPublisher publisher;
    private final IngestContext context;

    @Inject
    public StreamIngest(NatsLinks links, JetStreamApis jetStream, PublishConfig config, StoredPublisher publisher) {
        this(links.publishing(), jetStream.publishing(config.ackTimeout()), config, publisher);
    }

    StreamIngest(NatsLink link, JetStreamApi api, PublishConfig config, StoredPublisher publisher) {
        this.link = link;
        this.publisher = publisher;
        this.context = publisher.meansOfIngest(link, config, api);
    }

    /**
     * Stores all {@code messages} in {@code stream} and emits checkpoints: each {@link Checkpoint} includes the earlier
     * ones, and the last one includes all messages. Up to one window of messages is in flight, ahead of demand; more
     * {@code messages} are requested as checkpoints are consumed. If the source pauses for
     * {@code sluice.publish.ingest-linger}, a checkpoint follows.
     *
     * <p>Waits while NATS is unreachable, until the deadline of a publish. Fails with {@code NO_STREAM} if the stream
     * does not exist; with {@code INVALID} at a message whose subject the stream does not store; as
     * {@link StoredPublisher} at a message that the stream refuses or that is not known to be stored in time. A
     * failure, also one of {@code messages}, is emitted after the checkpoint of all messages stored before it; up to
     * one window of later messages may be stored. Cancelling discards the messages in flight; messages that were sent
     * remain sent.
     */
    public Multi<Checkpoint> ingest(String stream, Multi<OutboundMessage> messages) {
        ConsumerRef.check("stream", stream);
        return context.firstStreamInfo(stream).stage(FlatMapMany.flatMapMany(info -> ingest(info, messages)));
    }

    private Multi<Checkpoint> ingest(StreamInfo stream, Multi<OutboundMessage> messages) {
        IngestSession session = new IngestSession(context, stream);
        Multi<OutboundMessage> ending = messages.onTermination().invoke(session::finish);
        Runnable stopListening = link.listen(session);
        Runnable stopTicking = publisher.onTick(session::tick);
        return publisher
                .<OutboundMessage, Checkpoint>window(ending, OutboundMessage::size, session::submit)
                .onTermination()
                .invoke(() -> {
                    stopTicking.run();
                    stopListening.run();
                    session.close();
                })
                .select()
                .where(IngestSession::emitted);
    }
}

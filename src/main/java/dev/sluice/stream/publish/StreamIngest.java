package dev.sluice.stream.publish;

import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.pull.PullConfig;
import io.smallrye.mutiny.Multi;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * Loads many messages into one stream, with a word now and then on how many are stored in place of a receipt for each.
 * On a stream with {@code allow_batched} (nats-server 2.14) they go in fast-ingest batches (ADR-50), which cost both
 * sides less; elsewhere one by one, as {@link StoredPublisher} sends them.
 *
 * <p>A message without a {@code Nats-Msg-Id} gets one, so that what is sent again, after a reconnect or a change of the
 * leader, is stored once. In batches the messages are stored in their order, also then; others may publish in between.
 * One by one, sending again may change the order of those that are under way at the same time.
 *
 * <p>Nothing here blocks. Checkpoints come on the thread of the answers, which all ingests share: whoever has more to do
 * than take note moves to a thread of its own ({@code emitOn}).
 */
@Singleton
public final class StreamIngest {
    private final NatsLink link;
    private final StoredPublisher publisher;
    private final IngestContext context;

    @Inject
    public StreamIngest(NatsLinks links, PublishConfig config, PullConfig pulls, StoredPublisher publisher) {
        this(links.publishing(), config, pulls.apiPrefix(), publisher);
    }

    StreamIngest(NatsLink link, PublishConfig config, String apiPrefix, StoredPublisher publisher) {
        this.link = link;
        this.publisher = publisher;
        JetStreamApi api = new JetStreamApi(link, apiPrefix, config.ackTimeout());
        this.context = publisher.meansOfIngest(link, config, api);
    }

    /**
     * Stores all {@code messages} in {@code stream} and tells how far it has come: each {@link Checkpoint} includes the
     * ones before it, and the last one all messages. A window of messages is under way at a time, ahead of demand;
     * {@code messages} is asked for more as checkpoints are taken. A source that trickles is waited for
     * {@code sluice.publish.ingest-linger}, then it gets its checkpoint.
     *
     * <p>While NATS is away it waits for it, until the deadline of a publish. Fails {@code NO_STREAM} if there is no such stream; {@code INVALID} at a message whose subject it does not store;
     * as {@link StoredPublisher} at one that the stream refuses, or that is not known to be stored in time. A failure, of
     * {@code messages} too, comes after the checkpoint of all that is stored before it; up to a window of later
     * messages may be stored. Cancelling forgets what is under way; what was sent stays sent.
     */
    public Multi<Checkpoint> ingest(String stream, Multi<OutboundMessage> messages) {
        ConsumerRef.check("stream", stream);
        return context.firstFacts(stream).onItem().transformToMulti(capabilities -> ingest(capabilities, messages));
    }

    private Multi<Checkpoint> ingest(StreamCapabilities capabilities, Multi<OutboundMessage> messages) {
        IngestSession session = new IngestSession(context, capabilities);
        Multi<OutboundMessage> ending = messages.onTermination().invoke(session::finish);
        Runnable stopListening = link.listen(session);
        Runnable stopTicking = publisher.onTick(session::tick);
        return publisher
                .<OutboundMessage, Checkpoint>window(ending, message -> message.data().length, session::submit)
                .onTermination()
                .invoke(() -> {
                    stopTicking.run();
                    stopListening.run();
                    session.close();
                })
                .select()
                .where(IngestSession::tells);
    }
}

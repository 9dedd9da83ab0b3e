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
import java.util.OptionalLong;

/**
 * Loads many messages into one stream, with a word on how many are stored in place of a receipt for each: what a bulk
 * load needs, and all that a server tells of a fast-ingest batch (ADR-50).
 */
@Singleton
public final class StreamIngest {
    private final JetStreamApi api;
    private final StoredPublisher publisher;

    @Inject
    public StreamIngest(NatsLinks links, PublishConfig config, PullConfig pulls, StoredPublisher publisher) {
        this(links.publishing(), config, pulls.apiPrefix(), publisher);
    }

    StreamIngest(NatsLink link, PublishConfig config, String apiPrefix, StoredPublisher publisher) {
        this.api = new JetStreamApi(link, apiPrefix, config.ackTimeout());
        this.publisher = publisher;
    }

    /**
     * Stores all {@code messages} in {@code stream} and tells how far it has come. Fails {@code NO_STREAM} if there is no
     * such stream, {@code INVALID} at a message whose subject it does not store.
     */
    public Multi<Checkpoint> ingest(String stream, Multi<OutboundMessage> messages) {
        ConsumerRef.check("stream", stream);
        return StreamFacts.ask(api, stream).onItem().transformToMulti(facts -> oneByOne(facts, messages));
    }

    private Multi<Checkpoint> oneByOne(StreamFacts facts, Multi<OutboundMessage> messages) {
        return publisher
                .publish(
                        messages.invoke(message -> facts.check(message.subject().value())))
                .onItem()
                .scan(
                        () -> new Checkpoint(facts.stream(), 0, OptionalLong.empty()),
                        (before, receipt) -> new Checkpoint(
                                facts.stream(), before.messages() + 1, OptionalLong.of(receipt.sequence())))
                .skip()
                .first();
    }
}

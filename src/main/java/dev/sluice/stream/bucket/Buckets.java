package dev.sluice.stream.bucket;

import dev.sluice.flow.Permits;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.pull.PullSubscriptions;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Opens key-value buckets of JetStream (ADR-8), and keeps each as it is defined. */
@Singleton
public final class Buckets implements AutoCloseable {
    private final NatsLink link;
    private final StoredPublisher publisher;
    private final PullSubscriptions pulls;
    private final JetStreamApi api;
    private final BucketConfig config;
    private final String apiPrefix;
    private final Permits reads;
    private final List<Runnable> listening = new CopyOnWriteArrayList<>();

    @Inject
    public Buckets(
            NatsLinks links,
            StoredPublisher publisher,
            PullSubscriptions pulls,
            BucketConfig config,
            PullConfig pullConfig) {
        this(links.publishing(), publisher, pulls, config, pullConfig.apiPrefix());
    }

    Buckets(NatsLink link, StoredPublisher publisher, PullSubscriptions pulls, BucketConfig config, String apiPrefix) {
        this.link = link;
        this.publisher = publisher;
        this.pulls = pulls;
        this.config = config;
        this.apiPrefix = apiPrefix;
        api = new JetStreamApi(link, apiPrefix, config.timeout());
        reads = new Permits(config.reads());
    }

    /**
     * The bucket, at once and whether NATS is up or not. It is created or updated in the background whenever NATS comes
     * up, until {@link #close}; to be called once for each bucket. A bucket that exists keeps its storage, its content
     * and whatever the definition does not name.
     */
    public Bucket open(BucketDefinition definition) {
        BucketDeclaration declaration = new BucketDeclaration(definition, api, config.declareAgain());
        listening.add(link.listen(declaration));
        return new Bucket(definition, declaration, new BucketReads(api, reads), publisher, pulls, apiPrefix);
    }

    /** How many reads wait for an answer now. */
    public long readsInFlight() {
        return reads.taken();
    }

    @Override
    @PreDestroy
    public void close() {
        listening.forEach(Runnable::run);
    }
}

package dev.sluice.stream.bucket;

import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.pull.PullSubscriptions;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Opens JetStream key-value buckets (ADR-8) and keeps them declared. */
@Singleton
public final class Buckets implements Limited, AutoCloseable {
    private final NatsLink link;
    private final StoredPublisher publisher;
    private final PullSubscriptions pulls;
    private final JetStreamApi api;
    private final BucketConfig config;
    private final Limit readLimit;
    private final BucketReads reads;
    private final List<BucketDeclaration> declarations = new CopyOnWriteArrayList<>();
    private final List<Runnable> listening = new CopyOnWriteArrayList<>();

    @Inject
    public Buckets(
            NatsLinks links,
            JetStreamApis jetStream,
            StoredPublisher publisher,
            PullSubscriptions pulls,
            BucketConfig config) {
        this(links.publishing(), jetStream.publishing(config.timeout()), publisher, pulls, config);
    }

    Buckets(NatsLink link, JetStreamApi api, StoredPublisher publisher, PullSubscriptions pulls, BucketConfig config) {
        this.link = link;
        this.api = api;
        this.publisher = publisher;
        this.pulls = pulls;
        this.config = config;
        readLimit = new Limit("sluice.bucket.reads", config.reads());
        reads = new BucketReads(api, readLimit);
    }

    /**
     * Returns the bucket immediately, even while NATS is not connected. Call this once per bucket. The bucket is
     * created or updated in the background on every connect, until {@link #close}. An existing bucket keeps its
     * storage, its content, and all settings that are not part of the definition, and is never narrowed. It is used also
     * if the server refuses to change it; see {@link #problems}.
     */
    public Bucket open(BucketDefinition definition) {
        BucketDeclaration declaration = new BucketDeclaration(definition, api, config.declareAgain());
        declarations.add(declaration);
        listening.add(link.listen(declaration));
        return bucket(
                new BucketName(definition.name()),
                declaration,
                new Bucket.Replicas(true, definition.replicas() > 1, false));
    }

    /** Returns the opened buckets that the server refuses as defined, with the reason. */
    public Map<String, String> problems() {
        Map<String, String> problems = new TreeMap<>();
        declarations.forEach(
                declaration -> declaration.problem().ifPresent(problem -> problems.put(declaration.what(), problem)));
        return problems;
    }

    /** Returns a bucket that exists as described. */
    Bucket found(BucketInfo info, BucketPresence presence) {
        return bucket(info.name(), presence, new Bucket.Replicas(info.direct(), info.replicated(), info.expiring()));
    }

    private Bucket bucket(BucketName name, BucketPresence presence, Bucket.Replicas replicas) {
        return new Bucket(name, presence, replicas, reads, publisher, pulls, api.keySubject(name.prefix()));
    }

    @Override
    public List<Limit> limits() {
        return List.of(readLimit);
    }

    @Override
    @PreDestroy
    public void close() {
        listening.forEach(Runnable::run);
        declarations.forEach(BucketDeclaration::close);
    }
}

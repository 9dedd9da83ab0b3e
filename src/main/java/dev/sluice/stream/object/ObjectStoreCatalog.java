package dev.sluice.stream.object;

import dev.sluice.failure.Failure;
import dev.sluice.stream.Declared;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.ListPage;
import dev.sluice.stream.StreamInfo;
import io.nats.client.support.JsonValue;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Map;

/**
 * Lists, inspects, creates, changes and deletes the object stores at the server, whichever client created them. An
 * object store is a stream with the name and the subjects of ADR-20; mirrors of object stores are not. Missing ones
 * fail {@code NO_OBJECT_STORE}. Answers arrive on a thread of the connection.
 */
@Singleton
public final class ObjectStoreCatalog {
    private static final String COMPRESSION_SINCE = "2.10.0";
    private static final String SUBJECTS = "$O.>";

    private final JetStreamApi api;

    @Inject
    public ObjectStoreCatalog(JetStreamApis jetStream, ObjectConfig config) {
        api = jetStream.publishing(config.timeout());
    }

    /** Returns a page of the object stores, at most 256. {@code offset} counts other streams too. */
    public Uni<ListPage<ObjectStoreInfo>> list(int offset) {
        return api.streams(SUBJECTS, offset)
                .map(page -> page.as(ObjectStoreInfo::of, stream -> ObjectStoreName.ofStream(stream)
                        .map(ObjectStoreName::value)));
    }

    public Uni<ObjectStoreInfo> info(ObjectStoreName name) {
        return api.streamInfo(name.stream())
                .map(stream -> ObjectStoreInfo.of(stream).orElseThrow(() -> name.missing()))
                .onFailure(Failure.NO_STREAM::matches)
                .transform(gone -> name.missing());
    }

    /**
     * Creates the object store, or changes it to {@code settings}; settings that they do not have stay. Fails
     * {@code CONFLICT} if the stream of this name is not an object store, the store is sealed and has other settings, or the
     * server does not permit the change,
     * {@code NOT_SUPPORTED} for compression on servers before 2.10, {@code INVALID} for other refusals.
     */
    public Uni<Declared<ObjectStoreInfo>> declare(ObjectStoreSettings settings) {
        ObjectStoreName name = settings.name();
        return Uni.createFrom().deferred(() -> {
            requireCompression(settings);
            return api.declareStream(name.stream(), settings.over(Map.of()), actual -> changed(settings, actual))
                    .map(declared ->
                            declared.map(stream -> ObjectStoreInfo.of(stream).orElseThrow(() -> name.missing())));
        });
    }

    /** Deletes the object store with all its objects. */
    public Uni<Void> delete(ObjectStoreName name) {
        return info(name)
                .chain(found -> api.deleteStream(name.stream()))
                .onFailure(Failure.NO_STREAM::matches)
                .transform(gone -> name.missing())
                .replaceWithVoid();
    }

    private static Map<String, JsonValue> changed(ObjectStoreSettings settings, StreamInfo actual) {
        ObjectStoreInfo before = ObjectStoreInfo.of(actual)
                .orElseThrow(() -> Failure.CONFLICT.because("The stream " + actual.name() + " is no object store"));
        if (before.sealed()) {
            if (!settings.match(before)) {
                throw Failure.CONFLICT.because(
                        "The object store " + before.name() + " is sealed: it keeps its settings");
            }
            return actual.configuration();
        }
        String storage = settings.storage().orElse(before.storage());
        if (!storage.equals(before.storage())) {
            throw Failure.CONFLICT.because(
                    "The storage of an object store cannot be changed; it is " + before.storage());
        }
        return settings.over(actual.configuration());
    }

    private void requireCompression(ObjectStoreSettings settings) {
        if (settings.compression() && !api.serverSince(COMPRESSION_SINCE)) {
            throw Failure.NOT_SUPPORTED.because("compression needs a NATS server 2.10 or newer");
        }
    }
}

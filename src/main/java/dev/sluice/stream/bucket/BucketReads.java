package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import dev.sluice.nats.NatsLink;
import dev.sluice.stream.Permits;
import io.nats.client.Message;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** Reads the last message of a subject, within the bound that all buckets share. */
record BucketReads(NatsLink link, BucketApi api, Permits permits) {

    Uni<Optional<Message>> last(String stream, String subject) {
        return Uni.createFrom().deferred(() -> {
            if (!permits.take(1)) {
                return Uni.createFrom().failure(Failure.OVERLOADED.because("Too many reads of buckets are under way"));
            }
            return Uni.createFrom()
                    .completionStage(() -> api.last(link.connection(), stream, subject))
                    .onTermination()
                    .invoke(() -> permits.giveBack(1));
        });
    }
}

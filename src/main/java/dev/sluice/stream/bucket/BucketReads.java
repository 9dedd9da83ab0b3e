package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import dev.sluice.flow.Permits;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.message.StoredMessage;
import io.nats.client.Message;
import io.nats.client.support.JsonValue;
import io.smallrye.mutiny.Uni;
import java.util.Map;
import java.util.Optional;

/** Reads the last message of a subject, within the read limit shared by all buckets. */
record BucketReads(JetStreamApi api, Permits permits) {

    /** Reads from any replica. */
    Uni<Optional<Message>> last(String stream, String subject) {
        return permitted(api.lastMessage(stream, subject));
    }

    /** Reads from the leader of the stream. Fails {@code UNAVAILABLE} also if the stream does not exist. */
    Uni<Optional<StoredMessage>> lastOfLeader(String stream, String subject) {
        JsonValue request = new JsonValue(Map.of("last_by_subj", new JsonValue(subject)));
        return permitted(api.ask("STREAM.MSG.GET." + stream, request.toJson())
                .map(answer -> Optional.of(StoredMessage.read(answer)))
                .onFailure(Failure.NO_MESSAGE::matches)
                .recoverWithItem(Optional.empty())
                .onFailure(Failure.NO_STREAM::matches)
                .transform(away -> Failure.UNAVAILABLE.because("The bucket could not be read", away)));
    }

    private <T> Uni<T> permitted(Uni<T> read) {
        return Uni.createFrom().deferred(() -> {
            if (!permits.take(1)) {
                return Uni.createFrom().failure(Failure.OVERLOADED.because("Too many reads of buckets are under way"));
            }
            return read.onTermination().invoke(() -> permits.giveBack(1));
        });
    }
}

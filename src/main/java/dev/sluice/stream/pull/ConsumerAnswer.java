package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.JetStreamApi;
import io.nats.client.api.ConsumerInfo;

/** How the server answers a question about a consumer. */
sealed interface ConsumerAnswer {

    /** It exists. */
    record Known(ConsumerInfo info) implements ConsumerAnswer {
        ConsumerFacts facts() {
            return ConsumerFacts.of(info.getConsumerConfiguration());
        }

        Origin origin() {
            return new Origin(info.getDelivered().getStreamSequence(), info.getNumPending());
        }
    }

    /** It, or its stream, does not exist. */
    record Missing(int errorCode, String description) implements ConsumerAnswer {
        SluiceException because(String detail) {
            Failure failure = errorCode == JetStreamApi.NO_STREAM ? Failure.NO_STREAM : Failure.NO_CONSUMER;
            return failure.because(detail, errorCode);
        }
    }

    /** The server will not, and asking again changes nothing. */
    record Refused(int errorCode, String description) implements ConsumerAnswer {}

    /** No answer, or one that only says to ask again later. */
    record Unanswered(String why) implements ConsumerAnswer {}
}

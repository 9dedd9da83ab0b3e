package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerRef;
import io.nats.client.api.ClusterInfo;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.Replica;
import java.util.List;

/** How the server answers a question about a consumer. */
sealed interface ConsumerAnswer {

    /**
     * The facts of a consumer that can be pulled from.
     *
     * @throws SluiceException what keeps {@code ref} from being one: {@code NO_STREAM}, {@code NO_CONSUMER},
     *     {@code CONFLICT} if it pushes, {@code FORBIDDEN} and what else the server refuses, {@code UNAVAILABLE}
     */
    default ConsumerFacts pullable(ConsumerRef ref) {
        if (this instanceof Known known && !known.facts().push()) {
            return known.facts();
        } else if (this instanceof Known) {
            throw Failure.CONFLICT.because("The consumer " + ref + " is push based");
        } else if (this instanceof Missing missing) {
            throw missing.because("There is no consumer " + ref + ": " + missing.description());
        } else if (this instanceof Refused refused) {
            throw refused.why();
        }
        throw Failure.UNAVAILABLE.because("JetStream does not answer about " + ref);
    }

    /** Whether it is a consumer whose deliveries a majority of servers has to know of before they are sent. */
    default boolean replicated() {
        if (!(this instanceof Known known) || known.facts().ackMode() == AckMode.NONE) {
            return false;
        }
        ClusterInfo cluster = known.info().getClusterInfo();
        List<Replica> others = cluster == null ? null : cluster.getReplicas();
        return others != null && !others.isEmpty();
    }

    /** It exists. */
    record Known(ConsumerInfo info) implements ConsumerAnswer {
        ConsumerFacts facts() {
            return ConsumerFacts.of(info.getConsumerConfiguration());
        }

        ConsumerPosition position() {
            return new ConsumerPosition(info.getDelivered().getStreamSequence(), info.getNumPending(), info.getName());
        }
    }

    /** It, or its stream, does not exist. */
    record Missing(Failure failure, int errorCode, String description) implements ConsumerAnswer {
        SluiceException because(String detail) {
            return failure.because(detail, errorCode);
        }
    }

    /** The server will not, and asking again at once changes nothing. */
    record Refused(SluiceException why) implements ConsumerAnswer {}

    /** No answer, or one that only says to ask again later. */
    record Unanswered(String why) implements ConsumerAnswer {}
}

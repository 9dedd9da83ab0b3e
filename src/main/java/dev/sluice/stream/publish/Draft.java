package dev.sluice.stream.publish;

import dev.sluice.failure.SluiceException;
import dev.sluice.nats.OutboundMessage;
import java.util.function.Function;

/** What an item of a stream was made into: a message, or the reason why it is none. */
sealed interface Draft {

    long bytes();

    record Accepted(OutboundMessage message) implements Draft {
        @Override
        public long bytes() {
            return message.data().length;
        }
    }

    record Rejected(SluiceException cause) implements Draft {
        @Override
        public long bytes() {
            return 0;
        }
    }

    static <T> Draft of(T item, Function<? super T, OutboundMessage> message) {
        try {
            return new Accepted(message.apply(item));
        } catch (SluiceException e) {
            return new Rejected(e);
        }
    }
}

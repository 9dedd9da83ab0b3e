package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerRef;
import io.nats.client.Connection;
import java.util.concurrent.Executor;

/**
 * Asks the server about one consumer, one question at a time: an answer that comes after the next question, or after
 * {@link #forget}, is not told.
 *
 * <p>Drain loop only; the answers are brought back to it.
 */
final class ConsumerInquiry {

    /** Told the answer, on the drain loop. */
    interface Listener {
        /** It exists; {@code created} if this answers its creation, so that it has delivered nothing yet. */
        void known(ConsumerAnswer.Known answer, boolean created);

        void missing(SluiceException why);

        void refused(SluiceException why);

        void unanswered(String why);
    }

    private final ConsumerApi api;
    private final ConsumerRef ref;
    private final Executor drainLoop;
    private final Listener listener;
    private int question;

    ConsumerInquiry(ConsumerApi api, ConsumerRef ref, Executor drainLoop, Listener listener) {
        this.api = api;
        this.ref = ref;
        this.drainLoop = drainLoop;
        this.listener = listener;
    }

    void ask(Connection connection) {
        int asked = ++question;
        api.info(connection, ref).thenAcceptAsync(answer -> answered(asked, answer), drainLoop);
    }

    void create(Connection connection, ConsumerDefinition definition) {
        int asked = ++question;
        api.create(connection, definition).thenAcceptAsync(answer -> created(asked, answer), drainLoop);
    }

    /** Deletes it, then asks about it: whatever came of it is in that answer. */
    void delete(Connection connection) {
        int asked = ++question;
        api.delete(connection, ref).thenAcceptAsync(answer -> deleted(asked, connection), drainLoop);
    }

    /** Deletes it and wants no answer: the server would do so itself after a while. */
    void discard(Connection connection) {
        api.delete(connection, ref);
    }

    void forget() {
        question++;
    }

    private void answered(int asked, ConsumerAnswer answer) {
        if (asked != question) {
            return;
        }
        if (answer instanceof ConsumerAnswer.Missing missing) {
            String why = "There is no consumer " + ref + ": " + missing.description();
            listener.missing(missing.because(why));
        } else {
            tell(answer, false);
        }
    }

    private void created(int asked, ConsumerAnswer answer) {
        if (asked != question) {
            return;
        }
        if (answer instanceof ConsumerAnswer.Missing missing) {
            listener.refused(missing.because(missing.description()));
        } else {
            tell(answer, true);
        }
    }

    private void deleted(int asked, Connection connection) {
        if (asked == question) {
            ask(connection);
        }
    }

    private void tell(ConsumerAnswer answer, boolean created) {
        if (answer instanceof ConsumerAnswer.Known known && !known.facts().push()) {
            listener.known(known, created);
        } else if (answer instanceof ConsumerAnswer.Known) {
            listener.refused(Failure.CONFLICT.because("The consumer " + ref + " is push based"));
        } else if (answer instanceof ConsumerAnswer.Refused refused) {
            listener.refused(refused.why());
        } else if (answer instanceof ConsumerAnswer.Unanswered unanswered) {
            listener.unanswered(unanswered.why());
        }
    }
}

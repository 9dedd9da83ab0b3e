package dev.sluice.stream.publish;

import dev.sluice.failure.SluiceException;
import java.util.OptionalLong;

/** Receives the events of the batches of an ingest. */
interface IngestListener {

    /** Called when all messages up to {@code number} are stored, the last one at {@code sequence}, if known. */
    void stored(long number, OptionalLong sequence);

    /** Called when message {@code number} is refused. No later message may be sent. */
    void refused(long number, SluiceException refusal);

    /** Called when the stream or the server does not support batches. The remaining messages are sent one by one. */
    void noBatches();

    /** Called when the stream must be looked up. The result is passed to {@link IngestBatches}. */
    void streamInDoubt();
}

package dev.sluice.stream.publish;

import dev.sluice.failure.SluiceException;
import java.util.OptionalLong;

/** Hears how the batches of an ingest go. */
interface IngestListener {

    /** All messages up to {@code number} are stored, the last one at {@code sequence}, if that is known. */
    void stored(long number, OptionalLong sequence);

    /** Message {@code number} will not be stored, and nothing after it is to be sent. */
    void refused(long number, SluiceException refusal);

    /** The stream, or the server, takes no batches: what is left goes one by one. */
    void noBatches();

    /** It is to be found out what has become of the stream; {@link IngestBatches} is told. */
    void streamInDoubt();
}

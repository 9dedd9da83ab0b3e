package dev.sluice.ops;

import dev.sluice.flow.Limit;
import dev.sluice.stream.object.ObjectCounters;
import dev.sluice.stream.object.ObjectReader;
import dev.sluice.stream.object.ObjectStores;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Meters of object stores. */
@Singleton
final class ObjectMeters implements MeterBinder {
    private final ObjectStores stores;
    private final ObjectReader reader;

    @Inject
    ObjectMeters(ObjectStores stores, ObjectReader reader) {
        this.stores = stores;
        this.reader = reader;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        new MeterBinding<>(registry, stores).gauge("sluice.object.uploads", "Uploads under way", ObjectStores::uploads);
        new MeterBinding<>(registry, reader)
                .gauge("sluice.object.downloads", "Downloads under way", ObjectReader::downloads);
        new MeterBinding<>(registry, reader.ahead())
                .gauge("sluice.object.read.ahead.bytes", "Bytes that downloads read ahead", Limit::taken)
                .counter("sluice.object.read.ahead.refused", "Refused bytes to read ahead", Limit::refused);
        new MeterBinding<>(registry, stores.counters())
                .counter("sluice.object.stored", "Objects stored", ObjectCounters::stored)
                .counter("sluice.object.abandoned", "Uploads that ended without an object", ObjectCounters::abandoned)
                .counter(
                        "sluice.object.unpurged",
                        "Failed removals of chunks that belong to no object",
                        ObjectCounters::unpurged)
                .counter("sluice.object.written.bytes", "Bytes of chunks stored", ObjectCounters::written)
                .counter("sluice.object.read.bytes", "Bytes of chunks read", ObjectCounters::read)
                .counter("sluice.object.sweeps", "Sweeps of all object stores", ObjectCounters::sweeps)
                .counter("sluice.object.swept", "Uploads whose chunks a sweep has removed", ObjectCounters::swept)
                .counter("sluice.object.unswept", "Object stores that a sweep left out", ObjectCounters::unswept)
                .counter(
                        "sluice.object.corrupt",
                        "Reads that ended because chunks do not fit their metadata",
                        ObjectCounters::corrupt);
    }
}

package dev.sluice.nats;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A position in a trace, propagated in message headers (W3C Trace Context). */
public final class Trace {
    /** No trace. Headers are not changed. */
    public static final Trace NONE = new Trace(null);

    private final @Nullable Context context;

    private Trace(@Nullable Context context) {
        this.context = context;
    }

    static Trace at(Context context) {
        return new Trace(context);
    }

    /** Returns {@code headers} with this position. Replaces an earlier position. */
    public Map<String, List<String>> continued(Map<String, List<String>> headers) {
        Context here = context;
        if (here == null) {
            return headers;
        }
        Map<String, List<String>> continued = new LinkedHashMap<>(headers);
        W3CTraceContextPropagator.getInstance()
                .inject(here, continued, (carrier, name, value) -> continued.put(name, List.of(value)));
        return continued;
    }

    /** Returns {@code message} with this position in its headers. */
    public OutboundMessage continued(OutboundMessage message) {
        return context == null
                ? message
                : new OutboundMessage(message.subject(), continued(message.headers()), message.data());
    }
}

package dev.sluice.nats;

import dev.sluice.failure.SluiceException;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Creates spans for messages, following the messaging conventions of OpenTelemetry. The trace is propagated in the
 * headers {@code traceparent} and {@code tracestate}: from the request that published a message, through the stream, to
 * the worker and to the messages that the worker publishes.
 *
 * <p>A send gets a span only within an existing trace, so published log records start no trace. If tracing is off, the
 * cost is one branch and the headers of a client are not changed.
 */
@Singleton
public final class MessageTracing {
    /** Disabled tracing. */
    public static final MessageTracing OFF = new MessageTracing(OpenTelemetry.noop(), true);

    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("messaging.operation.name");
    private static final AttributeKey<String> OPERATION_TYPE = AttributeKey.stringKey("messaging.operation.type");
    private static final AttributeKey<String> DESTINATION = AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> CONSUMER = AttributeKey.stringKey("messaging.consumer.group.name");
    private static final AttributeKey<String> MESSAGE_ID = AttributeKey.stringKey("messaging.message.id");
    private static final AttributeKey<Long> BODY_SIZE = AttributeKey.longKey("messaging.message.body.size");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

    private final Tracer tracer;
    private final boolean off;

    @Inject
    MessageTracing(OpenTelemetry telemetry, @ConfigProperty(name = "quarkus.otel.sdk.disabled") boolean off) {
        this.tracer = telemetry.getTracer("dev.sluice");
        this.off = off;
    }

    /** Returns whether nothing is traced. */
    public boolean off() {
        return off;
    }

    /** Returns the caller's position in its trace, or {@link Trace#NONE} outside of a trace. */
    public Trace here() {
        if (off) {
            return Trace.NONE;
        }
        Context current = Context.current();
        return traced(current) ? Trace.at(current) : Trace.NONE;
    }

    /**
     * Sends {@code message} within a span that ends when the {@code Uni} of {@code send} terminates. The trace is the
     * caller's, or else the one in the headers of the message.
     *
     * @param operation the span name, {@code publish} or {@code request}
     */
    public <T> Uni<T> sending(String operation, OutboundMessage message, Function<OutboundMessage, Uni<T>> send) {
        return off
                ? send.apply(message)
                : Uni.createFrom().deferred(() -> {
                    Context current = Context.current();
                    Context parent = traced(current) ? current : named(message.headers());
                    if (!traced(parent)) {
                        return send.apply(message);
                    }
                    SpanBuilder builder = span(operation, "send", SpanKind.PRODUCER, parent)
                            .setAttribute(DESTINATION, message.subject().value())
                            .setAttribute(BODY_SIZE, (long) message.data().length);
                    List<String> ids = message.headers().get(NatsHeaders.MESSAGE_ID);
                    if (ids != null && !ids.isEmpty()) {
                        builder.setAttribute(MESSAGE_ID, ids.get(0));
                    }
                    Span span = builder.startSpan();
                    return ended(span, send.apply(Trace.at(parent.with(span)).continued(message)));
                });
    }

    /**
     * Processes a message of {@code stream} within a span. The span continues the trace in the headers, or else starts
     * a new one. It is current only while {@code work} is made and subscribed; later steps receive it as the
     * argument of {@code work}.
     */
    public <T> Uni<T> processing(
            String stream, String consumer, Supplier<Map<String, List<String>>> headers, Function<Trace, Uni<T>> work) {
        return off
                ? work.apply(Trace.NONE)
                : Uni.createFrom().deferred(() -> {
                    Context parent = named(headers.get());
                    Span span = span("process", "process", SpanKind.CONSUMER, parent)
                            .setAttribute(DESTINATION, stream)
                            .setAttribute(CONSUMER, consumer)
                            .startSpan();
                    Context context = parent.with(span);
                    return ended(span, Uni.createFrom().emitter(emitter -> {
                        // Steps of Mutiny run in the context in which they were made.
                        Cancellable working = context.wrapSupplier(() -> work.apply(Trace.at(context))
                                        .subscribe()
                                        .with(emitter::complete, emitter::fail))
                                .get();
                        emitter.onTermination(working::cancel);
                    }));
                });
    }

    private SpanBuilder span(String operation, String type, SpanKind kind, Context parent) {
        return tracer.spanBuilder(operation)
                .setSpanKind(kind)
                .setParent(parent)
                .setAttribute(SYSTEM, "nats")
                .setAttribute(OPERATION, operation)
                .setAttribute(OPERATION_TYPE, type);
    }

    private static <T> Uni<T> ended(Span span, Uni<T> outcome) {
        return outcome.onTermination().invoke((item, failure, cancelled) -> {
            if (failure != null) {
                span.setStatus(StatusCode.ERROR).setAttribute(ERROR, type(failure));
            }
            span.end();
        });
    }

    private static String type(Throwable failure) {
        return failure instanceof SluiceException known
                ? known.failure().name().toLowerCase(Locale.ROOT)
                : failure.getClass().getName();
    }

    private static boolean traced(Context context) {
        return Span.fromContext(context).getSpanContext().isValid();
    }

    private static Context named(Map<String, List<String>> headers) {
        return W3CTraceContextPropagator.getInstance().extract(Context.root(), headers, Headers.INSTANCE);
    }

    private enum Headers implements TextMapGetter<Map<String, List<String>>> {
        INSTANCE;

        @Override
        public Iterable<String> keys(Map<String, List<String>> headers) {
            return headers.keySet();
        }

        @Override
        public @Nullable String get(@Nullable Map<String, List<String>> headers, String name) {
            List<String> values = headers == null ? null : headers.get(name);
            return values == null || values.isEmpty() ? null : values.get(0);
        }
    }
}

/**
 * Building blocks that know neither NATS nor the API: Reactive Streams, limits, time, and HTTP exchanges.
 *
 * <ul>
 *   <li>{@code Multi} from a source without back-pressure: {@code HotMulti}. {@code DemandBuffer} is one subscription to it, with
 *       {@code BufferBounds} and an {@code Overflow} policy.
 *   <li>{@code Multi} to {@code Multi}: {@code OrderedWindow} runs an operation for each item and keeps the order ({@code
 *       OrderedWindowSubscription}, {@code WindowUpstream}, {@code UpstreamDemand}); {@code Batches} collects items into lists;
 *       {@code FlatMapMany} begins with a {@code Uni}.
 *   <li>Limits: {@code Permits} counts and refuses, {@code Limit} adds a name and a counter, {@code Limited} makes that a metric.
 *       {@code AsyncSemaphore} lets operations wait instead.
 *   <li>Time: {@code Ticker} for what many share, {@code Backoff}, {@code Validity}.
 *   <li>Execution: {@code SerialExecutor} runs tasks one at a time, {@code ContextExecutor} is the event loop of a request, {@code
 *       Completion} and {@code RunOnce} settle once.
 *   <li>HTTP exchanges: {@code ArrivalListener}, {@code RequestPath}, {@code ResponseBody}, {@code ResponseEnd}, {@code
 *       ClientDisconnect}, {@code AbortedResponse}.
 *   <li>Other: {@code Buffers}, {@code EnumCounters}.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.flow;

/**
 * Publishes over HTTP: one message, the lines of a bulk publish, an atomic batch, and a batch of CloudEvents.
 *
 * <ul>
 *   <li>One message: {@code PublishRoute}, answered with a {@code ReceiptView}; {@code FlatSubjectHint} logs subjects that no
 *       wildcard selects.
 *   <li>Many messages: {@code BulkRoute} begins a {@code BulkExchange}, which answers each line, or an {@code AtomicExchange},
 *       which answers once. {@code UploadedLines} reads the body, {@code LineSplitter} splits it into {@code Line}s, {@code
 *       LineParser} makes a message of each, {@code LinePublisher} publishes it and returns its {@code LineReceipt}.
 *   <li>A batch of CloudEvents: {@code CloudEventBatchPublish}, with the same {@code LinePublisher}.
 * </ul>
 *
 * <p>{@code AckParameter} is the parameter {@code ack} of all of them.
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.http.publish;

/**
 * Orders, the example application. Can be deleted with its settings. An order passes these classes:
 *
 * <ul>
 *   <li>Intake: {@code OrderResource} accepts an {@code Order}, {@code OrderIntake} stores it ({@code OrderJson}).
 *   <li>State: {@code OrderStates} has the {@code OrderState} of each order in a bucket, with its {@code OrderStatus} and its
 *       {@code OrderMessage}. {@code OrderEventsRoute} streams its changes.
 *   <li>Work: {@code OrderWorkers} runs the workers. {@code OrderProcessing} processes one delivery with an {@code OrderHandler},
 *       which returns an {@code Outcome}; {@code PriceCheck} is the handler. {@code InFlightOrders} are what a shutdown waits
 *       for. {@code OrderNotifications} shows the queue group, for work that may be lost.
 *   <li>Dead letters: {@code DeadLetters} stores a {@code FailedMessage} as a {@code DeadLetter} ({@code DeadLetterHeaders}).
 *       {@code ExhaustedOrderWorker} does so for orders that no worker gave up itself ({@code MaxDeliveriesAdvisory}). {@code
 *       DeadLetterResource} lists and redrives them.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.orders;

/**
 * Connections to NATS: subjects, core subscriptions as {@code Multi}, requests as {@code Uni}. The concepts, from the socket
 * to its users:
 *
 * <ul>
 *   <li>Socket: {@code LenientDataPort} reads it through {@code LenientInputStream}, which wraps the headers that jnats cannot
 *       read ({@code ControlLine}, {@code HeaderBlock}). {@code TlsContext}, {@code VerifyingTls} and {@code
 *       VerifyingSocketFactory} are its TLS. {@code ReaderGuard} and {@code DeadPeerDetector} ({@code Traffic}) report that a
 *       connection is dead.
 *   <li>Link: {@code NatsLink} is one supervised connection. {@code LinkSession} is one jnats connection of it, {@code
 *       LinkThreads} its threads, {@code LinkOptions} its options ({@code ServerSource}, {@code ServerList}, {@code
 *       Authentication}). Its users implement {@code LinkListener}. {@code NatsLinks} has the two links of a service, {@code
 *       ConnectionEvents} counts and logs their events.
 *   <li>Subjects: {@code Subject} to publish to, {@code SubjectPattern} and {@code SubjectSet} to subscribe to, all with the
 *       {@code SubjectRules}.
 *   <li>Messages: {@code OutboundMessage}, {@code InboundMessage}, their headers ({@code NatsHeaders}, {@code
 *       SerializedHeaders}), payload ({@code PayloadText}, {@code MessageJson}) and trace ({@code MessageTracing}, {@code
 *       Trace}). {@code CorePublisher} publishes one. {@code MessageSender} sends all that is published, requested or replied,
 *       but no {@code UnsafeHeaders}.
 *   <li>Subscriptions: {@code CoreSubscriptions} opens a {@code CoreSubscription}, on the threads of {@code Dispatchers}
 *       ({@code DispatcherLimits}); replies arrive on {@code ReaderDispatcher}. {@code FullQueueRetry} repeats what the outgoing
 *       queue had no room for. A {@code SubscriptionObserver} sees when a subscription is active.
 *   <li>Requests: {@code Requester} sends one and returns its reply or replies. {@code LinkRequests} has those of a link, each a
 *       {@code PendingRequest} in {@code PendingRequests}, and their {@code ReplyInbox}. {@code FutureReply} and {@code
 *       EmitterReply} take one reply, {@code ReplyCollector} takes several, within {@code ReplyLimits}.
 *   <li>Responders: {@code Responders} makes a {@code Responder} for a subject. {@code ServiceDirectory} makes it visible as a
 *       NATS service ({@code ServiceDescription}, {@code EndpointStats}); {@code ServiceError} is an error that a service
 *       reports.
 *   <li>Denials: what the server does not permit to Sluice's user. {@code DeniedPublish} and {@code DeniedSubscription} parse
 *       its text, {@code DeniedSubjects} remembers the subjects.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.nats;

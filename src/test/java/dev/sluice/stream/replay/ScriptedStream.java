package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.nats.SubscriptionObserver;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A stream under the control of a test. Its state is known at once; all other questions are answered when the test says
 * so. At most one reader follows it at a time.
 */
public final class ScriptedStream implements StreamSource {
    private static final String EPOCH = "e1";

    /** A question about the messages after {@code position}; {@code known} as in {@link StreamSource#page}. */
    public record Range(long position, long known) {}

    public final ScriptedAnswers<SubjectSet, Optional<StreamState>> covering = new ScriptedAnswers<>();
    public final ScriptedAnswers<ReplayStart, ReplayPosition> positions = new ScriptedAnswers<>();
    public final ScriptedAnswers<Range, Page> pages = new ScriptedAnswers<>();
    public final ScriptedAnswers<Range, Boolean> nothing = new ScriptedAnswers<>();
    public final ScriptedAnswers<String, Void> reachable = new ScriptedAnswers<>();

    private final Selection selection;
    private volatile StreamState now;
    private SubscriptionObserver link = SubscriptionObserver.NONE;
    private SubscriptionObserver reading = SubscriptionObserver.NONE;
    private MultiEmitter<? super StreamMessage> follower;
    private boolean observed;
    private volatile boolean deleted;
    private long requested;

    private ScriptedStream(Selection selection, StreamState now) {
        this.selection = selection;
        this.now = now;
    }

    /** A stream that stores {@code logs.>} and has the messages 1 to {@code last}. */
    public static ScriptedStream of(long last) {
        Selection all = new Selection("LOGS", EPOCH, SubjectSet.of(List.of(new SubjectPattern("logs.>"))));
        return new ScriptedStream(all, state("LOGS", "logs.>", last, Duration.ZERO));
    }

    /** The bucket {@code b} with the revisions 1 to {@code last}, each of its own key. */
    public static ScriptedStream bucket(long last) {
        return bucket(last, Duration.ZERO);
    }

    /** @param markerTtl lifetime of the markers of expired keys; zero if there are none */
    public static ScriptedStream bucket(long last, Duration markerTtl) {
        Selection all = new Selection("KV_b", EPOCH, "$KV.", SubjectSet.of(List.of(new SubjectPattern("b.>"))));
        return new ScriptedStream(all, state("KV_b", "$KV.b.>", last, markerTtl));
    }

    private static StreamState state(String name, String subjects, long last, Duration markerTtl) {
        return new StreamState(
                name,
                EPOCH,
                Instant.ofEpochMilli(last),
                1,
                1,
                last,
                last,
                List.of(subjects),
                last,
                new StreamState.Removing(Duration.ZERO, false, markerTtl, !name.equals("LOGS")),
                true,
                true,
                false,
                Duration.ZERO);
    }

    public Selection selection() {
        return selection;
    }

    public StreamState now() {
        return now;
    }

    /** Deletes the stream. */
    public void delete() {
        deleted = true;
    }

    /** Changes the state of the stream. */
    public void become(StreamState state) {
        now = state;
    }

    public StreamState withEpoch(String epoch) {
        return state(epoch, now.first(), now.last(), now.subjects(), now.subjectCount(), now.removing(), false);
    }

    public StreamState withSubjects(String... subjects) {
        return state(EPOCH, now.first(), now.last(), List.of(subjects), now.subjectCount(), now.removing(), false);
    }

    public StreamState withCount(long subjectCount) {
        return state(EPOCH, now.first(), now.last(), now.subjects(), subjectCount, now.removing(), false);
    }

    public StreamState withRange(long first, long last) {
        return state(EPOCH, first, last, now.subjects(), now.subjectCount(), now.removing(), false);
    }

    /** The state as a replica reports it that has only the messages up to {@code last}. */
    public StreamState ofReplica(long last) {
        return state(EPOCH, now.first(), last, now.subjects(), now.subjectCount(), now.removing(), true);
    }

    /** The state of a stream that removes its oldest messages when it is full, and has removed those before {@code first}. */
    public StreamState evicting(long first) {
        StreamState.Removing oldest = new StreamState.Removing(Duration.ZERO, true, Duration.ZERO, true);
        return state(EPOCH, first, now.last(), now.subjects(), now.subjectCount(), oldest, false);
    }

    private StreamState state(
            String epoch,
            long first,
            long last,
            List<String> subjects,
            long subjectCount,
            StreamState.Removing removing,
            boolean replicated) {
        return new StreamState(
                now.name(),
                epoch,
                now.time(),
                first,
                first,
                last,
                last,
                subjects,
                subjectCount,
                removing,
                true,
                true,
                replicated,
                Duration.ZERO);
    }

    /** Returns the position after {@code sequence}. */
    public ReplayPosition position(long sequence) {
        return ReplayPosition.at(selection, now, sequence);
    }

    /** Returns the position of a reader whose epoch is over. */
    public ReplayPosition recreatedPosition() {
        return ReplayPosition.recreated(selection, now);
    }

    public ReplayPosition position(ScriptedSnapshot snapshot) {
        return new ReplayPosition(selection, now.last(), now, false, false, Optional.of(snapshot.reads()));
    }

    public ScriptedSnapshot snapshot() {
        return new ScriptedSnapshot(selection, now);
    }

    /** Returns message {@code sequence}, with its sequence as the payload. */
    public StreamMessage message(long sequence) {
        return message(sequence, selection.ofStore() ? "$KV.b.k" + sequence : "logs.a");
    }

    public StreamMessage message(long sequence, String subject) {
        byte[] data = Long.toString(sequence).getBytes(StandardCharsets.UTF_8);
        return new StreamMessage(
                sequence, Instant.ofEpochMilli(sequence), new InboundMessage(subject, null, Map.of(), data));
    }

    /** Returns a page with the messages {@code from} to {@code to}. */
    public Page page(long from, long to) {
        return page(null, from, to);
    }

    /** @param gap what no longer exists before the page; null if there is none */
    public Page page(Gap gap, long from, long to) {
        List<StreamMessage> messages = new ArrayList<>();
        for (long sequence = from; sequence <= to; sequence++) {
            messages.add(message(sequence));
        }
        return new Page(Optional.ofNullable(gap), messages, to, messages.size());
    }

    /** Stores the messages {@code from} to {@code to} and passes them to the follower. */
    public void store(long from, long to) {
        for (long sequence = from; sequence <= to; sequence++) {
            store(message(sequence));
        }
    }

    public void store(StreamMessage message) {
        now = state(
                now.epoch(),
                now.first(),
                message.sequence(),
                now.subjects(),
                now.subjectCount() + (selection.ofStore() ? 1 : 0),
                now.removing(),
                now.replicated());
        follower.emit(message);
    }

    /** NATS is reachable and the stream is followed. */
    public void connect() {
        link.active();
        reading.active();
    }

    public void disconnect() {
        link.interrupted();
    }

    /** Ends the follower as a stream does that was created again. */
    public void recreate() {
        follower.complete();
    }

    public void failFollower(Throwable failure) {
        follower.fail(failure);
    }

    public static Throwable fellBehind() {
        return new FellBehindException("LOGS");
    }

    public static Throwable recreated() {
        return new StreamRecreatedException("LOGS");
    }

    /** Returns whether a reader follows the stream or the connection. */
    public boolean followed() {
        return observed || (follower != null && !follower.isCancelled());
    }

    /** Returns the number of messages that the follower has requested. */
    public long requested() {
        return requested;
    }

    @Override
    public Uni<Optional<StreamState>> covering(SubjectSet subjects) {
        return covering.to(subjects);
    }

    @Override
    public Uni<ReplayPosition> locate(StreamState state, String prefix, SubjectSet subjects, ReplayStart start) {
        return positions.to(start);
    }

    @Override
    public Uni<StreamState> state(String stream) {
        return deleted
                ? Uni.createFrom().failure(Failure.NO_STREAM.because("on purpose"))
                : Uni.createFrom().item(now);
    }

    @Override
    public Uni<Page> page(Selection selected, long position, long known, PageSize size) {
        return pages.to(new Range(position, known));
    }

    @Override
    public Multi<StreamMessage> follow(Selection selected, long position, long time, SubscriptionObserver observer) {
        reading = observer;
        return Multi.createFrom()
                .<StreamMessage>emitter(emitter -> follower = emitter, BackPressureStrategy.BUFFER)
                .onRequest()
                .invoke(more -> requested += more);
    }

    @Override
    public Uni<Boolean> nothingUpTo(Selection selected, long position, long known) {
        return nothing.to(new Range(position, known));
    }

    @Override
    public Runnable observe(SubscriptionObserver observer) {
        link = observer;
        observed = true;
        return () -> observed = false;
    }

    @Override
    public Uni<Void> reachable() {
        return reachable.to("");
    }
}

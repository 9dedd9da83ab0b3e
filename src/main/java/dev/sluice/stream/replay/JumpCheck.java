package dev.sluice.stream.replay;

import dev.sluice.flow.ContextExecutor;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.operators.multi.AbstractMultiOperator;
import io.smallrye.mutiny.operators.multi.MultiOperatorProcessor;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Detects that the server has removed messages before its consumer could send them. The consumer does not report that: it
 * continues with the next message that exists. Only a jump of the sequence shows it, if the whole stream is read.
 *
 * <p>At a jump the messages are held until the state of the stream is known: at most one request at a time, and one for
 * all jumps that have arrived before it. If the stream begins after the missing messages, they were removed, and the
 * {@code Multi} fails with {@link FellBehindException}. Otherwise single messages were deleted, and reading continues. A
 * store is not checked: there a later message replaces an earlier one. What is held is limited by the demand.
 */
final class JumpCheck extends AbstractMultiOperator<StreamMessage, StreamMessage> {
    private final Selection selection;
    private final long position;
    private final StreamStates states;

    /** @param position sequence of the message before the first one of {@code upstream} */
    JumpCheck(Multi<StreamMessage> upstream, Selection selection, long position, StreamStates states) {
        super(upstream);
        this.selection = selection;
        this.position = position;
        this.states = states;
    }

    @Override
    public void subscribe(MultiSubscriber<? super StreamMessage> downstream) {
        upstream().subscribe().withSubscriber(new Check(downstream));
    }

    /** Emits on the thread of the upstream, or while messages are held on the thread that received the state. */
    private final class Check extends MultiOperatorProcessor<StreamMessage, StreamMessage> {
        private volatile boolean allSelected = !selection.ofStore();
        private volatile boolean holding;
        /** Confined to the emitting thread. */
        private long last = position;

        private volatile Cancellable request = () -> {};

        /** Messages that wait for the state of the stream. Guarded by this. */
        private final Queue<StreamMessage> held = new ArrayDeque<>();
        /** Number of held messages that arrived before the state was requested. Guarded by this. */
        private int covered;
        /** The end of the upstream, which follows the held messages. Guarded by this. */
        private @Nullable Runnable upstreamEnd;

        Check(MultiSubscriber<? super StreamMessage> downstream) {
            super(downstream);
        }

        @Override
        public void onItem(StreamMessage item) {
            if (holding || jumps(item)) {
                hold(item);
            } else {
                emit(item);
            }
        }

        private void hold(StreamMessage item) {
            synchronized (this) {
                held.add(item);
                if (holding) {
                    return;
                }
                holding = true;
            }
            requestState();
        }

        private boolean jumps(StreamMessage item) {
            return allSelected && item.sequence() > last + 1;
        }

        private void emit(StreamMessage item) {
            last = item.sequence();
            super.onItem(item);
        }

        private void requestState() {
            synchronized (this) {
                covered = held.size();
            }
            request = states.state(selection.stream())
                    .emitOn(ContextExecutor.executor())
                    .subscribe()
                    .with(this::received, this::end);
            if (isCancelled()) {
                request.cancel();
            }
        }

        private void received(StreamState now) {
            allSelected = allSelected && selection.wholeOf(now);
            for (StreamMessage next = next(); next != null; next = next()) {
                if (jumps(next) && now.lostAfter(last)) {
                    end(new FellBehindException(selection.stream()));
                    return;
                }
                emit(next);
            }
            emitHeld();
        }

        /** Returns the next message that arrived before the state was requested. */
        private synchronized @Nullable StreamMessage next() {
            return covered-- > 0 ? held.remove() : null;
        }

        /** Emits what has arrived since the state was requested, up to the next jump. */
        private void emitHeld() {
            while (true) {
                StreamMessage next;
                Runnable end;
                synchronized (this) {
                    next = held.peek();
                    end = upstreamEnd;
                    if (next == null) {
                        holding = false;
                    } else if (!jumps(next)) {
                        held.remove();
                    }
                }
                if (next == null) {
                    if (end != null) {
                        end.run();
                    }
                    return;
                }
                if (jumps(next)) {
                    requestState();
                    return;
                }
                emit(next);
            }
        }

        /** Ends with {@code failure} in place of the held messages. */
        private void end(Throwable failure) {
            if (!isCancelled()) {
                cancel();
                downstream.onFailure(failure);
            }
        }

        @Override
        public void onFailure(Throwable failure) {
            afterHeld(() -> super.onFailure(failure));
        }

        @Override
        public void onCompletion() {
            afterHeld(super::onCompletion);
        }

        private void afterHeld(Runnable end) {
            synchronized (this) {
                if (holding) {
                    upstreamEnd = end;
                    return;
                }
            }
            end.run();
        }

        @Override
        public void cancel() {
            super.cancel();
            request.cancel();
        }
    }
}

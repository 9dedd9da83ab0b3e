package dev.sluice.stream.replay;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Questions of one kind, and the answers that a test gives to them. Thread-safe. */
public final class ScriptedAnswers<Q, A> {
    private final List<Q> asked = new ArrayList<>();
    private final List<UniEmitter<? super A>> open = new ArrayList<>();
    private Function<Q, A> script;

    /** Answers all further questions at once. */
    public synchronized void always(Function<Q, A> answer) {
        script = answer;
    }

    /** Answers the oldest open question. */
    public void answer(A answer) {
        next().complete(answer);
    }

    public void fail(Throwable failure) {
        next().fail(failure);
    }

    /** Returns the questions since the last call. */
    public synchronized List<Q> asked() {
        List<Q> all = List.copyOf(asked);
        asked.clear();
        return all;
    }

    /** Returns the number of questions that are neither answered nor given up. */
    public synchronized int open() {
        return open.size();
    }

    Uni<A> to(Q question) {
        return Uni.createFrom().emitter(emitter -> {
            Function<Q, A> answer = ask(question, emitter);
            if (answer != null) {
                emitter.complete(answer.apply(question));
            }
        });
    }

    private synchronized Function<Q, A> ask(Q question, UniEmitter<? super A> emitter) {
        asked.add(question);
        if (script == null) {
            open.add(emitter);
            emitter.onTermination(() -> givenUp(emitter));
        }
        return script;
    }

    private synchronized void givenUp(UniEmitter<? super A> emitter) {
        open.remove(emitter);
    }

    private synchronized UniEmitter<? super A> next() {
        return open.remove(0);
    }
}

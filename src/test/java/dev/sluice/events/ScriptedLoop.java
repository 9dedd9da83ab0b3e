package dev.sluice.events;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/** An event loop under the control of a test. Tasks run on the test's thread, and time advances only on request. */
final class ScriptedLoop {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Queue<Timed> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timed::due).thenComparingLong(Timed::number));
    private final EventLoop loop = (EventLoop)
            Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {EventLoop.class}, this::call);
    private long now;
    private long number;

    /** @param period in nanoseconds; 0 for a task that runs once */
    private record Timed(Runnable task, long due, long number, long period) {}

    EventLoop loop() {
        return loop;
    }

    /** Returns whether no task and no timer is pending. */
    boolean idle() {
        return tasks.isEmpty() && timers.isEmpty();
    }

    /** Runs the due timers and all tasks. Timers that these schedule wait for the next turn. */
    void turn() {
        int due = 0;
        for (Timed timer : timers) {
            due += timer.due <= now ? 1 : 0;
        }
        for (; due > 0; due--) {
            Timed timer = timers.remove();
            if (timer.period > 0) {
                timers.add(new Timed(timer.task, timer.due + timer.period, number++, timer.period));
            }
            timer.task.run();
        }
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Runs turns until no task and no timer is due. */
    void run() {
        while (!tasks.isEmpty() || (!timers.isEmpty() && timers.element().due <= now)) {
            turn();
        }
    }

    void forward(Duration time) {
        now += time.toNanos();
        run();
    }

    void forwardOneTurn(Duration time) {
        now += time.toNanos();
        turn();
    }

    private Object call(Object self, Method method, Object[] arguments) {
        return switch (method.getName()) {
            case "execute" -> {
                tasks.add((Runnable) arguments[0]);
                yield null;
            }
            case "schedule" -> timer(new Timed((Runnable) arguments[0], now + nanos(arguments, 1), number++, 0));
            case "scheduleAtFixedRate" ->
                timer(new Timed((Runnable) arguments[0], now + nanos(arguments, 1), number++, nanos(arguments, 2)));
            case "equals" -> self == arguments[0];
            case "hashCode" -> System.identityHashCode(self);
            case "toString" -> "scripted loop";
            default -> throw new UnsupportedOperationException(method.toString());
        };
    }

    private Object timer(Timed timer) {
        timers.add(timer);
        return Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ScheduledFuture.class}, (self, method, arguments) -> {
                    if (!method.getName().equals("cancel")) {
                        throw new UnsupportedOperationException(method.toString());
                    }
                    return timers.removeIf(other -> other.task == timer.task);
                });
    }

    private static long nanos(Object[] arguments, int index) {
        return ((TimeUnit) arguments[arguments.length - 1]).toNanos((Long) arguments[index]);
    }
}

package dev.sluice.reliability;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Record of the responses and deliveries that a scenario's clients received for each message. Its comparison with the
 * stored messages is the scenario's result. Violations that do not depend on later events are recorded immediately, the
 * others by {@link #compare}.
 */
final class Ledger {
    /** Maximum number of details per rule. Further violations are only counted. */
    private static final int MAX_DETAILS = 20;

    /** A busy machine alone makes some publishes late. */
    private static final int CALM_REFUSALS = 20;

    private static final int CALM_REFUSALS_PERCENT = 5;

    /** Time in which a server passes a core message on to the server of its subscriber. */
    private static final Duration FORWARDED = Duration.ofSeconds(1);

    /** Time without an ack after which NATS does not serve: the cluster elects a leader. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** A rejection after this time is due to the publish's deadline. */
    private static final Duration GIVEN_UP = Duration.ofSeconds(4);

    private static final long NEVER = Long.MAX_VALUE;

    private static final int CREATED = 201;
    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final int TOO_MANY = 429;
    private static final int UNAVAILABLE = 503;

    /** Response while an earlier attempt with the same ID is in progress. Has {@code Retry-After}, as 503. */
    private static final int CONFLICT = 409;

    private final FaultLog faults;
    private final Bounds bounds;
    private final AtomicLong numbers = new AtomicLong();
    private final Map<Long, Message> messages = new ConcurrentHashMap<>();
    private final List<Tail> tails = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<long[]> emptyFetches = new ConcurrentLinkedQueue<>();
    private final Map<Integer, LongAdder> answers = new ConcurrentHashMap<>();
    private final Map<Rule, AtomicInteger> counts = new ConcurrentHashMap<>();
    private final Map<Rule, List<Difference>> differences = new ConcurrentHashMap<>();
    private final LongAdder acknowledged = new LongAdder();
    private final LongAdder deliveries = new LongAdder();
    private final LongAdder broken = new LongAdder();
    private final LongAdder calm = new LongAdder();
    private final LongAdder calmRefusals = new LongAdder();
    private final Percentiles publishing = new Percentiles();
    private volatile long lastAcknowledged;
    private volatile long servingSince;
    private final Object death = new Object();
    /** When the only server died; {@code NEVER} while it is running. Guarded by {@link #death}, as the next two. */
    private long deadSince = NEVER;

    private long refusedSinceDeath;
    /** When the first publish that began after the death of the server was refused; {@code NEVER} if none was. */
    private long deathKnownSince = NEVER;

    /**
     * Time limits.
     *
     * @param answer the maximum time to the response of a publish
     * @param silence the maximum time for which a tail with pending messages may send nothing
     * @param ackWait the ack wait of the workers' consumers
     * @param resent the time after the return of NATS in which all pending publishes are sent again and answered; shorter
     *     than their deadline, or a publish that is not sent again would go unnoticed
     */
    record Bounds(Duration answer, Duration silence, Duration ackWait, Duration resent) {}

    Ledger(FaultLog faults, Bounds bounds) {
        this.faults = faults;
        this.bounds = bounds;
    }

    FaultLog faults() {
        return faults;
    }

    long now() {
        return faults.now();
    }

    // The server

    /**
     * Records that the only server has died. Nothing can be sent from now on. An instance may still accept what it is about
     * to write into the dead connection, for as long as the end of the connection is on its way to it: a 202 promises nothing
     * more. The first 503 to a publish that began after the death shows that the instance knows of it. A 202 to a publish
     * that began after this 503 is false.
     */
    void serverDied() {
        synchronized (death) {
            deadSince = now();
        }
    }

    /** Records that the server is about to be started again. */
    void serverStarts() {
        synchronized (death) {
            deadSince = NEVER;
            deathKnownSince = NEVER;
            refusedSinceDeath = 0;
        }
    }

    /** Returns the number of publishes that began after the death of the server and were answered 503. */
    long refusedSinceDeath() {
        synchronized (death) {
            return refusedSinceDeath;
        }
    }

    private void refused(long began, long now) {
        synchronized (death) {
            if (began > deadSince) {
                refusedSinceDeath++;
                deathKnownSince = Math.min(deathKnownSince, now);
            }
        }
    }

    private boolean beganAfterDeathWasKnown(long began) {
        synchronized (death) {
            return began > deathKnownSince;
        }
    }

    // Publishes

    /**
     * Registers a message that the client sends now for the first time. Returns its number, which is part of its text.
     */
    long sent() {
        long number = numbers.incrementAndGet();
        messages.put(number, new Message(number, now()));
        return number;
    }

    static String text(long message, int length) {
        String text = "m" + message + " ";
        return text + "x".repeat(Math.max(0, length - text.length()));
    }

    /** Returns the number of the message with this text, or 0 if the message is not from a ledger. */
    static long number(String text) {
        int end = text.indexOf(' ');
        try {
            return text.startsWith("m") && end > 0 ? Long.parseLong(text.substring(1, end)) : 0;
        } catch (NumberFormatException foreign) {
            return 0;
        }
    }

    /**
     * Records the response to one publish attempt.
     *
     * @param sequence the sequence in a 200 or 201, else 0
     * @param retryAfter whether the response has {@code Retry-After}
     * @param began the start of this attempt
     */
    void answered(long number, int status, long sequence, boolean retryAfter, long began) {
        Message message = messages.get(number);
        long now = now();
        answers.computeIfAbsent(status, any -> new LongAdder()).increment();
        publishing.add(now - began);
        if (!faults.disturbed(began, now)) {
            calm.increment();
            if (status == UNAVAILABLE || status == TOO_MANY) {
                calmRefusals.increment();
            }
        }
        if (now - began > bounds.answer().toNanos()) {
            found(Rule.LATE_ANSWER, "m" + number + " after " + FaultLog.seconds(now - began) + " with " + status);
        }
        synchronized (message) {
            switch (status) {
                case CREATED, OK -> {
                    if (sequence <= 0) {
                        found(Rule.UNEXPECTED_ANSWER, status + " without a sequence for m" + number);
                    }
                    if (message.acknowledged == 0) {
                        acknowledged.increment();
                        if (now - lastAcknowledged > PAUSE.toNanos()) {
                            servingSince = now;
                        }
                        lastAcknowledged = now;
                        message.acknowledgedAt = now;
                        message.acknowledged = sequence;
                    } else if (message.acknowledged != sequence) {
                        found(
                                Rule.STORED_TWICE,
                                "m" + number + " was acknowledged as " + message.acknowledged + " and as " + sequence);
                    }
                }
                case ACCEPTED -> {
                    message.acceptedAt = now;
                    if (beganAfterDeathWasKnown(began)) {
                        found(Rule.FALSE_ACCEPT, "m" + number + " at " + FaultLog.seconds(now));
                    }
                }
                case UNAVAILABLE, TOO_MANY, CONFLICT -> {
                    if (status == UNAVAILABLE) {
                        refused(began, now);
                    }
                    if (status == CONFLICT && !message.open) {
                        found(Rule.UNEXPECTED_ANSWER, status + " for m" + number + " at " + FaultLog.seconds(now));
                    }
                    message.open |= status != TOO_MANY;
                    if (now - began > GIVEN_UP.toNanos()
                            && !faults.broken(now - bounds.resent().toNanos(), now)
                            && !electing(began, now)) {
                        found(Rule.UNRESOLVED_PUBLISH, "m" + number + " at " + FaultLog.seconds(now));
                    }
                    if (!retryAfter) {
                        found(Rule.NO_RETRY_AFTER, status + " for m" + number + " at " + FaultLog.seconds(now));
                    }
                }
                default -> {
                    message.refused = status;
                    found(Rule.UNEXPECTED_ANSWER, status + " for m" + number + " at " + FaultLog.seconds(now));
                }
            }
        }
    }

    /**
     * Records a publish attempt without a response. Its outcome is unknown. Near the stop of an instance it is a violation
     * only if the message was accepted nevertheless: a request can cross the close of an idle connection.
     */
    void unanswered(long number, String why, long began) {
        Message message = messages.get(number);
        message.open = true;
        long now = now();
        if (faults.disturbed(FaultLog.Scope.STOP, began, now)
                && !faults.disturbed(FaultLog.Scope.INSTANCE, began, now)) {
            broken.increment();
            message.crossed = FaultLog.seconds(began) + " to " + FaultLog.seconds(now) + ": " + why;
        } else {
            broke("m" + number, why, began);
        }
    }

    /** Records a request without a response. It is a violation unless an instance is broken. */
    void broke(String what, String why, long began) {
        long now = now();
        broken.increment();
        if (!faults.disturbed(FaultLog.Scope.INSTANCE, began, now)) {
            found(Rule.NO_ANSWER, what + ", " + FaultLog.seconds(began) + " to " + FaultLog.seconds(now) + ": " + why);
        }
    }

    /** Records the response to a request that is not a publish. */
    void answered(String what, int status, boolean retryAfter) {
        answers.computeIfAbsent(status, any -> new LongAdder()).increment();
        if (status == UNAVAILABLE || status == TOO_MANY) {
            if (!retryAfter) {
                found(Rule.NO_RETRY_AFTER, status + " for " + what + " at " + FaultLog.seconds(now()));
            }
        } else if (status >= 300 && !(status == CONFLICT && retryAfter)) {
            found(Rule.UNEXPECTED_ANSWER, status + " for " + what + " at " + FaultLog.seconds(now()));
        }
    }

    /** Returns the number of responses with this status. */
    long answers(int status) {
        LongAdder count = answers.get(status);
        return count == null ? 0 : count.sum();
    }

    boolean settled(long number) {
        Message message = messages.get(number);
        return message.acknowledged > 0 || message.refused > 0 || message.acceptedAt > 0;
    }

    /** Returns whether the core NATS subscriber received every message that was accepted while nothing was broken. */
    boolean acceptedHaveArrived() {
        return messages.values().stream().noneMatch(this::lost);
    }

    private boolean lost(Message message) {
        return message.acceptedAt > 0
                && message.arrivals == 0
                && !faults.disturbed(message.sentAt, message.acceptedAt + FORWARDED.toNanos());
    }

    /** Records that the core NATS subscriber received the message. */
    void arrived(long number) {
        Message message = messages.get(number);
        if (message != null) {
            synchronized (message) {
                if (++message.arrivals == 2) {
                    found(Rule.CORE_MESSAGE_DOUBLED, "m" + number);
                }
            }
        }
    }

    // Tails

    /** Registers a tail of all subjects of the stream, from its first message on. */
    Tail tail(String name) {
        Tail tail = new Tail(name);
        tails.add(tail);
        return tail;
    }

    List<Tail> tails() {
        return List.copyOf(tails);
    }

    // Workers

    /** Records a delivery that a worker received through the fetch that began at {@code fetchBegan}. */
    void delivered(String worker, long number, long sequence, long delivered, long fetchBegan) {
        Message message = messages.get(number);
        if (message == null) {
            return;
        }
        deliveries.increment();
        long now = now();
        synchronized (message) {
            message.sights++;
            if (message.sights == 1) {
                message.firstFetch = fetchBegan;
                message.firstDelivered = delivered;
                if (delivered > 1 && !faults.disturbed(now - (delivered - 1) * ackWait() - ackWait(), now)) {
                    found(
                            Rule.DELIVERY_USED_UP,
                            "m" + number + " (" + sequence + ") comes to " + worker + " as delivery " + delivered
                                    + " at " + FaultLog.seconds(now) + ", and no worker received an earlier one");
                }
            } else if (message.confirmedAt > 0
                    && fetchBegan > message.confirmedAt
                    && !faults.disturbed(message.seenAt, now)) {
                found(
                        Rule.ACKED_AND_DELIVERED,
                        "m" + number + " (" + sequence + ") was confirmed at " + FaultLog.seconds(message.confirmedAt)
                                + " and was delivered again at " + FaultLog.seconds(now));
            } else if (!faults.disturbed(message.seenAt, now)) {
                found(
                        Rule.SEEN_TWICE,
                        "m" + number + " (" + sequence + ") at " + FaultLog.seconds(message.seenAt)
                                + " and, as delivery " + delivered + ", at " + FaultLog.seconds(now));
            }
            message.seenAt = now;
        }
    }

    /** Records that the server confirmed the ack of the message. */
    void confirmed(long number) {
        Message message = messages.get(number);
        if (message != null) {
            message.confirmedAt = now();
        }
    }

    /** Records a fetch that returned no messages. */
    void nothing(long began) {
        emptyFetches.add(new long[] {began, now()});
    }

    // Results

    void found(Rule rule, String detail) {
        counts.computeIfAbsent(rule, any -> new AtomicInteger()).incrementAndGet();
        List<Difference> some = differences.computeIfAbsent(rule, any -> new CopyOnWriteArrayList<>());
        if (some.size() < MAX_DETAILS) {
            some.add(new Difference(rule, detail));
        }
    }

    long acknowledged() {
        return acknowledged.sum();
    }

    /**
     * Returns whether a fault has just ended and the cluster is not serving again for long enough. A server that was frozen
     * may make the others elect leaders when it goes on, which takes them seconds.
     */
    private boolean electing(long began, long now) {
        boolean serving = now - lastAcknowledged <= PAUSE.toNanos()
                && now - servingSince >= bounds.resent().toNanos();
        return !serving && faults.disturbed(began, now);
    }

    long lastAcknowledged() {
        return lastAcknowledged;
    }

    long deliveries() {
        return deliveries.sum();
    }

    /** Returns the number of acknowledged messages that no worker has received yet. */
    long acknowledgedAndUnseen() {
        return messages.values().stream()
                .filter(message -> message.acknowledged > 0 && message.sights == 0)
                .count();
    }

    Percentiles publishing() {
        return publishing;
    }

    /** Returns the number of violations by rule. */
    Map<Rule, Integer> broken() {
        Map<Rule, Integer> broken = new EnumMap<>(Rule.class);
        counts.forEach((rule, count) -> broken.put(rule, count.get()));
        return broken;
    }

    List<Difference> differences() {
        return differences.values().stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparing(Difference::rule))
                .toList();
    }

    String answers() {
        Map<Integer, Long> sorted = new TreeMap<>();
        answers.forEach((status, count) -> sorted.put(status, count.sum()));
        return sorted + ", without an answer " + broken.sum();
    }

    /**
     * Compares the records with the final content of the stream.
     *
     * @param stored the text of each stored message, by sequence
     * @param workers whether workers had to receive every stored message
     */
    void compare(NavigableMap<Long, String> stored, boolean workers) {
        Map<Long, Long> places = new HashMap<>();
        stored.forEach((sequence, text) -> {
            Long before = places.put(number(text), sequence);
            if (before != null && number(text) > 0) {
                found(Rule.STORED_TWICE, "m" + number(text) + " as " + before + " and as " + sequence);
            }
        });
        for (Message message : messages.values()) {
            Long place = places.get(message.number);
            compare(message, place, place == null ? "" : stored.get(message.acknowledged));
            if (workers && place != null && message.sights == 0) {
                found(Rule.UNSEEN_MESSAGE, "m" + message.number + " (" + place + ")");
            }
        }
        tails.forEach(tail -> tail.compare(stored));
        compareEmptyFetches(places);
        if (calmRefusals.sum() > CALM_REFUSALS && calmRefusals.sum() * 100 > calm.sum() * CALM_REFUSALS_PERCENT) {
            found(
                    Rule.REFUSED_WITHOUT_A_FAULT,
                    calmRefusals + " of " + calm + " publishes were answered 503 or 429 while nothing was broken");
        }
    }

    private void compare(Message message, Long place, String atItsSequence) {
        String name = "m" + message.number + ", sent at " + FaultLog.seconds(message.sentAt);
        if (message.acknowledged > 0 && (atItsSequence == null || number(atItsSequence) != message.number)) {
            found(
                    Rule.ACKNOWLEDGED_AND_NOT_STORED,
                    name + ", was acknowledged as " + message.acknowledged + " and is stored as " + place);
        }
        if (message.refused > 0 && message.acknowledged == 0 && !message.open && place != null) {
            found(
                    Rule.STORED_THOUGH_REFUSED,
                    name + ", was answered " + message.refused + " and is stored as " + place);
        }
        if (message.crossed != null && message.acknowledged == 0 && (place != null || message.arrivals > 0)) {
            found(Rule.NO_ANSWER, name + ", was accepted without an answer, " + message.crossed);
        }
        if (lost(message)) {
            found(Rule.CORE_MESSAGE_LOST, name);
        }
    }

    /**
     * Finds empty fetches that missed a message: the message was acknowledged before the fetch began, and its first
     * worker received it through a fetch that began after the empty one had ended.
     */
    private void compareEmptyFetches(Map<Long, Long> places) {
        List<Message> byTime = messages.values().stream()
                .filter(message -> message.acknowledged > 0 && places.containsKey(message.number))
                .filter(message -> message.sights == 0 || message.firstDelivered == 1)
                .sorted(Comparator.comparingLong(message -> message.acknowledgedAt))
                .toList();
        List<long[]> fetches = new ArrayList<>(emptyFetches);
        fetches.sort(Comparator.comparingLong(fetch -> fetch[0]));
        int next = 0;
        Message last = null;
        for (long[] fetch : fetches) {
            for (; next < byTime.size() && byTime.get(next).acknowledgedAt < fetch[0]; next++) {
                Message candidate = byTime.get(next);
                last = last == null || candidate.fetchedFrom() > last.fetchedFrom() ? candidate : last;
            }
            boolean parted = faults.disturbed(FaultLog.Scope.PARTITION, fetch[0], fetch[1]);
            if (last != null && last.fetchedFrom() > fetch[1] && !parted) {
                found(
                        Rule.EMPTY_FETCH,
                        FaultLog.seconds(fetch[0]) + " to " + FaultLog.seconds(fetch[1]) + ", while m" + last.number
                                + " had been acknowledged at " + FaultLog.seconds(last.acknowledgedAt));
            }
        }
    }

    private long ackWait() {
        return bounds.ackWait().toNanos();
    }

    /** The record of one message. */
    private static final class Message {
        private final long number;
        private final long sentAt;
        private long acknowledged;
        private long acknowledgedAt;
        private int refused;
        private long acceptedAt;
        private boolean open;
        /** The attempt that had no answer near the stop of an instance; null if there was none. */
        private String crossed;

        private int arrivals;
        private int sights;
        private long seenAt;
        private long firstFetch;
        private long firstDelivered;
        private long confirmedAt;

        Message(long number, long sentAt) {
            this.number = number;
            this.sentAt = sentAt;
        }

        long fetchedFrom() {
            return sights == 0 ? Long.MAX_VALUE : firstFetch;
        }
    }

    /** The record of one tail, over all its connections. */
    final class Tail {
        private final String name;
        private final BitSet seen = new BitSet();
        private final BitSet told = new BitSet();
        private final Map<Long, Long> texts = new HashMap<>();
        private final Percentiles lag = new Percentiles();
        private long last;
        private long dropped;
        private long events;
        private long excusedUntil;
        private boolean excused = true;

        private Tail(String name) {
            this.name = name;
        }

        /** Returns the highest sequence that the tail received. */
        synchronized long last() {
            return last;
        }

        synchronized long events() {
            return events;
        }

        Percentiles lag() {
            return lag;
        }

        synchronized void event(long sequence, String text) {
            long now = now();
            events++;
            if (seen.get((int) sequence)) {
                found(Rule.DOUBLED_EVENT, name + " shows " + sequence + " again at " + FaultLog.seconds(now));
            } else if (sequence < last) {
                found(Rule.EVENT_OUT_OF_ORDER, name + " shows " + sequence + " after " + last);
            }
            seen.set((int) sequence);
            last = Math.max(last, sequence);
            if (number(text) > 0) {
                texts.put(sequence, number(text));
            }
            Message message = messages.get(number(text));
            if (message != null) {
                lag.add(now - message.sentAt);
                checkSilence(message, sequence, now);
            }
        }

        private void checkSilence(Message message, long sequence, long now) {
            long acknowledgedAt = message.acknowledgedAt;
            long since = Math.max(acknowledgedAt, excusedUntil);
            if (acknowledgedAt > 0 && !excused && now - since > bounds.silence().toNanos()) {
                found(
                        Rule.SILENT_TAIL,
                        name + " shows " + sequence + " at " + FaultLog.seconds(now) + ", acknowledged at "
                                + FaultLog.seconds(acknowledgedAt) + ", and did not say `reconnecting` between");
            }
        }

        /** Records that the tail reported NATS as disconnected, or is not open. */
        synchronized void excused() {
            excused = true;
        }

        /** Returns whether the tail last reported NATS as disconnected, or is not open. */
        synchronized boolean away() {
            return excused;
        }

        /** Records that the tail reported NATS as connected. */
        synchronized void connected() {
            excused = false;
            excusedUntil = now();
        }

        /** Records that the tail reported a gap from {@code from} to {@code to}, inclusive. */
        synchronized void gap(long from, long to) {
            told.set((int) from, (int) to + 1);
        }

        /** Records that the tail reported a recreated stream. Records of the earlier epoch no longer count. */
        synchronized void recreated() {
            seen.clear();
            told.clear();
            texts.clear();
            last = 0;
            dropped = 0;
        }

        synchronized void dropped(long count) {
            dropped += count;
        }

        private synchronized void compare(NavigableMap<Long, String> stored) {
            long missing = 0;
            String first = "";
            for (Map.Entry<Long, String> message : stored.entrySet()) {
                int sequence = Math.toIntExact(message.getKey());
                boolean ours = number(message.getValue()) > 0;
                if (ours && !seen.get(sequence) && !told.get(sequence) && ++missing > dropped && first.isEmpty()) {
                    first = "m" + number(message.getValue()) + " (" + sequence + ")";
                }
            }
            if (missing > dropped) {
                found(
                        Rule.UNTOLD_GAP,
                        name + " lacks " + missing + " messages from " + first + " on, its last is " + last
                                + ", and told of " + dropped + " dropped");
            }
            texts.forEach((sequence, number) -> {
                String text = stored.get(sequence);
                boolean gone = text == null && (stored.isEmpty() || sequence < stored.firstKey());
                if (!gone && (text == null || number(text) != number)) {
                    found(Rule.PHANTOM_EVENT, name + " showed m" + number + " as " + sequence + ", stored is " + text);
                }
            });
        }
    }
}

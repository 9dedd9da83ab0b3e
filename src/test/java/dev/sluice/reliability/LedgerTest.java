package dev.sluice.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Tests that the ledger finds every violation and nothing else. */
class LedgerTest {
    private static final Duration ACK_WAIT = Duration.ofSeconds(5);
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private final FaultLog faults = new FaultLog(Duration.ZERO);
    private final Ledger ledger = new Ledger(
            faults, new Ledger.Bounds(Duration.ofSeconds(6), Duration.ofSeconds(5), ACK_WAIT, Duration.ofSeconds(3)));
    private final TreeMap<Long, String> stored = new TreeMap<>();

    @Test
    void findsNothingInACorrectRun() {
        Ledger.Tail tail = ledger.tail("t");
        tail.connected();
        long fetch = ledger.now();
        for (long sequence = 1; sequence <= 3; sequence++) {
            long message = published(sequence);
            tail.event(sequence, stored.get(sequence));
            ledger.delivered("w", message, sequence, 1, fetch);
            ledger.confirmed(message);
        }
        ledger.nothing(ledger.now());

        assertThat(broken()).isEmpty();
    }

    @Test
    void findsAnAcknowledgedMessageThatIsNotStored() {
        published(1);
        stored.clear();
        assertThat(broken()).containsOnlyKeys(Rule.ACKNOWLEDGED_AND_NOT_STORED);
    }

    @Test
    void findsAnAcknowledgedMessageUnderAnotherSequence() {
        long message = ledger.sent();
        ledger.answered(message, 201, 1, false, ledger.now());
        stored.put(2L, Ledger.text(message, 10));
        assertThat(broken()).containsOnlyKeys(Rule.ACKNOWLEDGED_AND_NOT_STORED);
    }

    @Test
    void findsAnAcknowledgementWithoutASequence() {
        ledger.answered(ledger.sent(), 201, 0, false, ledger.now());
        assertThat(broken()).containsOnlyKeys(Rule.UNEXPECTED_ANSWER);
    }

    @Test
    void findsRefusalsWithoutAFault() {
        for (int i = 0; i < 30; i++) {
            ledger.answered(ledger.sent(), 503, 0, true, ledger.now());
        }
        assertThat(broken()).containsOnlyKeys(Rule.REFUSED_WITHOUT_A_FAULT);
    }

    @Test
    void findsAMessageThatIsStoredTwice() {
        long message = published(1);
        stored.put(2L, Ledger.text(message, 10));
        assertThat(broken()).containsOnlyKeys(Rule.STORED_TWICE);
    }

    @Test
    void findsARefusedMessageThatIsStored() {
        long message = ledger.sent();
        ledger.answered(message, 404, 0, false, ledger.now());
        stored.put(1L, Ledger.text(message, 10));
        assertThat(broken()).containsOnlyKeys(Rule.UNEXPECTED_ANSWER, Rule.STORED_THOUGH_REFUSED);
    }

    @Test
    void acceptsEitherResultOfAnUnknownOutcome() {
        long message = ledger.sent();
        ledger.answered(message, 503, 0, true, ledger.now());
        stored.put(1L, Ledger.text(message, 10));
        ledger.answered(ledger.sent(), 503, 0, true, ledger.now());
        assertThat(broken()).isEmpty();
    }

    @Test
    void findsAnUnknownOutcomeWithoutAFault() {
        ledger.answered(ledger.sent(), 503, 0, true, ledger.now() - DEADLINE.toNanos());
        assertThat(broken()).containsOnlyKeys(Rule.UNRESOLVED_PUBLISH);
    }

    @Test
    void acceptsAnUnknownOutcomeDuringAFault() {
        faults.begin(FaultLog.Scope.NATS, "made up");
        ledger.answered(ledger.sent(), 503, 0, true, ledger.now() - DEADLINE.toNanos());
        assertThat(broken()).isEmpty();
    }

    /** A server that goes on after a freeze may make the others elect leaders, which takes longer than the limit. */
    @Test
    void acceptsAnUnknownOutcomeWhileNothingIsAcknowledgedAfterAFault() {
        long began = ledger.now() - DEADLINE.toNanos();
        faults.begin(FaultLog.Scope.NATS, "made up", began).end(began + 1);
        ledger.answered(ledger.sent(), 503, 0, true, began);
        assertThat(broken()).isEmpty();
    }

    @Test
    void findsAnUnknownOutcomeWhileOthersAreAcknowledgedAfterAFault() {
        Ledger impatient = new Ledger(
                faults, new Ledger.Bounds(Duration.ofSeconds(6), Duration.ofSeconds(5), ACK_WAIT, Duration.ZERO));
        long began = impatient.now() - DEADLINE.toNanos();
        faults.begin(FaultLog.Scope.NATS, "made up", began).end(began + 1);
        impatient.answered(impatient.sent(), 201, 1, false, impatient.now());
        impatient.answered(impatient.sent(), 503, 0, true, began);
        assertThat(impatient.broken()).containsOnlyKeys(Rule.UNRESOLVED_PUBLISH);
    }

    @Test
    void findsARejectionWithoutRetryAfter() {
        ledger.answered(ledger.sent(), 503, 0, false, ledger.now());
        assertThat(broken()).containsOnlyKeys(Rule.NO_RETRY_AFTER);
    }

    @Test
    void findsAnAnswerAfterTheDeadline() {
        long message = ledger.sent();
        ledger.answered(
                message, 201, 1, false, ledger.now() - Duration.ofSeconds(6).toNanos());
        stored.put(1L, Ledger.text(message, 10));
        assertThat(broken()).containsOnlyKeys(Rule.LATE_ANSWER);
    }

    @Test
    void findsAnUnansweredRequestUnlessAnInstanceIsDown() {
        ledger.unanswered(ledger.sent(), "reset", ledger.now());
        assertThat(broken()).containsOnlyKeys(Rule.NO_ANSWER);

        faults.begin(FaultLog.Scope.INSTANCE, "killed");
        ledger.unanswered(ledger.sent(), "reset", ledger.now());
        assertThat(broken()).containsExactlyEntriesOf(Map.of(Rule.NO_ANSWER, 1));
    }

    @Test
    void acceptsARequestThatCrossedTheCloseOfAConnectionOfAStoppingInstance() {
        faults.begin(FaultLog.Scope.STOP, "stopped");
        ledger.unanswered(ledger.sent(), "closed", ledger.now());
        assertThat(broken()).isEmpty();
    }

    @Test
    void findsARequestThatAStoppingInstanceAcceptsAndDoesNotAnswer() {
        faults.begin(FaultLog.Scope.STOP, "stopped");
        long message = ledger.sent();
        ledger.unanswered(message, "closed", ledger.now());
        stored.put(1L, Ledger.text(message, 10));
        assertThat(broken()).containsOnlyKeys(Rule.NO_ANSWER);
    }

    @Test
    void findsAnUnreportedGapOfATail() {
        Ledger.Tail tail = ledger.tail("t");
        published(1);
        published(2);
        published(3);
        tail.event(1, stored.get(1L));
        tail.event(3, stored.get(3L));
        assertThat(broken()).containsOnlyKeys(Rule.UNTOLD_GAP);
    }

    @Test
    void findsATailThatDoesNotReachTheEnd() {
        Ledger.Tail tail = ledger.tail("t");
        published(1);
        published(2);
        tail.event(1, stored.get(1L));
        assertThat(broken()).containsOnlyKeys(Rule.UNTOLD_GAP);
    }

    @Test
    void acceptsAReportedGap() {
        Ledger.Tail tail = ledger.tail("t");
        published(1);
        published(2);
        tail.gap(1, 1);
        tail.event(2, stored.get(2L));
        assertThat(broken()).isEmpty();
    }

    @Test
    void acceptsAsManyMissingMessagesAsWereReportedDropped() {
        Ledger.Tail tail = ledger.tail("t");
        published(1);
        published(2);
        published(3);
        tail.event(3, stored.get(3L));
        tail.dropped(1);
        assertThat(broken()).containsOnlyKeys(Rule.UNTOLD_GAP);
    }

    @Test
    void findsARepeatedEvent() {
        Ledger.Tail tail = ledger.tail("t");
        published(1);
        tail.event(1, stored.get(1L));
        tail.event(1, stored.get(1L));
        assertThat(broken()).containsOnlyKeys(Rule.DOUBLED_EVENT);
    }

    @Test
    void findsAnEventOutOfOrder() {
        Ledger.Tail tail = ledger.tail("t");
        published(1);
        published(2);
        tail.event(2, stored.get(2L));
        tail.event(1, stored.get(1L));
        assertThat(broken()).containsOnlyKeys(Rule.EVENT_OUT_OF_ORDER);
    }

    @Test
    void findsAnEventOfAMessageThatIsStoredAtAnotherSequence() {
        Ledger.Tail tail = ledger.tail("t");
        published(1);
        published(2);
        tail.event(1, stored.get(2L));
        tail.event(2, stored.get(2L));
        assertThat(broken()).containsOnlyKeys(Rule.PHANTOM_EVENT);
    }

    @Test
    void findsATailThatIsSilentWithoutAStatus() {
        Ledger impatient = new Ledger(
                faults, new Ledger.Bounds(Duration.ofSeconds(6), Duration.ofNanos(1), ACK_WAIT, Duration.ofSeconds(3)));
        Ledger.Tail open = impatient.tail("open");
        Ledger.Tail away = impatient.tail("away");
        open.connected();
        away.connected();
        long message = impatient.sent();
        impatient.answered(message, 201, 1, false, impatient.now());
        away.excused();
        open.event(1, Ledger.text(message, 10));
        away.event(1, Ledger.text(message, 10));
        assertThat(impatient.broken()).containsExactlyEntriesOf(Map.of(Rule.SILENT_TAIL, 1));
    }

    @Test
    void findsAMessageThatNoWorkerReceived() {
        published(1);
        ledger.compare(stored, true);
        assertThat(ledger.broken()).containsOnlyKeys(Rule.UNSEEN_MESSAGE);
    }

    @Test
    void findsASkippedDelivery() {
        ledger.delivered("w", published(1), 1, 2, ledger.now());
        assertThat(broken()).containsOnlyKeys(Rule.DELIVERY_USED_UP);
    }

    @Test
    void acceptsASkippedDeliveryAfterAFault() {
        faults.begin(FaultLog.Scope.NATS, "cut").end();
        ledger.delivered("w", published(1), 1, 2, ledger.now());
        assertThat(broken()).isEmpty();
    }

    @Test
    void findsAMessageThatIsDeliveredTwice() {
        long message = published(1);
        ledger.delivered("w", message, 1, 1, ledger.now());
        ledger.delivered("w", message, 1, 2, ledger.now());
        assertThat(broken()).containsOnlyKeys(Rule.SEEN_TWICE);
    }

    @Test
    void findsADeliveryAfterAConfirmedAck() {
        long message = published(1);
        ledger.delivered("w", message, 1, 1, ledger.now());
        ledger.confirmed(message);
        ledger.delivered("w", message, 1, 2, ledger.now() + 1);
        assertThat(broken()).containsOnlyKeys(Rule.ACKED_AND_DELIVERED);
    }

    @Test
    void findsAnEmptyFetchWhileMessagesWereAvailable() {
        long message = published(1);
        ledger.nothing(ledger.now());
        ledger.delivered("w", message, 1, 1, ledger.now());
        assertThat(broken()).containsOnlyKeys(Rule.EMPTY_FETCH);
    }

    @Test
    void acceptsAnEmptyFetchWhileAnotherWorkerHadAllMessages() {
        long message = published(1);
        long other = ledger.now();
        ledger.nothing(ledger.now());
        ledger.delivered("w", message, 1, 1, other);
        assertThat(broken()).isEmpty();
    }

    @Test
    void findsACoreMessageThatIsLostOrRepeated() {
        long lost = ledger.sent();
        long doubled = ledger.sent();
        ledger.answered(lost, 202, 0, false, ledger.now());
        ledger.answered(doubled, 202, 0, false, ledger.now());
        ledger.arrived(doubled);
        ledger.arrived(doubled);
        assertThat(broken()).containsOnlyKeys(Rule.CORE_MESSAGE_LOST, Rule.CORE_MESSAGE_DOUBLED);
    }

    /** A server confirms a core message before it has passed it on to the server of the subscriber. */
    @Test
    void acceptsThatACoreMessageIsLostWithTheServerThatAcceptedIt() {
        long lost = ledger.sent();
        ledger.answered(lost, 202, 0, false, ledger.now());
        faults.begin(FaultLog.Scope.NATS, "a server is killed");
        assertThat(broken()).isEmpty();
    }

    @Test
    void findsA202WhileTheServerIsKnownToBeDead() {
        faults.begin(FaultLog.Scope.NATS, "the server is killed");
        ledger.serverDied();
        ledger.answered(ledger.sent(), 503, 0, true, ledger.now());
        ledger.answered(ledger.sent(), 202, 0, false, ledger.now());
        assertThat(broken()).containsOnlyKeys(Rule.FALSE_ACCEPT);
    }

    @Test
    void acceptsA202UntilTheDeathOfTheServerIsKnown() {
        faults.begin(FaultLog.Scope.NATS, "the server is killed");
        ledger.serverDied();
        long began = ledger.now();
        ledger.answered(ledger.sent(), 202, 0, false, ledger.now());
        ledger.answered(ledger.sent(), 503, 0, true, ledger.now());
        ledger.answered(ledger.sent(), 202, 0, false, began);
        assertThat(broken()).isEmpty();
    }

    @Test
    void acceptsA202AfterTheServerIsStartedAgain() {
        faults.begin(FaultLog.Scope.NATS, "the server is killed");
        ledger.serverDied();
        ledger.answered(ledger.sent(), 503, 0, true, ledger.now());
        ledger.serverStarts();
        ledger.answered(ledger.sent(), 202, 0, false, ledger.now());
        assertThat(broken()).isEmpty();
    }

    /** Records a message that is sent, acknowledged, and stored as {@code sequence}. */
    private long published(long sequence) {
        long message = ledger.sent();
        ledger.answered(message, 201, sequence, false, ledger.now());
        stored.put(sequence, Ledger.text(message, 10));
        return message;
    }

    private Map<Rule, Integer> broken() {
        ledger.compare(stored, false);
        return ledger.broken();
    }
}

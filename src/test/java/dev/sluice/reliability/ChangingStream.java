package dev.sluice.reliability;

import dev.sluice.support.ManagementCall;
import dev.sluice.support.SseClient;
import dev.sluice.support.Timeouts;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A stream beside those of the loads, which is purged, deleted, created again, moved and filled, with an open tail. */
final class ChangingStream {
    private static final String NAME = "CHANGING";
    private static final String SUBJECTS = "changing.>";
    private static final String STORED = "changing.a";

    private final Harness harness;
    private int changes;

    ChangingStream(Harness harness) {
        this.harness = harness;
        restore();
    }

    /** Makes the next change. Publishes and tails report it as documented, and go on after it. */
    void change() {
        restore();
        Change[] all = Change.values();
        Change change = all[changes++ % all.length];
        try (Caller caller = Caller.http1(harness.port(), 1);
                SseClient tail = SseClient.connected(harness.port(), "?subject=" + SUBJECTS + "&source=stream")
                        .within(Timeouts.LIMIT)) {
            status(caller, "before", 201);
            tail.until(frame -> frame.data().contains("before"));
            apply(change);
            status(caller, change + " rejected", change.rejected);
            restore();
            status(caller, "after", 201);
            tail.until(frame -> frame.type().equals("closed") || frame.data().contains("after"));
        } catch (ConditionTimeoutException | AssertionError late) {
            harness.ledger().found(Rule.SCENARIO, change + ": " + late.getMessage());
        }
    }

    private void apply(Change change) {
        manage(management -> {
            change.make(management);
            return true;
        });
    }

    /** Creates the stream, or gives it back its subjects and limits. */
    private void restore() {
        manage(management -> {
            if (management.getStreamNames().contains(NAME)) {
                management.purgeStream(NAME);
                management.updateStream(stream().build());
            } else {
                management.addStream(stream().build());
            }
            return true;
        });
    }

    private void manage(ManagementCall<Boolean> call) {
        Awaitility.await()
                .atMost(Timeouts.LIMIT)
                .ignoreExceptions()
                .until(() -> ManagementCall.make(harness.connection(), call));
    }

    private static void status(Caller caller, String text, int status) {
        Awaitility.await(text + " is " + status)
                .atMost(Timeouts.LIMIT)
                .ignoreExceptions()
                .until(() -> Caller.await(caller.post(
                                        "/v1/publish/" + STORED,
                                        "text/plain",
                                        Buffer.buffer(text),
                                        MultiMap.caseInsensitiveMultiMap()))
                                .status()
                        == status);
    }

    private static StreamConfiguration.Builder stream() {
        return StreamConfiguration.builder()
                .name(NAME)
                .subjects(SUBJECTS)
                .replicas(3)
                .allowDirect(true);
    }

    private enum Change {
        DELETED(404) {
            @Override
            void make(JetStreamManagement management) throws IOException, JetStreamApiException {
                management.deleteStream(NAME);
            }
        },
        MOVED(404) {
            @Override
            void make(JetStreamManagement management) throws IOException, JetStreamApiException {
                management.updateStream(stream().subjects("elsewhere.>").build());
            }
        },
        FULL(507) {
            @Override
            void make(JetStreamManagement management) throws IOException, JetStreamApiException {
                management.updateStream(
                        stream().maxMessages(1).discardPolicy(DiscardPolicy.New).build());
            }
        },
        PURGED(201) {
            @Override
            void make(JetStreamManagement management) throws IOException, JetStreamApiException {
                management.purgeStream(NAME);
            }
        };

        private final int rejected;

        /** @param rejected the status of a publish after the change */
        Change(int rejected) {
            this.rejected = rejected;
        }

        abstract void make(JetStreamManagement management) throws IOException, JetStreamApiException;
    }
}

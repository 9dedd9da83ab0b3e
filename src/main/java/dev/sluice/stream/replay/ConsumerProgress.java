package dev.sluice.stream.replay;

import static dev.sluice.stream.JetStreamApi.member;
import static dev.sluice.stream.JetStreamApi.number;

import io.nats.client.support.JsonValue;

/**
 * How far a consumer has come.
 *
 * @param delivered how many messages it has sent
 * @param pending how many it still has to send; what is removed from the stream meanwhile is not among them any more
 */
record ConsumerProgress(long delivered, long pending) {

    static ConsumerProgress read(JsonValue info) {
        JsonValue last = member(info, "delivered");
        return new ConsumerProgress(
                last == null ? 0 : number(member(last, "consumer_seq")), number(member(info, "num_pending")));
    }
}

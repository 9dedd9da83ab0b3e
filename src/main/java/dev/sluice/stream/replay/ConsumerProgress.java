package dev.sluice.stream.replay;

import static dev.sluice.stream.JetStreamApi.member;
import static dev.sluice.stream.JetStreamApi.number;

import io.nats.client.support.JsonValue;

/**
 * The progress of a consumer.
 *
 * @param delivered number of messages that it has sent
 * @param pending number of messages that it still has to send, without those removed from the stream in the meantime
 */
record ConsumerProgress(long delivered, long pending) {

    static ConsumerProgress read(JsonValue info) {
        JsonValue last = member(info, "delivered");
        return new ConsumerProgress(
                last == null ? 0 : number(member(last, "consumer_seq")), number(member(info, "num_pending")));
    }
}

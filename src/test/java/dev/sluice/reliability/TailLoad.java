package dev.sluice.reliability;

import com.fasterxml.jackson.databind.JsonNode;

/** A tail of a stream. */
final class TailLoad extends EventSourceLoad {
    private final Ledger.Tail tail;

    /** Creates a tail of {@code subject}, which covers all subjects of the stream, from the first message on. */
    TailLoad(Ledger ledger, String name, int port, String subject) {
        super(ledger, name, port, "/v1/events?subject=" + subject + "&from=all&source=stream");
        tail = ledger.tail(name);
    }

    @Override
    void take(String type, JsonNode data) {
        switch (type) {
            case "message" ->
                tail.event(data.path("seq").asLong(), data.path("data").asText());
            case "status" -> {
                if (data.path("nats").asText().equals("connected")) {
                    tail.connected();
                } else {
                    tail.excused();
                }
            }
            case "gap" -> {
                if (data.has("from")) {
                    tail.gap(data.path("from").asLong(), data.path("to").asLong());
                } else {
                    tail.recreated();
                }
            }
            case "dropped" -> tail.dropped(data.path("count").asLong());
            case "closed" -> tail.excused();
            default -> {}
        }
    }

    @Override
    void disconnected() {
        tail.excused();
    }

    @Override
    public String toString() {
        return "Tail " + name() + ": " + tail.events() + " events over " + connections() + " connections, "
                + tail.lag();
    }
}

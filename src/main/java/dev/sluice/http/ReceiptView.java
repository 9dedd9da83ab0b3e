package dev.sluice.http;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.sluice.stream.publish.Receipt;
import jakarta.ws.rs.core.UriBuilder;
import java.net.URI;

/** The JSON view of a receipt: where the message was stored. */
public record ReceiptView(String stream, long seq, boolean duplicate) {

    static ReceiptView of(Receipt receipt) {
        return new ReceiptView(receipt.stream(), receipt.sequence(), receipt.duplicate());
    }

    /** Returns the address of the stored message. */
    @JsonIgnore
    URI location() {
        return UriBuilder.fromPath("/v1/streams/{stream}/messages/{seq}").build(stream, seq);
    }
}

package dev.sluice.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.HttpExchange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A client for one bulk publish on a separate connection. It sends lines and reads receipts only on request. */
public final class BulkExchangeClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpExchange exchange;
    private boolean begun;

    public BulkExchangeClient(int port, String query) {
        exchange = new HttpExchange(port);
        exchange.send("POST /v1/publish" + query + " HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
    }

    /** Sends {@code body} in the background, with a Content-Length. */
    public BulkExchangeClient(int port, String query, byte[] body) {
        exchange = new HttpExchange(port);
        CompletableFuture.runAsync(() -> exchange.send("POST /v1/publish" + query + " HTTP/1.1\r\nHost: localhost\r\n"
                        + "Content-Type: application/x-ndjson; charset=utf-8\r\nContent-Length: " + body.length
                        + "\r\n\r\n")
                .send(body));
    }

    public HttpExchange http() {
        return exchange;
    }

    public BulkExchangeClient send(String lines) {
        exchange.chunk(lines);
        return this;
    }

    public BulkExchangeClient end() {
        exchange.chunk("");
        return this;
    }

    /** Returns the next receipt, or null at the end of the response. */
    public JsonNode receipt() {
        if (!begun) {
            exchange.head();
            if (exchange.status() != 200) {
                throw new AssertionError(exchange.status() + ": " + exchange.body());
            }
            begun = true;
        }
        String line = exchange.bodyLine();
        try {
            return line == null ? null : JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + line, e);
        }
    }

    public List<JsonNode> receipts() {
        List<JsonNode> receipts = new ArrayList<>();
        for (JsonNode receipt = receipt(); receipt != null; receipt = receipt()) {
            receipts.add(receipt);
        }
        return receipts;
    }

    @Override
    public void close() {
        exchange.close();
    }
}

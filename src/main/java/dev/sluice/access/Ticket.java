package dev.sluice.access;

import java.time.Duration;

/** A credential that opens one event stream, for clients that cannot set a header. */
public record Ticket(String text, Duration lifetime) {}

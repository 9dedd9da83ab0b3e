package dev.sluice.access;

import java.time.Duration;

/** A credential that opens one tail, for clients that cannot set a header. */
public record Ticket(String text, Duration lifetime) {}

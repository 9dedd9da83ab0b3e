package dev.sluice.access;

import java.time.Duration;

/** What a caller gets to open one event stream from where no header can be set. */
public record Ticket(String text, Duration lifetime) {}

package dev.sluice.events;

/**
 * One encoded event, shared by all its receivers; must not be modified.
 *
 * @param sequence stream sequence; 0 for a core source
 */
record Frame(byte[] bytes, long sequence) {}

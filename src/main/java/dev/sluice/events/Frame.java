package dev.sluice.events;

/**
 * One encoded event, shared by all who get it; not to be changed.
 *
 * @param sequence its place in the stream; 0 on a core source, which has no places
 */
record Frame(byte[] bytes, long sequence) {}

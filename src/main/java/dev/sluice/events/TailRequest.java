package dev.sluice.events;

import dev.sluice.nats.SubjectSet;
import java.util.Optional;

/**
 * What a client asks to tail.
 *
 * @param subjects the messages it wants
 * @param format how they become events
 * @param queueGroup the group it joins, so that each message goes to one member only
 */
public record TailRequest(SubjectSet subjects, EventFormat format, Optional<String> queueGroup) {}

package dev.sluice.access;

import dev.sluice.nats.SubjectPattern;
import java.util.List;

/**
 * One line of a role: what it allows and what it denies of one verb. Subjects for {@code publish}, {@code subscribe} and
 * {@code request}; {@code STREAM.CONSUMER} for {@code consume} and {@code administer}.
 */
record Grant(Verb verb, List<SubjectPattern> allow, List<SubjectPattern> deny) {

    Grant {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
    }
}

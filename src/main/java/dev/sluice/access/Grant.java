package dev.sluice.access;

import dev.sluice.nats.SubjectPattern;
import java.util.List;

/**
 * The allow and deny patterns of a role or a token for one verb. They match subjects for {@code publish},
 * {@code subscribe} and {@code request}, and {@code STREAM.CONSUMER} for {@code consume} and {@code administer}, and
 * {@code BUCKET.key} for {@code read} and {@code write}, {@code STORE.name} for {@code object-read} and
 * {@code object-write}.
 */
record Grant(Verb verb, List<SubjectPattern> allow, List<SubjectPattern> deny) {

    Grant {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
    }
}

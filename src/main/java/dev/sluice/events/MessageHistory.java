package dev.sluice.events;

import dev.sluice.flow.FlatMapMany;
import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.replay.Page;
import dev.sluice.stream.replay.PageSize;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.ReplayStart;
import dev.sluice.stream.replay.StreamMessage;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Reads what a stream holds, once, with the filters of a tail. It takes nothing out of a stream: work-queue and interest
 * streams are read without a consumer.
 *
 * <p>Reads fail {@code OVERLOADED} beyond {@link EventsConfig#maxReads}, and {@code UNAVAILABLE} if the stream is
 * recreated meanwhile. Filters are evaluated on their workers; results arrive there or on a thread of the connection.
 */
@Singleton
public final class MessageHistory implements Limited {
    /** Maximum size of the payloads of a page; the message that reaches it is the last one. */
    private static final long MAX_BYTES = 1 << 20;

    /** Maximum cost of one page, in messages that are read. A page that reaches it ends early. */
    private static final int MAX_COST = 10_000;

    /** Minimum cost of one read from the stream: it is a request, even if it returns a single message. */
    private static final int MIN_READ_COST = 10;

    /** Follows the last batch. Other batches are not empty. */
    private static final List<StreamMessage> END = List.of();

    private final Replay replay;
    private final FilterWorkers workers;
    private final Limit reads;
    private final PageSize size;

    @Inject
    MessageHistory(EventsConfig config, Replay replay, FilterWorkers workers) {
        this.replay = replay;
        this.workers = workers;
        this.reads = new Limit("sluice.events.max-reads", config.maxReads());
        this.size = new PageSize(config.pageMessages(), config.pageSize().asLongValue());
    }

    /**
     * What to read.
     *
     * @param last whether to read only the last message of each subject
     */
    public record Query(String stream, SubjectSet subjects, MessageFilter filter, ReplayStart start, boolean last) {}

    /**
     * A page of stored messages in stream order.
     *
     * @param next sequence at which the next page starts; empty if the end of the stream was reached
     */
    public record HistoryPage(List<StreamMessage> messages, OptionalLong next) {}

    /** Returns the first page. It can have fewer messages than {@code limit}, even none, although more follow. */
    public Uni<HistoryPage> page(Query query, int limit) {
        PageSize bounded = bounded(query, limit + 1L);
        return Uni.createFrom().deferred(() -> {
            PageCollector page = new PageCollector(query, limit);
            return pages(query, bounded)
                    .select()
                    .first(page::take)
                    .collect()
                    .last()
                    .map(last -> page.end());
        });
    }

    /** Returns all messages, or the first {@code limit}, in batches in stream order. */
    public Multi<List<StreamMessage>> all(Query query, OptionalLong limit) {
        PageSize bounded = limit.isEmpty() ? size : bounded(query, limit.getAsLong());
        Multi<List<StreamMessage>> batches = pages(query, bounded)
                .map(page -> page.only(stored -> query.filter().shows(stored.message()))
                        .messages())
                .filter(batch -> !batch.isEmpty());
        return limit.isEmpty() ? batches : first(limit.getAsLong(), batches);
    }

    /**
     * Returns pages that are not larger than what is needed, unless messages are left out: by a filter, or because the
     * server cannot select several subjects in each case, nor the last messages from a position on.
     */
    private PageSize bounded(Query query, long needed) {
        boolean whole = query.filter().size() == 0
                && query.subjects().patterns().size() == 1
                && (!query.last() || query.start() == ReplayStart.Edge.ALL);
        return whole ? new PageSize((int) Math.min(size.messages(), needed), size.bytes()) : size;
    }

    /** Completes with the batch that reaches the limit, so that nothing is read after it. */
    private static Multi<List<StreamMessage>> first(long limit, Multi<List<StreamMessage>> batches) {
        return Multi.createFrom().deferred(() -> {
            long[] left = {limit};
            return batches.onItem()
                    .transformToIterable(batch -> {
                        List<StreamMessage> taken = batch.subList(0, (int) Math.min(batch.size(), left[0]));
                        left[0] -= taken.size();
                        return left[0] == 0 ? List.of(taken, END) : List.of(taken);
                    })
                    .select()
                    .first(batch -> !batch.isEmpty());
        });
    }

    private Multi<Page> pages(Query query, PageSize bounded) {
        Multi<Page> read = Multi.createFrom().deferred(() -> {
            Multi<Page> pages = replay.state(query.stream())
                    .stage(FlatMapMany.flatMapMany(now -> query.last()
                            ? replay.storedLast(now, query.subjects(), query.start(), bounded)
                            : replay.stored(now, query.subjects(), query.start(), bounded)));
            return query.filter().size() > 0 ? pages.emitOn(workers, 1) : pages;
        });
        return reads.guard(read, "This instance serves at most " + reads.max() + " reads of stored messages at once");
    }

    @Override
    public List<Limit> limits() {
        return List.of(reads);
    }

    /** Collects a page. A message replaces an earlier one of its subject if only the last ones are read. */
    private static final class PageCollector {
        private final Query query;
        private final int limit;
        private final Map<Object, StreamMessage> messages = new LinkedHashMap<>();
        private OptionalLong next = OptionalLong.empty();
        private long bytes;
        private long cost;

        PageCollector(Query query, int limit) {
            this.query = query;
            this.limit = limit;
        }

        /** Returns whether the page has room for more. */
        boolean take(Page page) {
            for (StreamMessage stored : page.messages()) {
                if (messages.size() >= limit || bytes >= MAX_BYTES) {
                    next = OptionalLong.of(stored.sequence());
                    return false;
                }
                take(stored);
            }
            cost += Math.max(page.read(), MIN_READ_COST);
            if (cost >= MAX_COST) {
                next = OptionalLong.of(page.position() + 1);
                return false;
            }
            return true;
        }

        private void take(StreamMessage stored) {
            Object key = query.last() ? stored.message().subject() : stored.sequence();
            StreamMessage replaced = messages.remove(key);
            if (replaced != null) {
                bytes -= replaced.message().size();
            }
            if (query.filter().shows(stored.message())) {
                messages.put(key, stored);
                bytes += stored.message().size();
            }
        }

        HistoryPage end() {
            return new HistoryPage(List.copyOf(messages.values()), next);
        }
    }
}

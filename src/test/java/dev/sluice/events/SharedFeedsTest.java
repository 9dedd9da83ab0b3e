package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedFeedsTest {
    private final List<String> happened = new ArrayList<>();
    private final SharedFeeds<String, TestFeed> feeds = new SharedFeeds<>();

    private final class TestFeed implements SharedFeeds.Feed {
        private final boolean broken;

        TestFeed(boolean broken) {
            this.broken = broken;
        }

        @Override
        public void begin() {
            happened.add("begin");
            if (broken) {
                throw new IllegalStateException("on purpose");
            }
        }

        @Override
        public void close() {
            happened.add("close");
        }
    }

    @Test
    void isBegunForTheFirstLeaseAndClosedAfterTheLast() {
        SharedFeeds.Lease<TestFeed> first = lease("a");
        SharedFeeds.Lease<TestFeed> second = lease("a");

        assertThat(second.feed()).isSameAs(first.feed());
        first.release().run();
        assertThat(happened).containsExactly("begin");
        second.release().run();

        assertThat(happened).containsExactly("begin", "close");
        assertThat(feeds.size()).isZero();
    }

    @Test
    void aLeaseThatIsReleasedTwiceKeepsTheFeedOfTheOthers() {
        SharedFeeds.Lease<TestFeed> first = lease("a");
        lease("a");

        first.release().run();
        first.release().run();

        assertThat(happened).containsExactly("begin");
        assertThat(feeds.size()).isEqualTo(1);
    }

    @Test
    void differsByKey() {
        assertThat(lease("a").feed()).isNotSameAs(lease("b").feed());
        assertThat(feeds.feeds()).hasSize(2);
    }

    @Test
    void aForgottenFeedIsClosedAfterItsLastLeaseAndNotShared() {
        SharedFeeds.Lease<TestFeed> ended = lease("a");
        feeds.forget("a", ended.feed());

        SharedFeeds.Lease<TestFeed> next = lease("a");
        ended.release().run();

        assertThat(next.feed()).isNotSameAs(ended.feed());
        assertThat(feeds.feeds()).containsExactly(next.feed());
        assertThat(happened).containsExactly("begin", "begin", "close");
    }

    @Test
    void forgettingAnEarlierFeedKeepsTheLaterOne() {
        SharedFeeds.Lease<TestFeed> ended = lease("a");
        feeds.forget("a", ended.feed());
        lease("a");

        feeds.forget("a", ended.feed());

        assertThat(feeds.size()).isEqualTo(1);
    }

    @Test
    void aFeedThatCannotBeginIsNotShared() {
        assertThatThrownBy(() -> feeds.lease("a", () -> new TestFeed(true))).hasMessage("on purpose");

        lease("a");

        assertThat(happened).containsExactly("begin", "begin");
    }

    private SharedFeeds.Lease<TestFeed> lease(String key) {
        return feeds.lease(key, () -> new TestFeed(false));
    }
}

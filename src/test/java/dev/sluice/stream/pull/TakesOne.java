package dev.sluice.stream.pull;

import dev.sluice.nats.NatsLink;
import dev.sluice.nats.TestLinks;
import io.smallrye.mutiny.Uni;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A process that receives one message, prints its sequence, and settles nothing. */
final class TakesOne {
    static final String MARK = "took ";

    private TakesOne() {}

    /** @param arguments the URL of the server */
    public static void main(String... arguments) throws InterruptedException {
        NatsLink link = TestLinks.link(Map.of("servers", arguments[0]));
        PullSubscriptions pulls = TestPulls.subscriptions(link);
        pulls.pull(TestPulls.REF, pulls.options())
                .invoke(delivery ->
                        System.out.println(MARK + delivery.streamSequence() + " delivered " + delivery.delivered()))
                .onItem()
                .call(delivery -> Uni.createFrom().nothing())
                .subscribe()
                .with(never -> {});
        new CountDownLatch(1).await();
    }
}

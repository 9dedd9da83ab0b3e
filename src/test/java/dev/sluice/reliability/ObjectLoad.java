package dev.sluice.reliability;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Clients that upload objects and download them again, each its own ones. */
final class ObjectLoad extends ThreadLoad {
    private static final int NAMES = 4;
    private static final int MAX_BYTES = 2_000_000;

    private final AtomicLong uploads = new AtomicLong();
    private final AtomicLong stored = new AtomicLong();
    private final AtomicLong unknown = new AtomicLong();
    private final AtomicLong downloads = new AtomicLong();
    private final AtomicLong cut = new AtomicLong();

    /** The seeds of the contents that an object can have: that of its last acknowledged upload, and later ones. */
    private final Map<String, List<Long>> possible = new ConcurrentHashMap<>();

    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

    ObjectLoad(Ledger ledger, int port, int clients) {
        super(ledger, port, clients);
    }

    @Override
    void turn(int client) throws IOException, InterruptedException {
        long seed = uploads.incrementAndGet();
        String name = client + "/" + seed % NAMES;
        began(name, seed);
        boolean done = false;
        try {
            HttpResponse<Void> answer = send(
                    request(path(name))
                            .PUT(BodyPublishers.ofByteArray(content(seed)))
                            .build(),
                    BodyHandlers.discarding());
            done = done(answer);
        } finally {
            ended(name, seed, done);
        }
        download(name);
    }

    /** Records an upload: the object may have its content from now on. */
    void began(String name, long seed) {
        possible.computeIfAbsent(name, any -> new ArrayList<>()).add(seed);
    }

    /** Records the end of an upload: the object has its content if the upload was acknowledged. */
    void ended(String name, long seed, boolean done) {
        if (done) {
            stored.incrementAndGet();
            acknowledged.add(name);
            possible.get(name).retainAll(List.of(seed));
        } else {
            unknown.incrementAndGet();
        }
    }

    /** A download ends without its end if NATS is away. */
    private void download(String name) throws InterruptedException {
        try {
            HttpResponse<byte[]> answer = send(request(path(name)).build(), BodyHandlers.ofByteArray());
            if (answer.statusCode() == 404) {
                missing(name);
            } else if (done(answer)) {
                downloads.incrementAndGet();
                compare(name, answer.body());
            } else {
                pause();
            }
        } catch (IOException ended) {
            cut.incrementAndGet();
            pause();
        }
    }

    Map<String, List<Long>> possible() {
        return possible;
    }

    /** Compares the content of an object with those that it can have. */
    void compare(String name, byte[] content) {
        if (possible.get(name).stream().noneMatch(seed -> Arrays.equals(content(seed), content))) {
            ledger().found(
                            Rule.WRONG_OBJECT,
                            name + " has " + content.length + " bytes, of none of the uploads " + possible.get(name));
        }
    }

    /** Handles an object that is not there: it may be so if none of its uploads was acknowledged. */
    void missing(String name) {
        if (acknowledged.contains(name)) {
            ledger().found(Rule.WRONG_OBJECT, name + " is not there");
        }
    }

    private static String path(String name) {
        return "/v1/object-stores/" + StateStores.STORE + "/objects/" + name;
    }

    static byte[] content(long seed) {
        Random random = new Random(seed);
        byte[] content = new byte[random.nextInt(MAX_BYTES)];
        random.nextBytes(content);
        return content;
    }

    @Override
    public String toString() {
        return "Objects: " + stored + " uploads acknowledged, " + unknown + " of unknown outcome; " + downloads
                + " downloads, " + cut + " cut off";
    }
}

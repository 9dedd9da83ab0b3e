package dev.sluice.stream.replay;

import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Remembers names by their hashes, up to a number of names: after that a new name is not remembered. Not thread-safe.
 */
public final class SeenNames {
    /** Maximum number of remembered names, unless another one is given. */
    public static final int MAX_NAMES = 4_000_000;

    private final LongObjectMap<Boolean> hashes = new LongObjectHashMap<>();
    private final long factor = ThreadLocalRandom.current().nextLong() | 1;

    private final int maxNames;

    public SeenNames() {
        this(MAX_NAMES);
    }

    /** @param maxNames maximum number of remembered names */
    public SeenNames(int maxNames) {
        this.maxNames = maxNames;
    }

    /** Remembers the name if there is room. Returns whether it was not remembered before. */
    public boolean add(String name) {
        long hash = hash(name);
        if (full()) {
            return !hashes.containsKey(hash);
        }
        return hashes.put(hash, Boolean.TRUE) == null;
    }

    public boolean contains(String name) {
        return hashes.containsKey(hash(name));
    }

    public boolean full() {
        return hashes.size() >= maxNames;
    }

    /** A polynomial hash with a random factor, so that a client cannot choose names that collide. */
    private long hash(String name) {
        long hash = name.length();
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ (hash >>> 29)) * factor + name.charAt(i);
        }
        return hash ^ (hash >>> 32);
    }
}

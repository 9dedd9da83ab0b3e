package dev.sluice.embedded;

import dev.sluice.failure.Failure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/** Finds a nats-server in the first source that has one. If all sources fail, reports the reason of each. */
public final class BinaryFinder {
    private static final Logger LOG = Logger.getLogger(BinaryFinder.class);

    private final List<BinarySource> sources;

    BinaryFinder(List<BinarySource> sources) {
        this.sources = List.copyOf(sources);
    }

    /**
     * Returns the nats-server that {@code config} names. If it names none, tries the {@code PATH}, the cache, the
     * official release and the Debian package, in this order. Blocks for the duration of the downloads.
     *
     * @throws dev.sluice.failure.SluiceException {@link Failure#UNAVAILABLE} if all sources fail
     */
    public static Path find(EmbeddedConfig config) {
        return new BinaryFinder(sources(config)).find();
    }

    private static List<BinarySource> sources(EmbeddedConfig config) {
        if (config.binary().isPresent()) {
            return List.of(new ConfiguredBinary(config.binary().get()));
        }
        BinaryCache cache = BinaryCache.in(config.cacheDirectory());
        List<BinarySource> sources = new ArrayList<>(List.of(PathBinary.ofThisProcess(), cache));
        if (config.fetch()) {
            sources.add(ReleaseArchive.of(config, cache));
            sources.add(new DebianPackage(config.connectTimeout(), config.downloadTimeout(), cache));
        }
        return sources;
    }

    Path find() {
        StringBuilder reasons = new StringBuilder();
        for (BinarySource source : sources) {
            try {
                ServerBinary binary = source.find();
                LOG.infof("Found nats-server %s in %s: %s", binary.version(), source.name(), binary.path());
                if (binary.olderThan(ReleaseArchive.VERSION)) {
                    LOG.warnf(
                            "nats-server %s is older than %s: what needs a newer server is answered with 501",
                            binary.version(), ReleaseArchive.VERSION);
                }
                return binary.path();
            } catch (BinaryNotFound e) {
                LOG.infof("No nats-server in %s: %s", source.name(), e.getMessage());
                reasons.append("\n  ").append(source.name()).append(": ").append(e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Failure.UNAVAILABLE.because("interrupted while looking for a nats-server", e);
            }
        }
        throw Failure.UNAVAILABLE.because("no nats-server to run. Install one, set sluice.embedded.binary to its path,"
                + " or set sluice.nats.servers to use a running one. Tried:" + reasons);
    }
}

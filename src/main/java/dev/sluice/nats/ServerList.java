package dev.sluice.nats;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The servers to connect to, without the user information of their URLs, so that no server list, error or log contains
 * a secret.
 *
 * @param urls the URLs as {@code scheme://host:port}, at least one
 * @param userInfo the decoded user information, identical in all URLs that contain any
 */
record ServerList(List<String> urls, Optional<String> userInfo) {
    private static final Set<String> SECURE = Set.of("tls", "wss");
    private static final Set<String> SCHEMES = Set.of("nats", "tls", "ws", "wss");

    /**
     * Parses the URLs.
     *
     * @throws ConfigurationException if a URL is not a NATS URL, or the URLs name different users. The message does not
     *     contain the URL, because it may contain a secret
     */
    static ServerList of(List<String> servers) {
        List<String> urls = new ArrayList<>();
        Set<String> users = new LinkedHashSet<>();
        for (String server : servers) {
            URI uri = parse(server.strip());
            urls.add(uri.getScheme().toLowerCase(Locale.ROOT) + "://" + uri.getHost()
                    + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
                    + (uri.getRawPath() == null ? "" : uri.getRawPath()));
            if (uri.getUserInfo() != null) {
                users.add(uri.getUserInfo());
            }
        }
        if (users.size() > 1) {
            throw new ConfigurationException("sluice.nats.servers: the URLs name different users; use one of the keys "
                    + "sluice.nats.user, .token, .nkey-seed-file or .credentials-file");
        }
        return new ServerList(List.copyOf(urls), users.stream().findFirst());
    }

    /** Returns whether at least one URL requires TLS. */
    boolean secure() {
        return urls.stream().anyMatch(url -> SECURE.contains(url.substring(0, url.indexOf(':'))));
    }

    private static URI parse(String server) {
        try {
            URI uri = new URI(server.contains("://") ? server : "nats://" + server);
            if (uri.getHost() != null && SCHEMES.contains(uri.getScheme().toLowerCase(Locale.ROOT))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw unreadable();
        }
        throw unreadable();
    }

    private static ConfigurationException unreadable() {
        return new ConfigurationException(
                "sluice.nats.servers: each must be nats://, tls://, ws:// or wss://host:port");
    }
}

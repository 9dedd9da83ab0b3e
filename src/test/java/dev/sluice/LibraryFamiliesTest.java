package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The libraries of a family on the class path have one version: they use each other's internals. A library that the
 * override of the family in the pom does not name would come in the platform's version.
 */
class LibraryFamiliesTest {
    /** Libraries of Netty that are released on their own, with their own version numbers. */
    private static final Pattern RELEASED_APART = Pattern.compile("netty-(tcnative|jni-util).*");

    @ParameterizedTest
    @ValueSource(strings = {"io/vertx", "io/netty"})
    void haveOneVersion(String family) throws IOException {
        Map<String, String> versions = versions(family);

        assertThat(versions).hasSizeGreaterThan(1);
        assertThat(versions.values().stream().distinct()).as("%s", versions).hasSize(1);
    }

    /** Returns the version of each library of {@code family}, a folder of a Maven repository. */
    private static Map<String, String> versions(String family) throws IOException {
        Pattern jar = Pattern.compile("/" + family + "/([^/]+)/([^/]+)/[^/]+\\.jar!");
        return jars().flatMap(url -> jar.matcher(url).results())
                .filter(library -> !RELEASED_APART.matcher(library.group(1)).matches())
                .collect(Collectors.toMap(
                        library -> library.group(1), LibraryFamiliesTest::version, String::concat, TreeMap::new));
    }

    private static String version(MatchResult library) {
        return library.group(2);
    }

    private static Stream<String> jars() throws IOException {
        return LibraryFamiliesTest.class
                .getClassLoader()
                .resources("META-INF/MANIFEST.MF")
                .map(Object::toString);
    }
}

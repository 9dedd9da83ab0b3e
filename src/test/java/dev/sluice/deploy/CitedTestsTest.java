package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tests that the documents cite exist: {@code FooIT}, {@code FooIT.method}, and the beginning {@code FooIT.meth…}. */
class CitedTestsTest {
    private static final Pattern CITED = Pattern.compile("`(\\w+(?:IT|Test))(?:\\.(\\w+…?))?`(?:, `([a-z]\\w+)`)?");

    @ParameterizedTest
    @MethodSource("documents")
    void exist(Path document) throws IOException {
        Map<String, String> tests = sources();

        assertThat(CITED.matcher(read(document)).results()).allSatisfy(cited -> {
            assertThat(tests).containsKey(cited.group(1));
            methods(cited).forEach(method -> assertThat(tests.get(cited.group(1)))
                    .as(cited.group())
                    .containsPattern("void " + method + "\\("));
        });
    }

    static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        for (Path folder : List.of(Path.of(""), Path.of("docs"))) {
            try (DirectoryStream<Path> pages = Files.newDirectoryStream(folder, "*.md")) {
                pages.forEach(documents::add);
            }
        }
        documents.removeIf(document -> !CITED.matcher(read(document)).find());
        return documents;
    }

    private static Stream<String> methods(MatchResult cited) {
        return Stream.of(2, 3).map(cited::group).filter(name -> name != null).map(name -> name.replace("…", "\\w*"));
    }

    private static Map<String, String> sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replace(".java", ""), CitedTestsTest::read));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

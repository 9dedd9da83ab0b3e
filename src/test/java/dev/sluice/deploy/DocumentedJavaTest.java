package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java examples of {@code docs/PATTERNS.md} compile, each as the body of a method. */
class DocumentedJavaTest {
    /** What the examples use without declaring it. */
    private static final String CLASS = """
            import dev.sluice.flow.*;
            import dev.sluice.nats.*;
            import dev.sluice.stream.*;
            import dev.sluice.stream.bucket.*;
            import dev.sluice.stream.publish.*;
            import dev.sluice.stream.pull.*;
            import dev.sluice.stream.replay.*;
            import io.smallrye.mutiny.*;
            import java.time.Duration;
            import java.util.*;

            abstract class Examples {
                CoreSubscriptions subscriptions;
                StoredPublisher publisher;
                AtomicPublisher atomic;
                StreamIngest ingest;
                Requester requester;
                Responders responders;
                PullSubscriptions pulls;
                PushSubscriptions pushes;
                Bucket bucket;
                Replay replay;

                Subject subject;
                SubjectSet subjects;
                Multi<byte[]> orders;
                Multi<byte[]> lines;
                OutboundMessage debit;
                OutboundMessage credit;
                byte[] question;
                ServiceDescription description;
                Prices prices;
                BucketKey key;
                byte[] next;

                interface Prices {
                    Uni<String> find(String product);
                }

                abstract void log(String subject);

                abstract String product(InboundMessage request);

                abstract byte[] answer(String price);

                abstract Uni<Void> process(Delivery delivery);

            %s}
            """;

    @TempDir
    Path folder;

    @Test
    void compile() throws IOException {
        List<String> examples = Example.blocks(Path.of("docs/PATTERNS.md"), "java");

        assertThat(examples).isNotEmpty();
        assertThat(errors(CLASS.formatted(methods(examples)))).isEmpty();
    }

    private static String methods(List<String> examples) {
        return IntStream.range(0, examples.size())
                .mapToObj(number -> "void example%d() {\n%s}\n".formatted(number, examples.get(number)))
                .collect(Collectors.joining());
    }

    private List<String> errors(String source) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> messages = new DiagnosticCollector<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            compiler.getTask(
                            null,
                            files,
                            messages,
                            List.of(
                                    "-proc:none",
                                    "-d",
                                    folder.toString(),
                                    "-cp",
                                    System.getProperty("java.class.path")),
                            null,
                            List.of(new Source(source)))
                    .call();
        }
        return messages.getDiagnostics().stream()
                .filter(message -> message.getKind() == Diagnostic.Kind.ERROR)
                .map(message -> line(source, message.getLineNumber()) + ": " + message.getMessage(Locale.ROOT))
                .toList();
    }

    private static String line(String source, long number) {
        return source.lines().skip(number - 1).findFirst().orElse("").strip();
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String text) {
            super(URI.create("string:///Examples.java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}

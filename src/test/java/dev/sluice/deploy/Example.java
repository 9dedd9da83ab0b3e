package dev.sluice.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One fenced {@code sh} block of a page. If another fenced block follows it directly, that block is the documented
 * answer.
 *
 * <p>Words after {@code sh} describe the requirements: {@code needs=php,jq} names commands that may be missing,
 * {@code server=2.11} the oldest nats-server, {@code manual=docker} marks an example that no test can run and gives the reason, {@code open=yes} marks an example
 * that does not end, {@code exact=yes} one of those that prints nothing else than its documented answer. A block of another language with {@code file=NAME} is a file that later examples of the page use.
 *
 * @param line the line number in the page, from 1
 * @param answer the documented answer; if empty, the example has to succeed
 * @param files the files that the page has shown so far, by name
 */
record Example(int line, String script, Map<String, String> words, Optional<String> answer, Map<String, String> files) {
    private static final String FENCE = "```";
    private static final Pattern STAYS_OPEN = Pattern.compile("\\s-[a-zA-Z]*N\\s");
    private static final Pattern CHANGES = Pattern.compile("\\s(-d|-X|-T|--data\\S*|-F|POST|PUT|DELETE)\\b|[^0-9]>");

    static List<Example> of(Path page) {
        List<Block> blocks = blocks(page);
        List<Example> examples = new ArrayList<>();
        Map<String, String> files = new HashMap<>();
        for (int i = 0; i < blocks.size(); i++) {
            Block block = blocks.get(i);
            if (block.words.containsKey("file")) {
                files.put(block.words.get("file"), block.text);
            }
            if (block.language.equals("sh")) {
                Block next = i + 1 < blocks.size() ? blocks.get(i + 1) : null;
                boolean answered = next != null && next.follows && !next.language.equals("sh");
                examples.add(new Example(
                        block.line,
                        block.text,
                        block.words,
                        answered ? Optional.of(next.text) : Optional.empty(),
                        Map.copyOf(files)));
            }
        }
        return examples;
    }

    /** Returns the text of all blocks of {@code language}. */
    static List<String> blocks(Path page, String language) {
        return blocks(page).stream()
                .filter(block -> block.language.equals(language))
                .map(Block::text)
                .toList();
    }

    /** Returns whether the example runs until it is stopped, as a tail does. */
    boolean staysOpen() {
        return words.containsKey("open") || STAYS_OPEN.matcher(script).find();
    }

    /** Returns whether the example prints nothing else than its documented answer. */
    boolean exact() {
        return words.containsKey("exact");
    }

    /** Returns whether the example may be repeated. Its documented answer may need some time to appear. */
    boolean onlyReads() {
        return !CHANGES.matcher(script.replaceAll("'[^']*'", "''")).find();
    }

    /** Returns the reason why no test can run the example, if there is one. */
    Optional<String> manual() {
        return Optional.ofNullable(words.get("manual"));
    }

    /** Returns the commands that the example needs in addition to the shell and curl. */
    List<String> needs() {
        String names = words.getOrDefault("needs", "");
        return names.isEmpty() ? List.of() : List.of(names.split(","));
    }

    /** Returns the version of the oldest nats-server for the example, if it needs a certain one. */
    Optional<String> server() {
        return Optional.ofNullable(words.get("server")).map(version -> version + ".0");
    }

    String title() {
        return "line " + line + ": " + script.lines().findFirst().orElse("");
    }

    private record Block(int line, String language, Map<String, String> words, String text, boolean follows) {}

    private static List<Block> blocks(Path page) {
        List<Block> blocks = new ArrayList<>();
        List<String> inside = null;
        String info = "";
        int start = 0;
        int number = 0;
        boolean prose = true;
        for (String line : lines(page)) {
            number++;
            if (inside != null) {
                if (line.strip().equals(FENCE)) {
                    blocks.add(block(start, info, String.join("\n", inside) + "\n", !prose));
                    inside = null;
                    prose = false;
                } else {
                    inside.add(line);
                }
            } else if (line.strip().startsWith(FENCE)) {
                inside = new ArrayList<>();
                info = line.strip().substring(FENCE.length());
                start = number;
            } else if (!line.isBlank()) {
                prose = true;
            }
        }
        if (inside != null) {
            throw new AssertionError(page + ": the block of line " + start + " has no end");
        }
        return blocks;
    }

    private static Block block(int line, String info, String text, boolean follows) {
        String[] parts = info.strip().split("\\s+");
        Map<String, String> words = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            int sign = parts[i].indexOf('=');
            words.put(parts[i].substring(0, Math.max(sign, 0)), parts[i].substring(sign + 1));
        }
        return new Block(line, parts[0], Map.copyOf(words), text, follows);
    }

    private static List<String> lines(Path page) {
        try {
            return Files.readAllLines(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.sluice.deploy;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Javadoc of types ({@code a.b.Type}) and methods ({@code a.b.Type#name}), as Markdown on one line. */
final class Comments extends TreePathScanner<Void, String> {
    private final Map<String, String> found = new HashMap<>();
    private final DocTrees trees;

    private Comments(DocTrees trees) {
        this.trees = trees;
    }

    static Map<String, String> of(Path sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> all = Files.walk(sources)) {
            List<Path> java = all.filter(file -> file.toString().matches(".*(Config|Settings)\\.java"))
                    .toList();
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(java));
            Comments comments = new Comments(DocTrees.instance(task));
            for (CompilationUnitTree unit : task.parse()) {
                comments.scan(unit, unit.getPackageName().toString());
            }
            return comments.found;
        }
    }

    @Override
    public Void visitClass(ClassTree type, String owner) {
        String name = owner + "." + type.getSimpleName();
        note(name);
        return super.visitClass(type, name);
    }

    @Override
    public Void visitMethod(MethodTree method, String owner) {
        note(owner + "#" + method.getName());
        return super.visitMethod(method, owner);
    }

    private void note(String name) {
        String comment = trees.getDocComment(getCurrentPath());
        if (comment != null) {
            found.put(name, markdown(comment));
        }
    }

    private static String markdown(String comment) {
        return comment.replaceAll("(?s)\\n\\s*@(param|return|throws).*", "")
                .replaceAll("\\{@code ((?:[^{}]|\\{(?:[^{}]|\\{[^{}]*})*})*)}", "`$1`")
                .replaceAll("\\{@link(?:plain)? #?([^}]*)}", "`$1`")
                .replaceAll("</?p>", " ")
                .replaceAll("\\s+", " ")
                .strip();
    }
}

/**
 * A nats-server child process for development, tests and the first run.
 *
 * <ul>
 *   <li>Binary: {@code BinaryFinder} tries each {@code BinarySource}: {@code ConfiguredBinary}, {@code PathBinary}, {@code
 *       BinaryCache}, {@code ReleaseArchive} ({@code Platform}, {@code TarGz}), {@code DebianPackage}. It returns a {@code
 *       ServerBinary} or throws {@code BinaryNotFound}. {@code Command} runs a short process, {@code TemporaryFolder} holds files.
 *   <li>Server: {@code EmbeddedNats} runs one {@code ServerProcess} after another, with a {@code RestartDelay}, on the same {@code
 *       DataFolder}. {@code ServerLog} logs its output.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.embedded;

/**
 * Reading a stream in stored order: resolves a start position, reads history in pages, then follows the end. {@link
 * dev.sluice.stream.replay.Replay} does all of it; {@link dev.sluice.stream.replay.StreamSource} is what tails use of it.
 *
 * <ul>
 *   <li>What to read: a {@code Selection} of subjects of one epoch. {@code StreamStates} looks up the {@code StreamState}.
 *   <li>Where to start: {@code PositionResolver} resolves a {@code ReplayStart} to a {@code ReplayPosition}. {@code
 *       LastMessagesSearch} finds the last messages of some subjects.
 *   <li>History, by {@code Page} of a {@code PageSize}: {@code StoredPages} read from a position to the end, {@code CurrentPages}
 *       begin with {@code LastPerSubject}. {@code DirectGetPages} read a page without a consumer ({@code DirectGetClient}, {@code
 *       DirectGetCollector}, {@code DirectGetReply}, {@code DirectGetResult}). If the server cannot do that, {@code PageReader}
 *       reads it from a consumer ({@code ReplayConsumers}), and {@code SingleReads} read what neither can.
 *   <li>The end: {@code StreamFollower}, across failures. {@code JumpCheck} detects messages that were removed before they could
 *       be read.
 *   <li>What ends a read: {@code FellBehindException}, {@code StreamRecreatedException}. A {@code Gap} is what the stream no
 *       longer holds.
 *   <li>Names for lists of keys and objects: {@code FirstNames}, {@code SeenNames}.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.replay;

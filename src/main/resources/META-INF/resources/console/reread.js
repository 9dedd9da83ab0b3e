// What a view shows, read again and again.
import { loading, problemNote } from './parts.js'
import { Poll, outcome } from './poll.js'
import { nothing, render } from './template.js'

const EVERY_MS = 5_000

/** Reads, and shows it. A failure is shown over what was read before. Resolves as a Poll needs it. */
export async function attempt(read, show, signal) {
  try {
    await read()
    show()
    return true
  } catch (failure) {
    if (!signal.aborted) show(failure)
    return outcome(failure)
  }
}

/**
 * Fills a box with what is read, until the signal aborts.
 *
 * @param top what is above it
 * @param read resolves with what is shown
 * @returns the Poll that reads it
 */
export function reread(box, top, read, signal) {
  let content
  const show = failure => render([top, failure ? problemNote(failure) : nothing, content ?? (failure ? nothing : loading)], box)
  show()
  return new Poll(() => attempt(async () => { content = await read() }, show, signal), EVERY_MS, signal)
}

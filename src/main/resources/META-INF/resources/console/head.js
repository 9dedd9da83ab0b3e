// How far a tail is behind the newest message of its stream.
import { json, resource } from './http.js'
import { Poll } from './poll.js'
import { number } from './text.js'

const EVERY_MS = 2_000
const FORBIDDEN = 403

/**
 * Tells where a tail is, as long as the signal does not abort.
 *
 * @param subjects what is tailed
 * @param filtered whether messages of the subjects may be missing: then nobody knows what is behind
 * @param position returns the sequence that was read last
 * @param tell called with a text
 */
export async function follow(subjects, filtered, position, tell, signal) {
  if (signal.aborted) return
  const asking = new AbortController()
  let name
  try {
    const parameters = new URLSearchParams([...subjects.map(subject => ['subject', subject]), ['source', 'stream']])
    const answer = await fetch(`${resource('events')}?${parameters}`, { signal: asking.signal })
    name = /name=([^;]+)/.exec(answer.headers.get('Sluice-Source') ?? '')?.[1]
  } catch {
    // Without the name of the stream only the position is told.
  } finally {
    asking.abort()
  }
  if (!name || signal.aborted) return
  const poll = new AbortController()
  signal.addEventListener('abort', () => poll.abort())
  new Poll(async () => {
    try {
      tell(described(name, await json(resource('streams', name), { signal }), !filtered && subjects, position()))
      return true
    } catch (failure) {
      if (failure.status === FORBIDDEN) poll.abort()
      return false
    }
  }, EVERY_MS, poll.signal)
}

function described(name, { subjects: stored, state }, subjects, position) {
  const head = `of ${number(state.last_seq)} in ${name}`
  const all = subjects && stored.every(subject => subjects.some(pattern => covers(pattern, subject)))
  // If only a part of the stream is tailed, the messages between do not belong to it.
  if (!all || position === undefined) return head
  const behind = Math.max(0, state.last_seq - position)
  return `${head} · ${behind ? `${number(behind)} behind` : 'up to date'}`
}

/** Whether a pattern matches all that another one matches. */
export function covers(wide, narrow) {
  const one = wide.split('.')
  const two = narrow.split('.')
  for (let i = 0; i < one.length; i++) {
    if (one[i] === '>') return i < two.length
    if (i >= two.length || two[i] === '>' || (one[i] !== '*' && one[i] !== two[i])) return false
  }
  return one.length === two.length
}

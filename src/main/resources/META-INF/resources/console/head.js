// How far a tail is behind the newest message of its stream.
import { anonymous, json, resource } from './http.js'
import { Poll, outcome } from './poll.js'
import { number } from './text.js'

const EVERY_MS = 2_000

/**
 * Reads the newest sequence of the stream that is tailed, as long as the signal does not abort.
 *
 * @param stream the stream that is tailed; undefined if the subjects tell it
 * @param subjects what is tailed
 * @param filtered whether messages of these subjects are left out
 * @param tell called with {name, first, newest, whole}: of the stream its name, its first and its newest sequence, and
 *   whether all of it is tailed
 */
export async function follow(stream, subjects, filtered, tell, signal) {
  if (signal.aborted) return
  const name = stream ?? await source(subjects)
  if (!name || signal.aborted) return
  new Poll(async () => {
    try {
      const { subjects: stored, state } = await json(resource('streams', name), { signal })
      const whole = !filtered && stored.every(subject => subjects.some(pattern => covers(pattern, subject)))
      tell({ name, first: Math.max(1, state.first_seq), newest: state.last_seq, whole })
      return true
    } catch (failure) {
      return outcome(failure)
    }
  }, EVERY_MS, signal)
}

/** The name of the stream that stores all of the subjects; undefined if there is none. */
export async function source(subjects) {
  if (anonymous) return undefined
  const asking = new AbortController()
  try {
    // Without `source`, subjects that no stream stores are answered from core NATS, and not with an error.
    const parameters = new URLSearchParams(subjects.map(subject => ['subject', subject]))
    const answer = await fetch(`${resource('events')}?${parameters}`, { signal: asking.signal })
    return /^stream; name=([^;]+)/.exec(answer.headers.get('Sluice-Source') ?? '')?.[1]
  } catch {
    return undefined
  } finally {
    asking.abort()
  }
}

/**
 * Where a tail is.
 *
 * @param position the sequence of the message that came last
 * @param head what `follow` told last
 * @param live whether it is connected; else what comes next is not known
 */
export function described(position, head, live = true) {
  if (position === undefined) return ''
  if (!head) return `at ${number(position)}`
  // A message may have come after the stream was read.
  const newest = Math.max(position, head.newest)
  const place = `at ${number(position)} of ${number(newest)} in ${head.name}`
  // If only a part of the stream is tailed, the messages between do not belong to it.
  if (!head.whole || !live) return place
  return `${place} · ${newest > position ? `${number(newest - position)} behind` : 'up to date'}`
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

// How far a tail is behind the newest message of its stream.
import { anonymous, json, resource } from './http.js'
import { Poll, outcome } from './poll.js'
import { lasting, number } from './text.js'

const EVERY_MS = 2_000
const ONE = /^[^*>]+$/ // no pattern

/**
 * Reads the newest sequence of the stream that is tailed, as long as the signal does not abort.
 *
 * @param stream the stream that is tailed; undefined if the subjects tell it
 * @param subjects what is tailed
 * @param filtered whether messages of these subjects are left out
 * @param position the sequence of the message that came last
 * @param tell called with {name, first, newest, whole, own}: of the stream its name, its first and its newest sequence, and
 *   whether all of it is tailed; `own` is {seq, time} of the newest message of a single subject that did not come yet, or null
 */
export async function follow(stream, subjects, filtered, position, tell, signal) {
  if (signal.aborted) return
  const name = stream ?? await source(subjects)
  if (!name || signal.aborted) return
  new Poll(async () => {
    try {
      const { subjects: stored, limits, state } = await json(resource('streams', name), { signal })
      const whole = !filtered && stored.every(subject => subjects.some(pattern => covers(pattern, subject)))
      // Another stream has no index of its last messages.
      const one = !whole && !filtered && subjects.length === 1 && ONE.test(subjects[0]) && limits.retention === 'limits'
      const own = one ? await newestAfter(position(), name, subjects[0], state.last_seq, signal) : undefined
      tell({ name, first: Math.max(1, state.first_seq), newest: state.last_seq, whole, own })
      return true
    } catch (failure) {
      return outcome(failure)
    }
  }, EVERY_MS, signal)
}

/** The newest message of a subject, of which only the place is used; null if none came after a position. */
async function newestAfter(position, name, subject, newest, signal) {
  if (newest <= position) return null
  const url = resource('streams', name, 'messages')
  url.search = new URLSearchParams({ subject, from: `seq:${position + 1}`, last: true })
  const { messages } = await json(url, { signal })
  return messages[0] ?? null
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
 * @param last the message that came last
 * @param head what `follow` told last
 * @param live whether it is connected; else what comes next is not known
 */
export function described(last, head, live = true) {
  if (last?.seq === undefined) return ''
  const { seq, time } = last
  if (!head) return `at ${number(seq)}`
  // A message may have come after the stream was read.
  const newest = Math.max(seq, head.newest)
  const place = `at ${number(seq)} of ${number(newest)} in ${head.name}`
  if (!live) return place
  if (head.whole) return `${place} · ${newest > seq ? `${number(newest - seq)} behind` : 'up to date'}`
  // If only a part of the stream is tailed, the messages between do not belong to it.
  if (head.own === undefined) return place
  return `${place} · ${head.own?.seq > seq ? `${lasting(Date.parse(head.own.time) - Date.parse(time))} behind` : 'up to date'}`
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

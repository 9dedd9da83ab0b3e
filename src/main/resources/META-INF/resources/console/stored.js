// Tails a stream that GET /v1/events does not follow, for example a work queue: reads what it stores, again and again.
// Nothing is taken from its consumers. A message that a consumer settles between two readings is not seen.
import { Refusal, json, resource } from './http.js'
import { Poll } from './poll.js'
import { filtered } from './range.js'

const EVERY_MS = 1_000
const PAGE = 1_000 // messages of a request
const LOOK = 10 // readings without a message after which it is looked whether the stream is another one
const FINAL = [400, 401, 403, 404, 405, 406, 414, 431, 501]

/**
 * As `tail` of sluice-events.js. `from` of the result is where it would go on.
 *
 * @param query the parameters of GET /v1/events; subjects, filters and the start are taken of it
 * @param on called for message(message), status(state), gap({reason}) and refused(problem)
 */
export function tailStored(stream, query, on) {
  const closing = new AbortController()
  const { signal } = closing
  let from
  let empty = 0
  const read = async () => {
    from ??= await start(stream, query, signal)
    for (let more = true; more;) {
      const url = filtered(stream, query)
      url.searchParams.set('from', from)
      url.searchParams.set('limit', PAGE)
      const { messages, next } = await json(url, { signal })
      if (signal.aborted) return
      on.status('connected')
      for (const message of messages) {
        if (signal.aborted) return
        on.message(message)
      }
      from = next ?? (messages.length ? `seq:${messages.at(-1).seq + 1}` : from)
      more = Boolean(next)
      empty = messages.length ? 0 : empty + 1
    }
    if (empty >= LOOK) await look()
  }
  // A stream that was created again has its first sequences again.
  const look = async () => {
    empty = 0
    const position = Number(/^seq:(\d+)$/.exec(from)?.[1])
    const { state } = await json(resource('streams', stream), { signal })
    if (signal.aborted || !(state.last_seq + 1 < position)) return
    from = 'all'
    on.gap({ reason: 'stream-recreated' })
  }
  new Poll(async () => {
    try {
      await read()
      return true
    } catch (failure) {
      if (signal.aborted) return false
      if (failure instanceof Refusal && FINAL.includes(failure.status)) {
        closing.abort()
        on.status('refused')
        on.refused(failure.problem)
      } else on.status('disconnected')
      return false
    }
  }, EVERY_MS, signal)
  return { close: () => closing.abort(), get from() { return from } }
}

// The sequence of the last message of the subjects that passes the filters; the first one if there is none.
async function newest(stream, query, signal) {
  let last = 1
  for (let from = 'all'; from;) {
    const url = filtered(stream, query)
    url.searchParams.set('last', 'true')
    url.searchParams.set('from', from)
    url.searchParams.set('limit', PAGE)
    const { messages, next } = await json(url, { signal })
    last = Math.max(last, ...messages.map(({ seq }) => seq))
    from = next
  }
  return last
}

async function start(stream, query, signal) {
  const { from: [from], tail: [count] } = query
  if (from && !['new', 'last'].includes(from)) return from
  if (from === 'last') return `seq:${await newest(stream, query, signal)}`
  const { state } = await json(resource('streams', stream), { signal })
  return `seq:${Math.max(1, state.last_seq + 1 - (Number(count) || 0))}`
}

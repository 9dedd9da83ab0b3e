// Reads messages of a stream that are older than those shown, by an event stream of its own that ends where they begin.
import { tail } from '../sluice-events.js'
import { message } from './entry.js'
import { messages } from './range.js'
import { Bounded } from './store.js'

const WINDOW = 500 // sequences to look back at first
const WIDER = 10 // times, as long as there was no such message
const TIMEOUT_MS = 10_000 // without a message

/**
 * @param query the parameters of GET /v1/events, with the filters of the view
 * @param seq the sequence of the oldest message shown
 * @param room the bound of what is returned, as of Bounded
 * @param first a sequence before which nothing is stored
 * @param stream the stream to read, if GET /v1/events does not follow it
 * @param signal ends the reading
 * @returns {Promise<{entries: object[], complete: boolean}>} the newest of the older messages in their order, and
 *   whether there are none before them
 */
export async function older(query, seq, room, options, first, stream, signal) {
  for (let window = WINDOW; ; window *= WIDER) {
    const from = Math.max(first, seq - window)
    if (from >= seq) return { entries: [], complete: true }
    const kept = new Bounded(room)
    let removed = 0
    const keep = event => { removed += kept.add(message(event)).length }
    if (stream) await stored(stream, query, from, seq, keep, signal)
    else await between({ ...query, tail: [], from: [`seq:${from}`], source: ['stream'] }, seq, keep, options, signal)
    removed += kept.trim().length
    if (kept.entries.length || from === first) return { entries: kept.entries, complete: from === first && !removed }
  }
}

async function stored(stream, query, from, end, keep, signal) {
  for await (const { message: event } of messages(stream, query, `seq:${from}`, signal)) {
    if (event.seq >= end) break
    keep(event)
  }
}

function between(query, end, keep, options, signal) {
  return new Promise((resolve, reject) => {
    let timeout
    const finish = (settle, value) => {
      clearTimeout(timeout)
      reader.close()
      settle(value)
    }
    const wait = () => {
      clearTimeout(timeout)
      timeout = setTimeout(() => finish(reject, new Error(`No older message was found within ${TIMEOUT_MS / 1_000} seconds`)), TIMEOUT_MS)
    }
    const reader = tail(query, {
      // The oldest message shown passes the same filters, so it or a later one ends the reading.
      message: event => {
        if (event.seq >= end) return finish(resolve)
        keep(event)
        wait()
      },
      refused: ({ detail, title }) => finish(reject, new Error(detail ?? title)),
    }, options)
    signal.addEventListener('abort', () => finish(reject, signal.reason), { once: true })
    wait()
  })
}

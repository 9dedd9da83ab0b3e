// Reads messages of a stream that are older than those shown, by an event stream of its own that ends where they begin.
import { tail } from '../sluice-events.js'
import { range } from './range.js'

const WINDOW = 500 // sequences to look back at first
const WIDER = 10 // times, as long as there was no such message
const PATIENCE_MS = 10_000 // without a message

/**
 * @param query the parameters of GET /v1/events, with the filters of the view
 * @param seq the sequence of the oldest message shown
 * @param most the number of messages that there is room for
 * @param first a sequence before which nothing is stored
 * @param stream the stream to read, if GET /v1/events does not follow it
 * @param signal ends the reading
 * @returns {Promise<{events: object[], complete: boolean}>} the newest of the older messages in their order, and
 *   whether there are none before them
 */
export async function older(query, seq, most, options, first, stream, signal) {
  for (let window = WINDOW; ; window *= WIDER) {
    const from = Math.max(first, seq - window)
    if (from >= seq) return { events: [], complete: true }
    const events = stream ? await stored(stream, query, from, seq, most, signal)
      : await between({ ...query, tail: [], from: [`seq:${from}`], source: ['stream'] }, seq, most, options, signal)
    if (events.length || from === first) return { events, complete: from === first && events.length < most }
  }
}

async function stored(stream, query, from, end, most, signal) {
  const { lines } = await range(stream, query, `seq:${from}`, ({ seq }) => seq >= end, () => {}, signal)
  return lines.slice(-most).map(line => JSON.parse(line))
}

function between(query, end, most, options, signal) {
  return new Promise((resolve, reject) => {
    let events = []
    let patience
    const finish = (settle, value) => {
      clearTimeout(patience)
      reader.close()
      settle(value)
    }
    const wait = () => {
      clearTimeout(patience)
      patience = setTimeout(() => finish(reject, new Error(`No older message was found within ${PATIENCE_MS / 1_000} seconds`)), PATIENCE_MS)
    }
    const reader = tail(query, {
      // The oldest message shown passes the same filters, so it or a later one ends the reading.
      message: event => {
        if (event.seq >= end) return finish(resolve, events.slice(-most))
        events.push(event)
        if (events.length > 2 * most) events = events.slice(-most)
        wait()
      },
      refused: ({ detail, title }) => finish(reject, new Error(detail ?? title)),
    }, options)
    signal.addEventListener('abort', () => finish(reject, signal.reason), { once: true })
    wait()
  })
}

// Headers of a message, and those of a request to Sluice that carry them.
import { Problem } from './http.js'

// Headers that Sluice takes by their own names; a message's other headers are sent as NatsH-*.
const OWN_NAME = /^(Content-Type|traceparent|tracestate|Nats-.*)$/i
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i // RFC 9110, section 5.6.2
const BEYOND_LATIN_1 = /[^\u0000-\u00ff]/
const ALTERED = /^[\t ]|[\t ]$|[\0\r\n]/ // a browser trims a value, and refuses line ends

/** The type of a text. */
export function mediaType(text) {
  try {
    JSON.parse(text)
    return 'application/json'
  } catch {
    return 'text/plain; charset=UTF-8'
  }
}

/** The headers of a message as [name, value]. */
export const pairs = headers => Object.entries(headers).flatMap(([name, values]) => values.map(value => [name, value]))

/**
 * The headers for another publication: an id of the first one would make the second a duplicate, the server sets its own
 * headers anew, and Sluice takes no header of its own from clients.
 */
export const repeated = headers => pairs(headers).filter(([name]) => !/^(Nats|Sluice)-/i.test(name))

/** The name of a header of a message in a request to Sluice. */
export const sentAs = name => OWN_NAME.test(name) ? name : `NatsH-${name}`

/**
 * The headers of a request that carries those of a message.
 *
 * @param named [name, value] of each
 * @throws Problem that names the header that a browser would not send as it is; the browser itself does not tell it
 */
export function requestHeaders(named) {
  const headers = new Headers()
  for (const [name, value] of named) {
    if (!TOKEN.test(name)) throw cannotSend(`${name} is not the name of a header: it has letters, digits and signs, but no space`)
    if (BEYOND_LATIN_1.test(value)) throw cannotSend(`A browser cannot send this value of ${name}: it has characters beyond Latin-1`)
    if (ALTERED.test(value)) throw cannotSend(`A browser cannot send this value of ${name}: it has a space at an end, or a line end`)
    if (headers.has(sentAs(name))) throw cannotSend(`A browser cannot send ${name} twice: it would make one value of both`)
    headers.set(sentAs(name), value)
  }
  return headers
}

const cannotSend = title => new Problem({ title, parameter: 'headers' })

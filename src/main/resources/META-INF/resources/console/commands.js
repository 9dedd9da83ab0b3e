// A message as a command for a shell that publishes it again.
import { resource } from './http.js'

/** The text as one word for a POSIX shell. */
export const quote = text => `'${text.replaceAll("'", "'\\''")}'`

// Headers that Sluice takes by their own names; a message's other headers are sent as NatsH-*.
const OWN_NAME = /^(Content-Type|traceparent|tracestate|Nats-.*)$/i

/** The headers of a message as [name, value]. */
export const pairs = headers => Object.entries(headers).flatMap(([name, values]) => values.map(value => [name, value]))

/**
 * The headers for another publication: an id of the first one would make the second a duplicate, the server sets its own
 * headers anew, and Sluice takes no header of its own from clients.
 */
export const repeated = headers => pairs(headers).filter(([name]) => !/^(Nats|Sluice)-/i.test(name))

/** Headers of a message as those of a request to Sluice. */
export const sent = named => named.map(([name, value]) => [OWN_NAME.test(name) ? name : `NatsH-${name}`, value])

export function curl({ subject, headers, base64, text }, named = repeated(headers)) {
  const url = resource('publish', subject)
  const options = sent(named).map(([name, value]) => ` -H ${quote(`${name}: ${value}`)}`).join('')
  const send = body => `curl${options} ${body} ${quote(url.href)}`
  // --data-binary would read the file of a text that begins with @.
  return base64 === undefined ? send(`--data-raw ${quote(text)}`) : `echo ${base64} | base64 -d | ${send('--data-binary @-')}`
}

export function nats({ subject, headers, base64, text }) {
  const options = repeated(headers).map(([name, value]) => ` -H ${quote(`${name}:${value}`)}`).join('')
  // What begins with a hyphen after -- is no option.
  return base64 === undefined ? `nats pub${options} -- ${quote(subject)} ${quote(text)}`
    : `echo ${base64} | base64 -d | nats pub${options} --force-stdin -- ${quote(subject)}`
}

/** A subject that the pattern matches. */
export const concrete = pattern =>
  pattern.split('.').map(token => ['*', '>'].includes(token) ? 'demo' : token).join('.')

// A message as a command for a shell that publishes it again.
import { base64, bytes } from './entry.js'
import { repeated, sentAs } from './headers.js'
import { resource } from './http.js'

const ARGUMENT_BYTES = 100 * 1024 // Linux takes 128 KiB as one argument
const NOT_TYPED = /[\u0000-\u0008\u000b-\u001f\u007f]/ // no argument has a NUL, and a terminal obeys other controls
const TEMPLATE = '{{'

const CONTROL = new RegExp(NOT_TYPED, 'g')
const octal = control => `'"$(printf '\\${control.charCodeAt(0).toString(8).padStart(3, '0')}')"'`

/** The text as one word for a POSIX shell. A terminal into which it is pasted sees no control of it. */
export const quote = text => `'${text.replaceAll("'", "'\\''").replaceAll(CONTROL, octal)}'`

/**
 * @param url where to send it
 * @param named its headers as [name, value]
 */
export function curl(message, url = resource('publish', message.subject), named = repeated(message.headers)) {
  // Without a type of its own, curl calls each body a form.
  const typed = named.some(([name]) => name.toLowerCase() === 'content-type') ? [] : ["-H 'Content-Type:'"]
  const options = [...named.map(([name, value]) => `-H ${quote(value ? `${sentAs(name)}: ${value}` : `${sentAs(name)};`)}`), ...typed].join(' ')
  const piped = body => `${body} | curl ${options} --data-binary @- ${quote(url.href)}`
  // --data-binary would read the file of a text that begins with @.
  return given(message, piped, text => `curl ${options} --data-raw ${text} ${quote(url.href)}`)
}

export function nats(message) {
  const { subject, headers } = message
  // The CLI takes each value as a template, whatever --templates says.
  const options = repeated(headers)
    .map(([name, value]) => ` -H ${quote(`${name}:${value.replaceAll(TEMPLATE, '{{"{{"}}')}`)}`).join('')
  const plain = [subject, new TextDecoder().decode(bytes(message))].some(text => text.includes(TEMPLATE)) ? ' --no-templates' : ''
  const piped = body => `${body} | nats pub${options}${plain} --force-stdin -- ${quote(subject)}`
  // What begins with a hyphen after -- is no option.
  return given(message, piped, text => `nats pub${options}${plain} -- ${quote(subject)} ${text}`)
}

// The payload as a pipe, or as one argument if a shell can take it as one.
function given(message, piped, argument) {
  const all = bytes(message)
  if (message.base64 !== undefined || NOT_TYPED.test(message.text)) return piped(`echo ${base64(all)} | base64 -d`)
  const text = quote(message.text)
  return all.length > ARGUMENT_BYTES ? piped(`printf %s ${text}`) : argument(text)
}

/** A subject that the pattern matches. */
export const concrete = pattern =>
  pattern.split('.').map(token => ['*', '>'].includes(token) ? 'demo' : token).join('.')

// A message as a command for a shell that publishes it again.
const quote = text => `'${text.replaceAll("'", "'\\''")}'`
const pairs = headers => Object.entries(headers).flatMap(([name, values]) => values.map(value => [name, value]))

// An id of the first publication would make the second a duplicate, and the server sets its own headers anew.
const repeatable = ([name]) => !/^Nats-/i.test(name)

export function curl({ subject, headers, base64, text }) {
  const url = new URL(`v1/publish/${encodeURIComponent(subject)}`, document.baseURI)
  const options = pairs(headers).filter(repeatable)
    .map(([name, value]) => ` -H ${quote(`${name === 'Content-Type' ? name : `NatsH-${name}`}: ${value}`)}`).join('')
  const send = body => `curl${options} --data-binary ${body} ${quote(url.href)}`
  return base64 === undefined ? send(quote(text)) : `echo ${base64} | base64 -d | ${send('@-')}`
}

export function nats({ subject, headers, base64, text }) {
  const options = pairs(headers).filter(repeatable).map(([name, value]) => ` -H ${quote(`${name}:${value}`)}`).join('')
  const send = body => `nats pub${options} ${quote(subject)}${body}`
  return base64 === undefined ? send(` ${quote(text)}`) : `echo ${base64} | base64 -d | ${send(' --force-stdin')}`
}

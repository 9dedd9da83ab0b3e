// Whether Sluice is ready, and why not.
import { json, resource, send } from './http.js'
import { facts, heading } from './parts.js'
import { withheld } from './permissions.js'
import { Poll } from './poll.js'
import { listable } from './streams.js'
import { connection } from './tail.js'
import { html, nothing, render } from './template.js'
import { number, visible } from './text.js'

const EVERY_MS = 5_000
const NOT_FOUND = 404
const UNAVAILABLE = 503
const TOLD = ['connected', 'reconnecting'] // states of a tail that are those of NATS
const MANAGEMENT = document.documentElement.dataset.management // the port of the checks, if that is not this one

export const title = 'Health'

export function open(box, parameters, { signal }) {
  const show = (answer, checks = nothing) => render(html`${heading([['Health']])}
    <div class="body">${answer}</div><div class="body">${checks}</div>`, box)
  show(nothing)
  let here = !MANAGEMENT // whether the checks can be; a proxy may keep them back
  const checks = async () => {
    if (!here) return elsewhere
    const response = await fetch(new URL('q/health', document.baseURI), { signal, cache: 'no-store' })
    here = response.status !== NOT_FOUND
    return here && response.headers.get('content-type')?.startsWith('application/json') ? report(await response.json()) : elsewhere
  }
  let connected
  let found = nothing
  new Poll(async () => {
    const begin = performance.now()
    try {
      await send(document.baseURI, { method: 'HEAD', signal, cache: 'no-store' })
      const millis = Math.round(performance.now() - begin)
      const answer = () => show(instance(true, `answers, ${number(millis)} ms`, connected), found)
      answer() // without what is asked next, which can take long
      ;[connected, found] = await Promise.all([nats(signal), checks()])
      answer()
      return true
    } catch {
      if (!signal.aborted) show(instance(false, 'does not answer'))
      return false
    }
  }, EVERY_MS, signal)
}

const instance = (up, text, connected) => facts([['This instance', status(up, text)], ['NATS', connected]])

/** As the tail that runs knows it, or as a request finds it; undefined if neither tells. */
async function nats(signal) {
  if (TOLD.includes(connection())) return `${connection()}, as the tail that runs knows it`
  if (withheld(listable)) return undefined
  try {
    await json(resource('streams'), { signal })
    return status(true, 'answers')
  } catch (failure) {
    return failure.status === UNAVAILABLE ? status(false, failure.message) : undefined
  }
}

const report = ({ status: all, checks }) => facts([
  ['All checks', state(all)],
  ...checks.map(({ name, status: one, data }) => [name, [state(one),
    Object.entries(data ?? {}).map(([key, value]) => html`<div class="soft">${visible(`${key}: ${value}`)}</div>`)]]),
])

const state = word => status(word === 'UP', word === 'UP' ? 'up' : 'down')

const status = (up, text) => html`<span class="state ${up ? 'up' : 'down'}">${text}</span>`

const PORT = MANAGEMENT ?? 9000
// In production these endpoints have a port of their own, which a page of this origin cannot read.
const elsewhere = html`<div class="note"><strong>The checks are on the management port</strong>
  <p>Health, readiness and metrics are not public in production. Where the service runs, at port ${PORT}:</p>
  <pre class="payload">curl http://localhost:${PORT}/q/health/ready
curl http://localhost:${PORT}/q/metrics</pre></div>`

// Whether Sluice is ready, and why not.
import { send } from './http.js'
import { facts, heading } from './parts.js'
import { Poll } from './poll.js'
import { connection } from './tail.js'
import { html, nothing, render } from './template.js'
import { number, visible } from './text.js'

const EVERY_MS = 5_000
const NOT_FOUND = 404

export const title = 'Health'

export function open(box, parameters, { signal }) {
  const show = (answer, checks = nothing) => render(html`${heading([['Health']])}
    <div class="body">${answer}</div><div class="body">${checks}</div>`, box)
  show(nothing)
  let here = true // whether the checks can be: in production they are on another port, and stay there
  const checks = async () => {
    if (!here) return elsewhere
    const response = await fetch(new URL('q/health', document.baseURI), { signal, cache: 'no-store' })
    here = response.status !== NOT_FOUND
    return here && response.headers.get('content-type')?.startsWith('application/json') ? report(await response.json()) : elsewhere
  }
  new Poll(async () => {
    const begin = performance.now()
    try {
      await send(document.baseURI, { method: 'HEAD', signal, cache: 'no-store' })
      const millis = Math.round(performance.now() - begin)
      show(instance(true, `answers, ${number(millis)} ms`), await checks())
      return true
    } catch {
      if (!signal.aborted) show(instance(false, 'does not answer'))
      return false
    }
  }, EVERY_MS, signal)
}

const instance = (up, text) => facts([['This instance', status(up, text)],
  ['NATS', connection() && `${connection()}, as the tail that runs knows it`]])

const report = ({ status: all, checks }) => facts([
  ['All checks', state(all)],
  ...checks.map(({ name, status: one, data }) => [name, [state(one),
    Object.entries(data ?? {}).map(([key, value]) => html`<div class="soft">${visible(`${key}: ${value}`)}</div>`)]]),
])

const state = word => status(word === 'UP', word === 'UP' ? 'up' : 'down')

const status = (up, text) => html`<span class="state ${up ? 'up' : 'down'}">${text}</span>`

// In production these endpoints have a port of their own, which a page of this origin cannot read.
const elsewhere = html`<div class="note"><strong>The checks are on the management port</strong>
  <p>Health, readiness and metrics are not public in production. Where the service runs, at port 9000 or the
    <code>quarkus.management.port</code> that was set:</p>
  <pre class="payload">curl http://localhost:9000/q/health/ready
curl http://localhost:9000/q/metrics</pre></div>`

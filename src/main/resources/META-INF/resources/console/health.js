// Whether Sluice is ready, and why not.
import { facts, heading } from './parts.js'
import { Poll } from './poll.js'
import { html, nothing, render } from './template.js'
import { number, visible } from './text.js'

const EVERY_MS = 5_000

export const title = 'Health'

export function open(box, parameters, { signal }) {
  const show = (answer, checks = nothing) => render(html`${heading([['Health']])}
    <div class="body">${answer}</div><div class="body">${checks}</div>`, box)
  show(nothing)
  new Poll(async () => {
    const begin = performance.now()
    try {
      const response = await fetch(new URL('q/health', document.baseURI), { signal, cache: 'no-store' })
      const millis = Math.round(performance.now() - begin)
      const checks = response.headers.get('content-type')?.startsWith('application/json') && response.status !== 404
        ? report(await response.json()) : elsewhere
      show(instance(true, `answers, ${number(millis)} ms`), checks)
      return true
    } catch {
      if (!signal.aborted) show(instance(false, 'does not answer'))
      return false
    }
  }, EVERY_MS, signal)
}

const instance = (up, text) => facts([['This instance', status(up, text)]])

const report = ({ status: all, checks }) => facts([
  ['All checks', state(all)],
  ...checks.map(({ name, status: one, data }) => [name, [state(one),
    Object.entries(data ?? {}).map(([key, value]) => html`<div class="soft">${visible(`${key}: ${value}`)}</div>`)]]),
])

const state = word => status(word === 'UP', word === 'UP' ? 'up' : 'down')

const status = (up, text) => html`<span class="state ${up ? 'up' : 'down'}">${text}</span>`

// In production these endpoints have a port of their own, which a page of this origin cannot read.
const elsewhere = html`<div class="note"><strong>The checks are on the management port</strong>
  <p>Health, readiness and metrics are not public in production. Where the service runs:</p>
  <pre class="payload">curl http://localhost:9000/q/health/ready
curl http://localhost:9000/q/metrics</pre></div>`

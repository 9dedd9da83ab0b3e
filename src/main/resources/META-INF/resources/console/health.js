// Whether Sluice is ready, and why not.
import { facts, heading } from './parts.js'
import { Poll } from './poll.js'
import { element, number, visible } from './text.js'

const EVERY_MS = 5_000

export const title = 'Health'

export function open(box, parameters, { signal }) {
  const answer = element('div', 'body')
  const checks = element('div', 'body')
  box.append(heading([['Health']]), answer, checks)
  new Poll(async () => {
    const begin = performance.now()
    try {
      const response = await fetch(new URL('q/health', document.baseURI), { signal, cache: 'no-store' })
      const millis = Math.round(performance.now() - begin)
      answer.replaceChildren(facts([['This instance', status(true, `answers, ${number(millis)} ms`)]]))
      checks.replaceChildren(...response.headers.get('content-type')?.startsWith('application/json') && response.status !== 404
        ? report(await response.json()) : [elsewhere()])
      return true
    } catch {
      if (signal.aborted) return false
      answer.replaceChildren(facts([['This instance', status(false, 'does not answer')]]))
      checks.replaceChildren()
      return false
    }
  }, EVERY_MS, signal)
}

function report({ status: all, checks }) {
  return [facts([
    ['All checks', status(all === 'UP', all === 'UP' ? 'up' : 'down')],
    ...checks.map(({ name, status: one, data }) => [name, [status(one === 'UP', one === 'UP' ? 'up' : 'down'),
      ...Object.entries(data ?? {}).map(([key, value]) => element('div', 'soft', visible(`${key}: ${value}`)))]]),
  ])]
}

function status(up, text) {
  return element('span', `state ${up ? 'up' : 'down'}`, text)
}

// In production these endpoints have a port of their own, which a page of this origin cannot read.
function elsewhere() {
  return element('div', 'note', element('strong', '', 'The checks are on the management port'),
    element('p', '', 'Health, readiness and metrics are not public in production. Where the service runs:'),
    element('pre', 'payload', 'curl http://localhost:9000/q/health/ready\ncurl http://localhost:9000/q/metrics'))
}

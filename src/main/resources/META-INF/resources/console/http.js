// Requests to Sluice. What Sluice refuses becomes a Refusal with its problem document. If it does not know the caller any
// more, the event `signed-out` tells it; if the caller may not do what was asked, the event `forbidden`. The event `heard`
// tells of each request who can be reached: 'nats', 'sluice' if nothing is known of NATS, 'unavailable', 'nobody'.
const TOLD = { 401: 'signed-out', 403: 'forbidden' }
export const UNAUTHENTICATED = 401
const UNAVAILABLE = '/problems/unavailable'
const PAGES = 8 // of a listing, each with 256 entries

/** With this, Sluice refuses whoever has no token. */
export const NO_TOKEN = { title: 'Unauthorized', status: UNAUTHENTICATED, detail: 'A bearer token is required' }

/**
 * Whether it is known that nobody is signed in, and that requests have no token. Sluice would refuse each of them, and the
 * browser would report an error in its console: so they are refused here.
 */
export let anonymous = false

export function setAnonymous(known) {
  anonymous = known
}

/** What cannot be done, and why: a problem document. */
export class Problem extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title)
    this.problem = problem
  }
}

/** What Sluice refuses. */
export class Refusal extends Problem {
  constructor(problem, response) {
    super(problem)
    this.status = response.status
    this.headers = response.headers
  }
}

/** There was no answer, or not all of it. */
export class Unreachable extends Error {}

/** The address of a resource, below the path that the page has. */
export const resource = (...segments) =>
  new URL(['v1', ...segments.map(encodeURIComponent)].join('/'), document.baseURI)

/**
 * The address of what has a name that may contain slashes. A slash is one of the path, unless a browser or a proxy would
 * shorten that path. Nothing keeps them from shortening the names `.` and `..`, which are refused.
 */
export function below(name, ...segments) {
  if (['.', '..'].includes(name)) {
    throw new Problem({ title: `The name ${name} has no address`, detail: 'A browser shortens a path with this name: use another NATS client' })
  }
  const parts = name.split('/')
  return parts.some(part => ['', '.', '..'].includes(part)) ? resource(...segments, name) : resource(...segments, ...parts)
}

/** Sends a request. Resolves with an answer that is a success, rejects with a Refusal or, without an answer, as Unreachable. */
export async function send(url, options = {}) {
  if (anonymous && String(url).startsWith(resource(''))) throw refusal(NO_TOKEN, new Response(null, { status: UNAUTHENTICATED }))
  const response = await whole(fetch(url, options))
  if (response.ok) {
    hear(String(url).startsWith(resource('')) ? 'nats' : 'sluice')
    return response
  }
  const problem = await problemOf(response)
  if (problem?.title) hear(problem.type === UNAVAILABLE ? 'unavailable' : 'sluice')
  throw refusal(problem, response)
}

export async function json(url, options) {
  const response = await send(url, options)
  return whole(response.json())
}

/** All entries of a listing, up to PAGES pages; `cut` tells how many these are if there are more. */
export async function listing(url, name, signal) {
  const entries = []
  let offset = 0
  for (let page = 0; page < PAGES && offset !== undefined; page++) {
    const from = new URL(url)
    if (offset) from.searchParams.set('offset', offset)
    const answer = await json(from, { signal })
    entries.push(...answer[name])
    offset = answer.next_offset
  }
  return { entries, cut: offset === undefined ? undefined : entries.length }
}

/** The Refusal of an answer that is no success, which is told to whom it concerns. A proxy in front may refuse in a form of its own. */
export function refusal(problem, response) {
  const { status } = response
  if (TOLD[status]) dispatchEvent(new Event(TOLD[status]))
  return new Refusal(problem?.title ? problem : { title: `Refused with status ${status}`, status }, response)
}

/** Sends a value as JSON. */
export const withJson = (method, value, options = {}) =>
  ({ ...options, method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) })

async function problemOf(response) {
  try {
    return await response.json()
  } catch {
    return undefined
  }
}

/** Awaits a part of an answer. A lost connection, which is a TypeError of fetch, becomes Unreachable. */
export async function whole(answer) {
  try {
    return await answer
  } catch (failure) {
    if (!(failure instanceof TypeError)) throw failure
    hear('nobody')
    throw new Unreachable(failure.message, { cause: failure })
  }
}

/** Tells who was heard, by the event `heard`. */
export const hear = detail => dispatchEvent(new CustomEvent('heard', { detail }))

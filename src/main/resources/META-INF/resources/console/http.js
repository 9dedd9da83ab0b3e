// Requests to Sluice. What Sluice refuses becomes a Refusal with its problem document. If it does not know the caller any
// more, the event `signed-out` tells it.
const UNAUTHENTICATED = 401

export class Refusal extends Error {
  constructor(problem, response) {
    super(problem.detail ?? problem.title)
    this.problem = problem
    this.status = response.status
    this.headers = response.headers
  }
}

/** The address of a resource, below the path that the page has. */
export const resource = (...segments) =>
  new URL(['v1', ...segments.map(encodeURIComponent)].join('/'), document.baseURI)

/**
 * The address of what has a name that may contain slashes. A slash is one of the path, unless a browser or a proxy would
 * shorten that path.
 */
export function below(name, ...segments) {
  const parts = name.split('/')
  return parts.some(part => ['', '.', '..'].includes(part)) ? resource(...segments, name) : resource(...segments, ...parts)
}

/** Sends a request. Resolves with an answer that is a success, rejects with a Refusal or, without an answer, a TypeError. */
export async function send(url, options = {}) {
  const response = await fetch(url, options)
  if (response.ok) return response
  if (response.status === UNAUTHENTICATED) dispatchEvent(new Event('signed-out'))
  throw new Refusal(await described(response), response)
}

export async function json(url, options) {
  return (await send(url, options)).json()
}

/** Sends a value as JSON. */
export const withJson = (method, value, options = {}) =>
  ({ ...options, method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) })

// A proxy in front may refuse in a form of its own.
async function described(response) {
  try {
    const problem = await response.json()
    if (problem?.title) return problem
  } catch {
    // The status remains.
  }
  return { title: `Refused with status ${response.status}`, status: response.status }
}

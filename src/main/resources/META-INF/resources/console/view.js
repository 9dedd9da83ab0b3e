// A view is what the address says: the parameters of GET /v1/events, and what is hidden, shown as columns and left out here.
const SERVER = ['subject', 'from', 'tail', 'contains', 'match', 'not', 'header', 'source']
const OWN = ['hide', 'column', 'to']
const DEFAULT_SUBJECTS = ['logs.>']

/** The view of an address: for each parameter an array. */
export function read(search = location.search) {
  const parameters = new URLSearchParams(search)
  return Object.fromEntries([...SERVER, ...OWN].map(name => [name, parameters.getAll(name).filter(Boolean)]))
}

/** The query part of an address of the view. */
export function write(view) {
  const parameters = new URLSearchParams(
    [...SERVER, ...OWN].flatMap(name => (view[name] ?? []).map(value => [name, value])))
  return parameters.size ? `?${parameters}` : ''
}

/** The parameters for the server. */
export function query(view) {
  return { ...Object.fromEntries(SERVER.map(name => [name, view[name]])), subject: subjects(view) }
}

export const subjects = view => view.subject.length ? view.subject : DEFAULT_SUBJECTS

/** The address that starts at a stored message and opens it. */
export function permalink(view, seq) {
  const at = { ...view, tail: [], from: [`seq:${seq}`], hide: [], to: [] }
  return `${location.origin}${location.pathname}${write(at)}#${seq}`
}

// A view is what the address says: the parameters of GET /v1/events, the stream if that does not follow it, and what is
// hidden, shown as columns and left out here.
import { allowed, may } from './permissions.js'

const FILTERS = ['contains', 'match', 'not', 'header', 'level']
const SERVER = ['subject', 'from', 'tail', ...FILTERS, 'source']
const OWN = ['stream', 'hide', 'column', 'to']
const AROUND = 25 // messages before the one
const USUAL = 'logs.>'
const MOST = 64 // patterns of a tail

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

export const subjects = view => view.subject.length ? view.subject : usual()

// Of a caller who may not see the usual subjects, those that are allowed, as many as one tail may have.
function usual() {
  const own = may('subscribe', USUAL) ? [] : allowed('subscribe').filter(pattern => may('subscribe', pattern))
  return own.length ? own.slice(0, MOST) : [USUAL]
}

/** The time that the view shows, {from, to}; undefined unless it begins and ends at a time. */
export const span = ({ from: [from], to: [to] }) =>
  to && from?.startsWith('time:') ? { from: new Date(from.slice('time:'.length)), to: new Date(to) } : undefined

/** The view without its filters. */
export const unfiltered = view => ({ ...view, ...Object.fromEntries(FILTERS.map(name => [name, []])) })

/** Whether the view leaves out messages of its subjects. */
export const filters = view => FILTERS.some(name => view[name].length)

/** The view without filters that starts shortly before a stored message. */
export const around = (view, seq) => ({
  ...unfiltered(view), tail: [], from: [`seq:${Math.max(1, seq - AROUND)}`], hide: [], to: [],
})

/** The view that starts at a stored message. */
export const startingAt = (view, seq) => ({ ...view, tail: [], from: [`seq:${seq}`], hide: [], to: [] })

/** The address that starts at a stored message and opens it. */
export const permalink = (view, seq) => `${location.origin}${location.pathname}${write(startingAt(view, seq))}#${seq}`

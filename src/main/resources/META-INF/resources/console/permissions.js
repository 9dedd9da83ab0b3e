// What the caller may do, so that the page does not offer what Sluice would refuse. Sluice decides; as long as the
// permissions are not known, the page offers everything.
import { UNAUTHENTICATED, anonymous, resource } from './http.js'

const TIMEOUT_MS = 2_000
const RETRY_MS = 2_000
const MAX_PAUSE_MS = 30_000
const NOBODY = { subscribe: { allow: ['>'], deny: [] } } // whoever is not signed in learns it from the tail

let permissions // verb → {allow, deny}; undefined while they are not known
let questions = 0 // an answer is outdated if they were asked for anew after it
let pause = RETRY_MS
let retry
let latest

/**
 * Asks for the permissions, at the start, when somebody signs in or out, when a session is renewed and after a request was
 * forbidden, and shows what they allow. Views learn of a change by the event `permissions`. Without an answer, what was known
 * remains, and it asks again.
 */
export function refresh() {
  latest = ask()
  return latest
}

async function ask() {
  const question = ++questions
  clearTimeout(retry)
  const answer = await read()
  if (question !== questions) return latest
  if (answer) {
    const changed = JSON.stringify(answer) !== JSON.stringify(permissions)
    permissions = answer
    pause = RETRY_MS
    show()
    if (changed) dispatchEvent(new Event('permissions'))
  } else {
    retry = setTimeout(refresh, pause)
    pause = Math.min(2 * pause, MAX_PAUSE_MS)
  }
  return undefined
}

async function read() {
  if (anonymous) return NOBODY
  try {
    const answer = await fetch(resource('permissions'), { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (answer.status === UNAUTHENTICATED) return NOBODY
    return answer.ok ? (await answer.json()).permissions : undefined
  } catch {
    return undefined
  }
}

function show() {
  for (const element of document.querySelectorAll('[data-needs]')) {
    element.toggleAttribute('data-withheld', withheld(element.dataset.needs))
  }
}

addEventListener('forbidden', refresh)

/** Whether all that `asked` matches is allowed and nothing of it is denied. */
export function may(verb, asked) {
  return judge(verb, ({ allow, deny }) => covers(allow, asked) && !touches(deny, asked))
}

/** Whether a part of what `asked` matches is allowed and not denied. */
export function maySome(verb, asked) {
  return judge(verb, ({ allow, deny }) => {
    const denied = deny.map(tokens)
    return intersections(allow, asked).some(common => !cover(common, denied))
  })
}

/** The patterns that a verb is allowed for; none as long as they are not known. */
export const allowed = verb => permissions?.[verb]?.allow ?? []

/**
 * Whether the page does not offer something.
 *
 * @param needs `verb what`, or several of them with ` or ` between; with `some ` before it, a part of it is enough
 */
export function withheld(needs) {
  return Boolean(needs) && !needs.split(' or ').some(need => {
    const [, some, verb, asked] = /^(some )?(\S+) (.*)$/.exec(need)
    return some ? maySome(verb, asked) : may(verb, asked)
  })
}

function judge(verb, question) {
  return permissions === undefined || question(permissions[verb] ?? { allow: [], deny: [] })
}

// Several patterns together can cover what no single one covers: a.* and a.*.> cover a.>.
function covers(patterns, asked) {
  return cover(tokens(asked), patterns.map(tokens))
}

function cover(asked, patterns) {
  if (!patterns.length) return false
  if (!asked.length) return patterns.some(pattern => !pattern.length)
  if (patterns.some(([first]) => first === '>')) return true
  const next = patterns.filter(([first]) => first === '*' || first === asked[0]).map(([, ...rest]) => rest)
  return asked[0] === '>' ? next.some(pattern => !pattern.length) && cover(asked, next) : cover(asked.slice(1), next)
}

function touches(patterns, asked) {
  return intersections(patterns, asked).length > 0
}

function intersections(patterns, asked) {
  return patterns.map(pattern => intersection(tokens(asked), tokens(pattern))).filter(Boolean)
}

// The pattern that matches what both match; undefined if there is no such subject.
function intersection(one, other) {
  if (!one.length || !other.length) return one.length === other.length ? [] : undefined
  if (one[0] === '>') return other
  if (other[0] === '>') return one
  if (one[0] !== other[0] && one[0] !== '*' && other[0] !== '*') return undefined
  const rest = intersection(one.slice(1), other.slice(1))
  return rest && [one[0] === '*' ? other[0] : one[0], ...rest]
}

function tokens(pattern) {
  return pattern.split('.')
}

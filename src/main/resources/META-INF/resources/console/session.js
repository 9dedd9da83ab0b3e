// Who is signed in. While the page is open it keeps the session alive: asking for it renews it when it ends soon.
import { anonymous, hear, setAnonymous, whole } from './http.js'
import { refresh } from './permissions.js'

const place = document.querySelector('#session')
const BEFORE = 'sluice.before-sign-in'
const AGAIN = 30
const TIMEOUT_MS = 2_000

let present
let next
let answer // to the last question
let lost = false // whether a request was refused as not signed in

/** Resolves with whether it is known who is signed in, soon in any case. */
export function known() {
  return Promise.race([answer, new Promise(done => setTimeout(done, TIMEOUT_MS, false))])
}

function ask() {
  answer = learn()
}

async function learn() {
  let session
  try {
    const response = await whole(fetch('session', { cache: 'no-store' }))
    if (response.ok) hear('sluice')
    session = response.ok ? await response.json() : { renew_in: AGAIN }
  } catch {
    session = { renew_in: AGAIN }
  }
  show(session)
  // A session that cannot be asked for now may be there still.
  const sure = !session.renew_in || Boolean(session.name)
  if (sure) {
    setAnonymous(Boolean(session.sign_in) && !session.token)
    changed(session.name)
  }
  if (session.name && lost) {
    lost = false
    dispatchEvent(new Event('signed-in'))
  }
  clearTimeout(next)
  if (session.renew_in) next = setTimeout(ask, session.renew_in * 1000)
  return sure
}

function changed(name) {
  if (!name && !present) return
  present = name
  refresh()
}

function show({ name, sign_in, sign_out, demo }) {
  for (const element of document.querySelectorAll('.demo')) element.hidden = !demo
  if (name) place.replaceChildren(name, ' ', link(sign_out, 'Sign out', () => ''))
  else if (sign_in) place.replaceChildren(link(sign_in, 'Sign in', () => location.search + location.hash))
}

/** A link to the issuer, which sends the browser back to the page without a view. Then the page shows `view`. */
function link(href, text, view) {
  const a = document.createElement('a')
  a.href = href
  a.textContent = text
  a.onclick = () => remember(view())
  return a
}

function remember(view) {
  try {
    if (view === null) sessionStorage.removeItem(BEFORE)
    else sessionStorage.setItem(BEFORE, view)
  } catch {
    // Without storage the page begins without a view.
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(BEFORE)
  } catch {
    return null
  }
}

addEventListener('signed-out', () => {
  lost = true
  if (present || anonymous) ask()
})
// Somebody may have signed in in another tab.
document.addEventListener('visibilitychange', () => { if (!document.hidden && !present) ask() })
const before = remembered()
remember(null)
if (before !== null && /^(\?state=[^&]*)?$/.test(location.search)) history.replaceState(null, '', before || location.pathname)
ask()

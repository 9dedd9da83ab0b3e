// Who is signed in. While the page is open it keeps the session alive: asking for it renews it when it ends soon.
import { refresh } from './permissions.js'

const place = document.querySelector('#session')
const BEFORE = 'sluice.before-sign-in'
const AGAIN = 30

let present

async function ask() {
  let session
  try {
    const answer = await fetch('session', { cache: 'no-store' })
    session = answer.ok ? await answer.json() : { renew_in: AGAIN }
  } catch {
    session = { renew_in: AGAIN }
  }
  show(session)
  // A session that cannot be asked for now may be there still.
  if (!session.renew_in || session.name) changed(session.name)
  if (session.renew_in) setTimeout(ask, session.renew_in * 1000)
}

function changed(name) {
  if (name === present) return
  present = name
  refresh()
}

function show({ name, sign_in, sign_out, demo }) {
  for (const button of document.querySelectorAll('.demo')) button.hidden = !demo
  if (name) place.replaceChildren(name, ' ', link(sign_out, 'Sign out'))
  else if (sign_in) place.replaceChildren(link(sign_in, 'Sign in'))
}

function link(href, text) {
  const a = document.createElement('a')
  a.href = href
  a.textContent = text
  a.onclick = () => sessionStorage.setItem(BEFORE, location.search)
  return a
}

// After signing in, the page shows what it showed before.
const before = sessionStorage.getItem(BEFORE)
sessionStorage.removeItem(BEFORE)
if (before && !location.search) location.replace(before)
else ask()

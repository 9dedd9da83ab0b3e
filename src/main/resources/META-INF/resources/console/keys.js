// Keys that act wherever the focus is, but for fields and what has keys of its own. Those of a character can be switched
// off (WCAG 2.1.4): somebody who dictates to the browser would press them by speaking.
const OWN_KEYS = 'input, select, textarea'
const PRESSED = 'button, summary, a' // take Space and Enter themselves

/** @param actions returns for each key what it does at this moment */
export function bind(actions) {
  addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (event.key.length === 1 && document.documentElement.hasAttribute('data-no-keys')) return
    const within = selector => event.target.closest?.(selector)
    if (within('dialog') || within(OWN_KEYS) && event.key !== 'Escape') return
    if (within(PRESSED) && [' ', 'Enter'].includes(event.key)) return
    if (within('.scrolls') && /^( |Arrow|Page|Home|End)/.test(event.key)) return
    const act = actions()[event.key]
    if (!act) return
    event.preventDefault()
    act()
  })
}

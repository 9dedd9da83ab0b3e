// Which view the address names. A link to a view is shown without loading the page again; leaving a view ends its work.
import { dismiss, mayLose, unsaved } from './dialog.js'
import { here } from './parts.js'
import { element } from './text.js'

const TAIL = 'tail'
const SHOWN = ['key', 'object', 'seq', 'bucket', 'store', 'stream'] // parameters that name what a view shows, the narrowest first

export class Router {
  #views
  #tail
  #links = [...document.querySelectorAll('#views a')]
  #page = document.getElementById('page')
  #leaving = new AbortController()
  #frame
  #address
  #title = document.title
  name

  /**
   * @param views for each name what fills a box: {title, open(box, parameters, frame)}. The frame has a signal that aborts
   *   when the view is left, and go(search, state). A view may set unsaved, which tells whether leaving loses something.
   * @param tail the view without a name in the address, which runs on while others are shown: {open(frame), search(), shown()}
   */
  constructor(views, tail) {
    this.#views = views
    this.#tail = tail
    onpopstate = () => this.#moved()
    onbeforeunload = event => { if (this.#unsaved) event.preventDefault() }
    addEventListener('click', event => this.#followed(event))
    addEventListener('searched', () => this.#linkTail())
    this.#open()
  }

  get names() {
    return this.#links.map(link => link.dataset.view)
  }

  /** Shows a view, if the page offers it. */
  show(name) {
    const link = this.#links.find(link => link.dataset.view === name)
    if (link.checkVisibility()) link.click()
  }

  /**
   * Goes to another address of this page.
   *
   * @param state what the view gets besides the address; the browser keeps it with the entry of its history
   */
  go(search, state = null) {
    if (!this.#mayLeave()) return
    history.pushState(state, '', search || location.pathname)
    this.#open()
    this.#focus()
  }

  // The browser has changed the address already. The tail changes its own.
  #moved() {
    if (this.#mayLeave()) {
      this.#open()
      this.#focus()
    } else history.pushState(null, '', this.name === TAIL ? this.#tail.search() || location.pathname : this.#address)
  }

  // What had the focus may be gone with the view that was left.
  #focus() {
    const { activeElement: focused } = document
    if (this.name !== TAIL) this.#page.focus()
    else if (focused === document.body || !focused.checkVisibility()) document.getElementById('events').focus()
  }

  get #unsaved() {
    return unsaved() || this.#frame?.unsaved?.()
  }

  #mayLeave() {
    return !this.#unsaved || mayLose()
  }

  #open() {
    this.#leaving.abort()
    dismiss()
    this.#leaving = new AbortController()
    const parameters = new URLSearchParams(location.search)
    const name = parameters.get('view') ?? (parameters.size ? TAIL : this.#first())
    const view = Object.hasOwn(this.#views, name) ? this.#views[name] : undefined
    this.name = view ? name : TAIL
    document.getElementById('tail').hidden = Boolean(view)
    this.#page.hidden = !view
    this.#page.replaceChildren()
    this.#page.setAttribute('aria-label', view?.title ?? '')
    this.#address = location.href
    const frame = this.#frame = { signal: this.#leaving.signal, go: (search, state) => this.go(search, state) }
    if (view) {
      const box = element('div', `view ${name}`)
      this.#page.append(box)
      this.#page.scrollTop = 0
      view.open(box, parameters, frame)
    } else this.#tail.open(frame)
    this.#linkTail()
    if (view) this.#entitle(SHOWN.map(parameter => parameters.get(parameter)).find(Boolean), view.title)
    for (const link of this.#links) {
      if (link.dataset.view === this.name) {
        link.setAttribute('aria-current', 'page')
        link.scrollIntoView({ block: 'nearest', inline: 'nearest' })
      } else link.removeAttribute('aria-current')
    }
  }

  /** The tail, or the first view that the caller may see. */
  #first() {
    return this.#links.find(link => link.checkVisibility())?.dataset.view ?? TAIL
  }

  #entitle(...parts) {
    document.title = [...parts, this.#title].filter(Boolean).join(' · ')
  }

  // The link leads to the tail that runs.
  #linkTail() {
    if (this.name === TAIL) this.#entitle(this.#tail.shown())
    this.#links.find(link => link.dataset.view === TAIL).setAttribute('href', this.#tail.search() || './')
  }

  #followed(event) {
    const link = event.target.closest?.('a[href]')
    if (!link || event.defaultPrevented || !here(event)) return
    if (link.target || link.download || link.origin !== location.origin || link.pathname !== location.pathname) return
    event.preventDefault()
    this.go(`${link.search}${link.hash}`)
  }
}

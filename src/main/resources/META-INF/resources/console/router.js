// Which view the address names. A link to a view is shown without loading the page again; leaving a view ends its work.
import { element } from './text.js'

const TAIL = 'tail'

export class Router {
  #views
  #tail
  #links = [...document.querySelectorAll('#views a')]
  #page = document.getElementById('page')
  #leaving = new AbortController()
  #title = document.title
  name

  /**
   * @param views for each name what fills a box: {title, open(box, parameters, {signal, go})}. The signal aborts when the
   *   view is left.
   * @param tail the view without a name in the address, which runs on while others are shown
   */
  constructor(views, tail) {
    this.#views = views
    this.#tail = tail
    onpopstate = () => this.#open()
    addEventListener('click', event => this.#followed(event))
    this.#open()
  }

  get names() {
    return this.#links.map(link => link.dataset.view)
  }

  show(name) {
    this.#links.find(link => link.dataset.view === name).click()
  }

  /**
   * Goes to another address of this page.
   *
   * @param state what the view gets besides the address; the browser keeps it with the entry of its history
   */
  go(search, state = null) {
    history.pushState(state, '', search || location.pathname)
    this.#open()
    if (this.name !== TAIL) this.#page.focus()
  }

  #open() {
    this.#leaving.abort()
    this.#leaving = new AbortController()
    const parameters = new URLSearchParams(location.search)
    const name = parameters.get('view') ?? TAIL
    const view = this.#views[name]
    this.name = view ? name : TAIL
    document.title = view ? `${view.title} · ${this.#title}` : this.#title
    document.getElementById('tail').hidden = Boolean(view)
    this.#page.hidden = !view
    this.#page.replaceChildren()
    this.#page.setAttribute('aria-label', view?.title ?? '')
    const frame = { signal: this.#leaving.signal, go: (search, state) => this.go(search, state) }
    if (view) {
      const box = element('div', `view ${name}`)
      this.#page.append(box)
      this.#page.scrollTop = 0
      view.open(box, parameters, frame)
    } else this.#tail.open(frame)
    for (const link of this.#links) {
      if (link.dataset.view === TAIL) link.setAttribute('href', this.#tail.search() || './')
      if (link.dataset.view === this.name) {
        link.setAttribute('aria-current', 'page')
        link.scrollIntoView({ block: 'nearest', inline: 'nearest' })
      } else link.removeAttribute('aria-current')
    }
  }

  #followed(event) {
    const link = event.target.closest?.('a[href]')
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (link.target || link.download || link.origin !== location.origin || link.pathname !== location.pathname) return
    event.preventDefault()
    this.go(`${link.search}${link.hash}`)
  }
}

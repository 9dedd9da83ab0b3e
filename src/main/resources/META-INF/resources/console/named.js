// Views of the tail that have a name, kept by this browser.
import { ask } from './dialog.js'
import { Memory } from './memory.js'
import { button, field } from './parts.js'
import { element } from './text.js'

export class NamedViews {
  #memory = new Memory('views')
  #list
  #search

  /** @param search returns the query part of the address of the present view */
  constructor(box, search) {
    this.#list = box.querySelector('ul')
    this.#search = search
    box.querySelector('button').onclick = () => this.#name()
    this.#show()
  }

  #show() {
    this.#list.replaceChildren(...[...this.#memory.all].map(([name, search]) => {
      const link = element('a', '', name)
      link.href = search || './'
      const forget = button('×', () => {
        this.#memory.forget(name)
        this.#show()
      })
      forget.setAttribute('aria-label', `Forget ${name}`)
      return element('li', '', link, forget)
    }))
  }

  async #name() {
    const done = await ask({
      title: 'Name this view',
      body: [element('p', '', 'This browser remembers the subjects, the filters and the columns under the name.'),
        field('Name', 'name', { required: true, maxLength: 60 })],
      action: 'Remember',
      act: form => this.#memory.keep(form.get('name').trim(), this.#search()),
    })
    if (done) this.#show()
  }
}

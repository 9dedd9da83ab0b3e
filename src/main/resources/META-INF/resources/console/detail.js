// One message, whole: what is known of it, its payload in several forms, and what can be done with it.
import { curl, nats } from './commands.js'
import { bytes } from './entry.js'
import { button, copyButton } from './parts.js'
import { payload } from './payload.js'
import { only } from './permissions.js'
import { clock, element, number, relative, visible } from './text.js'

const COVERS = '(max-width: 52rem)' // as in console.css: the pane covers the list

export class Detail {
  #pane
  #body
  #on
  entry

  /** @param on called for what a person does: closed(), solo(subject), hide(subject), around(entry), link(entry)
   *   returns an address, publish(entry) */
  constructor(pane, on) {
    this.#pane = pane
    this.#body = pane.querySelector('.body')
    this.#on = on
    pane.querySelector('.close').onclick = () => this.close()
  }

  get open() {
    return !this.#pane.hidden
  }

  show(entry) {
    this.entry = entry
    this.#pane.hidden = false
    this.#body.replaceChildren(this.#facts(entry), this.#actions(entry), ...payload(entry))
    this.#body.scrollTop = 0
    if (matchMedia(COVERS).matches) this.#pane.querySelector('.close').focus()
  }

  close() {
    this.#pane.hidden = true
    this.entry = undefined
    this.#on.closed()
  }

  #facts(entry) {
    const { subject, seq, time, headers } = entry
    const date = new Date(time)
    const facts = element('dl', 'facts')
    const add = (name, ...values) => facts.append(element('dt', '', name), element('dd', '', ...values))
    add('Subject', element('span', `subject colour-${entry.colour}`, visible(subject)))
    if (seq !== undefined) add('Sequence', number(seq))
    add('Time', `${clock(time)} · ${relative(date)}`, element('div', 'soft', date.toString().slice(0, 33)),
      element('div', 'soft', time))
    add('Size', `${number(bytes(entry).length)} bytes`)
    for (const [name, values] of Object.entries(headers)) {
      for (const value of values) add(visible(name), visible(value))
    }
    return facts
  }

  #actions(entry) {
    const copies = [['Copy text', () => entry.base64 ?? entry.text], ['Copy curl', () => curl(entry)],
      ['Copy nats', () => nats(entry)]]
    if (entry.seq !== undefined) copies.push(['Copy link', () => this.#on.link(entry)])
    return element('div', 'actions', ...copies.map(([label, make]) => copyButton(label, make)), button('Only this subject', () => this.#on.solo(entry.subject)),
    button('Hide this subject', () => this.#on.hide(entry.subject)),
    ...entry.seq === undefined ? [] : [button('Show around it', () => this.#on.around(entry))],
    only('some publish > or some request >', button('Publish again …', () => this.#on.publish(entry))))
  }
}

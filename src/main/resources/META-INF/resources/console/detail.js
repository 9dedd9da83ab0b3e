// One message, whole: what is known of it, its payload in several forms, and what can be done with it.
import { curl, nats } from './commands.js'
import { copy } from './clipboard.js'
import { bytes } from './entry.js'
import { hex } from './hex.js'
import { tree } from './json.js'
import { clock, element, number, visible } from './text.js'

const HEX_BYTES = 64 * 1024 // shown at first
const COVERS = '(max-width: 52rem)' // as in console.css: the pane covers the list
const UNITS = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1_000]]

export class Detail {
  #pane
  #body
  #on
  #form
  entry

  /** @param on called for what a person does: closed(), solo(subject), hide(subject), link(entry) returns an address */
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
    this.#body.replaceChildren(this.#facts(entry), this.#actions(entry), ...this.#payload(entry))
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
    return element('div', 'actions', ...copies.map(([label, make]) => button(label, async pressed => {
      pressed.textContent = await copy(make()) ? 'Copied' : 'Not allowed'
      setTimeout(() => { pressed.textContent = label }, 1_200)
    })), button('Only this subject', () => this.#on.solo(entry.subject)),
    button('Hide this subject', () => this.#on.hide(entry.subject)))
  }

  #payload(entry) {
    const forms = { Text: () => element('pre', 'payload', visible(plain(entry))), Hex: () => hexView(bytes(entry)) }
    const value = entry.base64 === undefined ? parsed(entry.text) : undefined
    const offered = value === undefined ? forms : { JSON: () => element('div', 'payload', tree(value)), ...forms }
    const names = Object.keys(offered)
    const chosen = names.includes(this.#form) ? this.#form : entry.base64 === undefined ? names[0] : 'Hex'
    const view = element('div', 'form')
    const tabs = element('div', 'tabs')
    tabs.setAttribute('role', 'group')
    tabs.setAttribute('aria-label', 'Form of the payload')
    const choose = name => {
      view.replaceChildren(offered[name]())
      for (const tab of tabs.children) tab.setAttribute('aria-pressed', tab.textContent === name)
    }
    tabs.append(...names.map(name => button(name, () => {
      this.#form = name
      choose(name)
    })))
    choose(chosen)
    return [tabs, view]
  }
}

function plain(entry) {
  return entry.base64 === undefined ? entry.text : new TextDecoder().decode(bytes(entry))
}

// Only objects and arrays: a number or a word needs no tree.
function parsed(text) {
  try {
    const value = JSON.parse(text)
    return value !== null && typeof value === 'object' ? value : undefined
  } catch {
    return undefined
  }
}

function hexView(all) {
  const view = element('pre', 'payload hex', hex(all.subarray(0, HEX_BYTES)))
  if (all.length <= HEX_BYTES) return view
  const more = button(`Show all ${number(all.length)} bytes`, () => {
    view.textContent = hex(all)
    more.remove()
  })
  return element('div', '', view, more)
}

function button(label, act) {
  const made = element('button', '', label)
  made.type = 'button'
  made.onclick = () => act(made)
  return made
}

function relative(date) {
  const passed = date - Date.now()
  const [unit, size] = UNITS.find(([, millis]) => Math.abs(passed) >= millis) ?? UNITS.at(-1)
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(Math.trunc(passed / size), unit)
}

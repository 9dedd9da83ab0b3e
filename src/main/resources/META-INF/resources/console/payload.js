// A payload in its forms: JSON as a tree that folds, text, and bytes.
import { bytes } from './entry.js'
import { hex } from './hex.js'
import { tree } from './json.js'
import { button } from './parts.js'
import { element, number, visible } from './text.js'

const HEX_BYTES = 64 * 1024 // shown at first

let preferred

/** The choice of a form, and the payload of an entry in it. The form that a person chose last is kept. */
export function payload(entry) {
  const forms = { Text: () => element('pre', 'payload', visible(plain(entry))), Hex: () => hexView(bytes(entry)) }
  const value = entry.base64 === undefined ? parsed(entry.text) : undefined
  const offered = value === undefined ? forms : { JSON: () => element('div', 'payload', tree(value)), ...forms }
  const names = Object.keys(offered)
  const view = element('div', 'form')
  const tabs = element('div', 'tabs')
  tabs.setAttribute('role', 'group')
  tabs.setAttribute('aria-label', 'Form of the payload')
  const choose = name => {
    view.replaceChildren(offered[name]())
    for (const tab of tabs.children) tab.setAttribute('aria-pressed', tab.textContent === name)
  }
  tabs.append(...names.map(name => button(name, () => {
    preferred = name
    choose(name)
  })))
  choose(names.includes(preferred) ? preferred : entry.base64 === undefined ? names[0] : 'Hex')
  return [tabs, view]
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

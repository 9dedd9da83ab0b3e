// Values of JSON, with their numbers as they were written, and as a tree that folds. Children are made when their parent is
// opened, CHUNK at a time.
import { element, shortened, visible } from './text.js'

const CHUNK = 100
const OPEN_DEPTH = 2
const OPEN_CHILDREN = 50
const LEAF = 4 * 1024 // characters of a value that are shown at first; there can be CHUNK of them
const LONG = /[\d.]{16}|\de[+-]?\d{3}/i // a number that JavaScript may not hold

/**
 * The value of a JSON text; undefined if it is none. A number that JavaScript would write in another way is a raw JSON value,
 * so `JSON.stringify` writes each number as the text has it. A browser that has no such values (before 2025) gets undefined
 * for a text with long numbers.
 */
export function parsed(text) {
  try {
    if (JSON.rawJSON) return JSON.parse(text, asWritten)
    return LONG.test(text) ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function asWritten(key, value, { source }) {
  return typeof value === 'number' && String(value) !== source ? JSON.rawJSON(source) : value
}

/** Whether a value is an object or an array. */
export const composite = value => value !== null && typeof value === 'object' && !JSON.isRawJSON?.(value)

export function tree(value, depth = 0) {
  if (!composite(value)) return leaf(value)
  const array = Array.isArray(value)
  const keys = array ? value : Object.keys(value)
  const [open, close] = array ? '[]' : '{}'
  if (!keys.length) return element('span', 'json-mark', open + close)
  const node = element('details', 'json')
  const count = `${keys.length} ${array ? 'item' : 'field'}${keys.length === 1 ? '' : 's'}`
  node.append(element('summary', '', open, element('span', 'json-count', count)))
  let filled = false
  const fill = () => {
    if (filled) return
    filled = true
    grow(node, value, array ? [...keys.keys()] : keys, array, depth, 0)
    node.append(element('span', 'json-mark', close))
  }
  node.addEventListener('toggle', () => node.open && fill())
  if (depth < OPEN_DEPTH && keys.length <= OPEN_CHILDREN || depth === 0) {
    fill()
    node.open = true
  }
  return node
}

/** The names that lead to a field within its tree, from an element of the field. */
export function pathOf(within) {
  const path = []
  for (let field = within.closest('.json-field'); field; field = field.parentElement.closest('.json-field')) path.unshift(field.dataset.key)
  return path
}

function grow(node, value, keys, array, depth, from) {
  const chunk = keys.slice(from, from + CHUNK).map(key => {
    const name = element('span', 'json-key', array ? String(key) : visible(JSON.stringify(key)))
    const child = tree(value[key], depth + 1)
    const field = element('div', 'json-field', child)
    // On the line on which an object or an array begins.
    ;(child.querySelector(':scope > summary') ?? field).prepend(name, ': ')
    field.dataset.key = key
    return field
  })
  if (from + CHUNK < keys.length) {
    const more = element('button', 'more', `${keys.length - from - CHUNK} more`)
    more.type = 'button'
    more.onclick = () => {
      const end = node.lastChild
      more.remove()
      grow(node, value, keys, array, depth, from + CHUNK)
      node.append(end)
    }
    chunk.push(more)
  }
  node.append(...chunk)
}

function leaf(value) {
  const kind = value === null ? 'null' : JSON.isRawJSON?.(value) ? 'number' : typeof value
  return element('span', `json-${kind}`, shortened(JSON.stringify(value), LEAF))
}
